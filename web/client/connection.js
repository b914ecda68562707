import { Backoff } from './backoff.js'
import { SignedOut } from './errors.js'
import { Fallback } from './fallback.js'
import { Stream } from './stream.js'

/** Streams that fail in a row before polls are tried: something may refuse streams alone. */
const FAILURES_BEFORE_POLLING = 3
const FIRST_PROBE_MS = 5000
const LONGEST_PROBE_MS = 300_000
/** A stream that lived for so long works. */
const PROVEN_MS = 60_000
/** After one whose token expired sooner, there is a pause: it must not become a loop. */
const HASTE_MS = 2000
/** Where the browser says that it is offline, which is not always so. */
const OFFLINE_MS = 30_000

/**
 * Keeps a way to the server open: a stream, or polls where none gets through.
 *
 * @typedef {import('./stream.js').Ending} Ending
 */
export class Connection {
  #parts
  #on
  #backoff
  #stopped = false
  #refusals = 0
  #probeDelay = FIRST_PROBE_MS
  /** Why to poll, instead of opening a stream. @type {Ending['kind'] | null} */
  #pollBecause = null
  /** @type {Ending['kind'] | null} */
  #lastEnding = null
  /** @type {Stream | null} */
  #stream = null
  /** @type {Fallback | null} */
  #fallback = null

  /**
   * @param {{
   *   transport: (token: string) => Promise<import('./stream.js').Transport>,
   *   poll: import('./long-poll.js').LongPoll,
   *   acks: import('./acks.js').Acks | null,
   *   receiver: import('./receiver.js').Receiver,
   *   session: import('./session.js').Session,
   *   environment: import('./environment.js').Environment,
   *   pauses: import('./pauses.js').Pauses,
   *   on: {state: (state: import('./index.d.ts').State) => void, error: (error: Error) => void},
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts
    this.#on = parts.on
    this.#backoff = new Backoff(parts.environment.random)
  }

  /** Returns once it is stopped, or nobody is signed in any more. */
  async run() {
    this.#on.state('connecting')
    while (!this.#stopped) {
      try {
        if (this.#pollBecause) await this.#pollMeanwhile(this.#pollBecause)
        else await this.#follow(await this.#opened())
      } catch (error) {
        if (error instanceof SignedOut) return
        await this.#failed({ kind: 'failed', error: /** @type {Error} */ (error) })
      }
    }
  }

  stop() {
    this.#stopped = true
    this.#stream?.close()
    this.#fallback?.stop()
    this.#parts.pauses.wake()
  }

  /**
   * How far the receiver is; it hears from streams on probation, too.
   *
   * @param {'catching-up' | 'live'} state
   */
  progress(state) {
    if (!this.#fallback) this.#on.state(state)
  }

  /** Something may have changed for the better: see what still lives, wait no longer. */
  wake() {
    if (this.#stream && !this.#stream.isFresh) this.#stream.close('slept')
    this.#parts.pauses.wake()
  }

  offline() {
    this.#on.state('offline')
    this.#stream?.close()
    this.#fallback?.offline()
  }

  async #opened() {
    const { session, transport, receiver, environment } = this.#parts
    const token = await session.token()
    const stream = new Stream(
      await transport(token),
      token,
      receiver.event.bind(receiver),
      environment,
    )
    if (this.#stopped) stream.close()
    return stream
  }

  /** @param {Stream} stream */
  async #follow(stream) {
    const began = this.#parts.environment.now()
    this.#stream = stream
    if (await stream.connected) {
      this.#backoff.reset()
      this.#refusals = 0
    }
    const ending = await stream.ended
    this.#stream = null
    this.#parts.receiver.cutOff()
    this.#backoff.told(stream.retry)
    const age = this.#parts.environment.now() - began
    if (age > PROVEN_MS) this.#probeDelay = FIRST_PROBE_MS
    if (!this.#stopped) await this.#react(ending, stream, age)
  }

  /**
   * @param {Ending} ending
   * @param {Stream} stream
   * @param {number} age in milliseconds
   */
  async #react(ending, stream, age) {
    const last = this.#lastEnding
    this.#lastEnding = ending.kind
    switch (ending.kind) {
      case 'ended':
        this.#on.state('connecting')
        return this.#parts.pauses.sleep(this.#backoff.afterEnd())
      case 'expired':
        await this.#parts.session.afterExpiry(stream.token)
        return age < HASTE_MS ? this.#parts.pauses.sleep(this.#backoff.afterFailure()) : undefined
      case 'gap':
        return undefined
      case 'slept':
        // Once is a sleep. Twice in a row is a page whose timers are held back, on a silent stream.
        if (last === 'slept') this.#pollBecause = 'silent'
        return this.#on.state('connecting')
      case 'left':
        return this.#parts.pauses.sleep(OFFLINE_MS)
      case 'refused':
        return this.#refused(stream.token)
      case 'failed':
        return this.#failed(ending)
      case 'closed':
        this.#on.error(new Error('This user has too many streams; notifications are polled for.'))
        this.#probeDelay = Math.max(this.#probeDelay, this.#backoff.afterEnd())
    }
    this.#pollBecause = ending.kind
  }

  /** @param {string} token */
  async #refused(token) {
    if (this.#refusals > 0) return this.#parts.session.refusedForGood()
    await this.#parts.session.after(token)
    // Not before: an application that could not renew it now offers the same once more.
    this.#refusals++
  }

  /** @param {Ending} ending */
  async #failed({ kind, error, retryAfter }) {
    this.#on.state('offline')
    if (error) this.#on.error(error)
    await this.#parts.pauses.sleep(this.#backoff.afterFailure(retryAfter))
    if (this.#backoff.failures >= FAILURES_BEFORE_POLLING) this.#pollBecause = kind
  }

  /** @param {Ending['kind']} why */
  async #pollMeanwhile(why) {
    const delay = this.#probeDelay
    this.#probeDelay = Math.min(delay * 2, LONGEST_PROBE_MS)
    this.#fallback = new Fallback({ ...this.#parts, open: () => this.#opened() })
    let stream
    try {
      stream = await this.#fallback.run(delay, why === 'silent')
    } finally {
      this.#fallback = null
      this.#pollBecause = null
    }
    if (!stream || this.#stopped) return stream?.close()
    this.#on.state(this.#parts.receiver.isCaughtUp ? 'live' : 'catching-up')
    await this.#follow(stream)
  }
}
