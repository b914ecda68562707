/** How often a follower looks whether its leader answers, and how long an answer may take. */
const LOOK_MS = 60_000
const ANSWER_MS = 5000
/** Timers sleep with their page: an answer may wait behind one that fires at once on waking. */
const SLEPT_MS = 1000

/**
 * One leader among the tabs of a browser, by a lock that the browser passes on when its holder
 * goes. A holder that is frozen keeps the lock: it is taken from it once it doesn't answer.
 *
 * @typedef {{kind: 'hello'} |
 *   {kind: 'state', state: import('./index.d.ts').State, cursor: string | null} |
 *   {kind: 'notification', notification: import('./index.d.ts').Notification, cursor: string,
 *     before: string | null} |
 *   {kind: 'reset', reset: import('./index.d.ts').Reset}} Message
 */
export class Tabs {
  isLeading = false

  #name
  #environment
  #on
  #channel
  #isClosed = false
  #queue = new AbortController()
  /** @type {() => void} */
  #release = () => {}
  #heard = 0
  /** @type {any} */
  #timer

  /** @param {import('./environment.js').Environment} environment */
  static areShareable({ locks, BroadcastChannel }) {
    return Boolean(locks && BroadcastChannel)
  }

  /**
   * @param {string} name of the mailbox: whoever follows the same shares a stream
   * @param {import('./environment.js').Environment} environment
   * @param {{lead: () => void, follow: () => void, message: (message: Message) => void,
   *   hello: () => void}} on  `lead` and `follow` when this tab's part changes; `hello` when
   *   somebody asks the leader where it is
   */
  constructor(name, environment, on) {
    this.#name = name
    this.#environment = environment
    this.#on = on
    const Channel = /** @type {NonNullable<typeof environment.BroadcastChannel>} */ (
      environment.BroadcastChannel
    )
    this.#channel = new Channel(name)
    this.#channel.onmessage = ({ data }) => this.#hear(data)
    this.#stand({ signal: this.#queue.signal })
    this.look()
  }

  /** @param {Message} message */
  tell(message) {
    if (!this.#isClosed) this.#channel.postMessage(message)
  }

  /** Ask the leader for a sign of life; without one, lead. */
  look() {
    if (this.isLeading || this.#isClosed) return
    const { clearTimeout, setTimeout, now } = this.#environment
    const [asked, heard] = [now(), this.#heard]
    this.tell({ kind: 'hello' })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#heard !== heard) this.#timer = setTimeout(() => this.look(), LOOK_MS)
      else if (now() - asked > ANSWER_MS + SLEPT_MS) this.look()
      else this.#takeOver()
    }, ANSWER_MS)
  }

  close() {
    this.#isClosed = true
    this.isLeading = false
    this.#environment.clearTimeout(this.#timer)
    this.#queue.abort()
    this.#release()
    this.#channel.close()
  }

  /** @param {Message} message */
  #hear(message) {
    if (message.kind === 'hello') {
      if (this.isLeading) this.#on.hello()
      return
    }
    this.#heard++
    // Another tab took the lead, and the news of that is still on its way.
    if (!this.isLeading) this.#on.message(message)
  }

  #takeOver() {
    if (this.isLeading || this.#isClosed) return
    this.#queue.abort()
    this.#queue = new AbortController()
    this.#stand({ steal: true })
  }

  /** @param {LockOptions} options */
  async #stand(options) {
    const locks = /** @type {NonNullable<import('./environment.js').Environment['locks']>} */ (
      this.#environment.locks
    )
    let hasLed = false
    try {
      await locks.request(this.#name, options, () => {
        hasLed = true
        return this.#lead()
      })
    } catch {
      // Taken from us, or no longer wanted, or refused.
    }
    if (this.#isClosed || options.signal?.aborted) return
    // There are no locks here, as in a frame without an origin: this tab has a stream of its own.
    if (!hasLed) return void this.#lead()
    this.isLeading = false
    this.#on.follow()
    this.#queue = new AbortController()
    this.#stand({ signal: this.#queue.signal })
    this.look()
  }

  /** @returns {Promise<void>} settled once the lead is given up */
  #lead() {
    if (this.#isClosed) return Promise.resolve()
    this.#environment.clearTimeout(this.#timer)
    this.isLeading = true
    this.#on.lead()
    return new Promise((resolve) => (this.#release = resolve))
  }
}
