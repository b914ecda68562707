const FIRST_MS = 1000
const LONGEST_MS = 30_000

/**
 * Pauses between tries. The first one is what the server said by `retry:`, which it draws anew for
 * each stream; the next ones double, and are drawn from their upper half, so that clients that were
 * cut off together don't come back together.
 */
export class Backoff {
  #random
  #failures = 0
  #retry = FIRST_MS

  /** @param {() => number} random */
  constructor(random) {
    this.#random = random
  }

  /** Tries in a row that failed. */
  get failures() {
    return this.#failures
  }

  /** The server's `retry:`. @param {number | null} milliseconds */
  told(milliseconds) {
    if (milliseconds !== null) this.#retry = milliseconds
  }

  /** It worked: the next pause is a first one again. */
  reset() {
    this.#failures = 0
  }

  /** After a stream that worked: the pause that its server asked for. */
  afterEnd() {
    return this.#retry
  }

  /**
   * After a failure.
   *
   * @param {number | null} [retryAfter] seconds, never undercut
   */
  afterFailure(retryAfter = null) {
    const exponent = Math.min(this.#failures++, 10)
    const longest = Math.min(Math.max(this.#retry, FIRST_MS) * 2 ** exponent, LONGEST_MS)
    const pause = longest * (0.5 + this.#random() / 2)
    return retryAfter === null ? pause : Math.max(pause, retryAfter * 1000 + this.#random() * 1000)
  }
}
