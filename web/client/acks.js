const GATHER_MS = 50
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
    this.#sayIn(GATHER_MS)
  }

  /** Something else tells the server. */
  forget() {
    this.#unsaid = null
  }

  /** Say the rest while the page goes. */
  flush() {
    this.#environment.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#say()
  }

  close() {
    this.flush()
    this.#closed = true
  }

  /** @param {number} delay */
  #sayIn(delay) {
    if (this.#busy || this.#closed || this.#timer !== undefined) return
    this.#timer = this.#environment.setTimeout(() => {
      this.#timer = undefined
      this.#say()
    }, delay)
  }

  async #say() {
    const cursor = this.#unsaid
    if (cursor === null || this.#busy || this.#closed) return
    this.#unsaid = null
    this.#busy = true
    let pause = GATHER_MS
    try {
      await this.#rest.fetch('/v1/sse/ack', { method: 'POST', json: { cursor }, keepalive: true })
    } catch (error) {
      // A cursor that is refused is of a store that is gone: `reset` follows.
      const isRefused = /** @type {{status?: number}} */ (error).status === 422
      if (!isRefused) this.#unsaid ??= cursor
      pause = RETRY_MS
    }
    this.#busy = false
    if (this.#unsaid !== null) this.#sayIn(pause)
  }
}
