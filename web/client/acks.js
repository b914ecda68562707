/** Between two calls: a burst costs ten a second. */
const PAUSE_MS = 100
const RETRY_MS = 5000

/**
 * Tells the server what has arrived: one call at a time, for everything that came meanwhile. One
 * that is lost loses nothing, since the cursor of the next connection says the same.
 */
export class Acks {
  #rest
  #environment
  /** @type {string | null} */
  #unsaid = null
  #busy = false
  #closed = false
  #isPaused = false
  #notBefore = 0
  /** @type {any} */
  #timer

  /**
   * @param {Pick<import('./rest.js').Rest, 'fetch'>} rest
   * @param {import('./environment.js').Environment} environment
   */
  constructor(rest, environment) {
    this.#rest = rest
    this.#environment = environment
  }

  /** Everything up to `cursor` is here. @param {string} cursor */
  note(cursor) {
    this.#unsaid = cursor
    this.#schedule()
  }

  /** Polls tell the server by their cursor; what the last one brought is said afterwards. */
  pause() {
    this.#isPaused = true
  }

  resume() {
    this.#isPaused = false
    this.#schedule()
  }

  /** A poll has told the server. */
  forget() {
    this.#unsaid = null
  }

  /** Say the rest while the page goes. */
  flush() {
    this.#environment.clearTimeout(this.#timer)
    this.#say()
  }

  close() {
    this.flush()
    this.#closed = true
  }

  #schedule() {
    if (this.#busy || this.#closed || this.#isPaused) return
    const { clearTimeout, setTimeout, now } = this.#environment
    const pause = this.#notBefore - now()
    clearTimeout(this.#timer)
    // Without a timer where there is no need: in a hidden tab they come up to a minute late.
    if (pause <= 0) queueMicrotask(() => this.#say())
    else this.#timer = setTimeout(() => this.#say(), pause)
  }

  async #say() {
    const cursor = this.#unsaid
    if (cursor === null || this.#busy || this.#closed) return
    this.#unsaid = null
    this.#busy = true
    let pause = PAUSE_MS
    try {
      await this.#rest.fetch('/v1/sse/ack', { method: 'POST', json: { cursor }, keepalive: true })
    } catch (error) {
      // A cursor that is refused is of a store that is gone: `reset` follows.
      const isRefused = /** @type {{status?: number}} */ (error).status === 422
      if (!isRefused) this.#unsaid ??= cursor
      pause = RETRY_MS
    }
    this.#notBefore = this.#environment.now() + pause
    this.#busy = false
    if (this.#unsaid !== null) this.#schedule()
  }
}
