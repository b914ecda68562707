import { Backoff } from './backoff.js'
import { SignedOut } from './errors.js'
import { Stream } from './stream.js'

/** Keeps a way to the server open. */
export class Connection {
  #open
  #receiver
  #session
  #environment
  #on
  #backoff
  #stopped = false
  #refusals = 0
  /** @type {Stream | null} */
  #stream = null
  /** @type {() => void} */
  #wake = () => {}

  /**
   * @param {{
   *   open: (token: string) => Promise<import('./stream.js').Transport>,
   *   receiver: import('./receiver.js').Receiver,
   *   session: import('./session.js').Session,
   *   environment: import('./environment.js').Environment,
   *   on: {state: (state: import('./index.d.ts').State) => void, error: (error: Error) => void},
   * }} parts
   */
  constructor({ open, receiver, session, environment, on }) {
    this.#open = open
    this.#receiver = receiver
    this.#session = session
    this.#environment = environment
    this.#on = on
    this.#backoff = new Backoff(environment.random)
  }

  async run() {
    this.#on.state('connecting')
    while (!this.#stopped) {
      try {
        await this.#follow(await this.#session.token())
      } catch (error) {
        if (error instanceof SignedOut) return
        this.#on.error(/** @type {Error} */ (error))
        this.#on.state('offline')
        await this.#sleep(this.#backoff.afterFailure())
      }
    }
  }

  stop() {
    this.#stopped = true
    this.#stream?.close()
    this.#wake()
  }

  /** @param {string} token */
  async #follow(token) {
    const transport = await this.#open(token)
    if (this.#stopped) return
    const receiver = this.#receiver
    this.#stream = new Stream(transport, receiver.event.bind(receiver), this.#environment)
    if (await this.#stream.connected) {
      this.#backoff.reset()
      this.#refusals = 0
    }
    const ending = await this.#stream.ended
    this.#backoff.told(this.#stream.retry)
    if (this.#stopped) return
    if (ending.kind === 'refused') return this.#refused(token)
    if (ending.kind === 'expired') await this.#session.afterExpiry(token)
    if (ending.kind === 'ended') this.#on.state('connecting')
    else this.#on.state('offline')
    await this.#sleep(ending.kind === 'ended' ? this.#backoff.afterEnd() : this.#backoff.afterFailure())
  }

  /** @param {string} token */
  async #refused(token) {
    if (++this.#refusals > 1) return this.#session.refusedForGood()
    await this.#session.after(token)
  }

  /** @param {number} milliseconds */
  #sleep(milliseconds) {
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const timer = this.#environment.setTimeout(resolve, milliseconds)
      this.#wake = () => {
        this.#environment.clearTimeout(timer)
        resolve()
      }
    })
  }
}
