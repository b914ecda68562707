/** Seconds that the server may hold a poll, and milliseconds after which it is taken for lost. */
export const HOLD = 30
const EXTRA_MS = 15_000

/** Asks for what follows the place in the mailbox. */
export class LongPoll {
  #rest
  #inbox
  #acks
  #environment
  /** @type {AbortController | null} */
  #abort = null

  /**
   * @param {import('./rest.js').Rest} rest
   * @param {import('./inbox.js').Inbox} inbox
   * @param {import('./acks.js').Acks | null} acks
   * @param {import('./environment.js').Environment} environment
   */
  constructor(rest, inbox, acks, environment) {
    this.#rest = rest
    this.#inbox = inbox
    this.#acks = acks
    this.#environment = environment
  }

  /**
   * One call, held for up to `hold` seconds. Throws Problem, SignedOut, and what `fetch` throws
   * when it is lost or aborted.
   *
   * @param {number} hold
   */
  async ask(hold) {
    const { setTimeout, clearTimeout } = this.#environment
    const abort = (this.#abort = new AbortController())
    const timer = setTimeout(() => abort.abort(), hold * 1000 + EXTRA_MS)
    const query = new URLSearchParams({ timeout: String(hold) })
    if (this.#acks) query.set('ack', 'client')
    if (this.#inbox.cursor !== null) query.set('after', this.#inbox.cursor)
    // `after` says it to the server.
    this.#acks?.forget()
    try {
      const init = { signal: abort.signal, cache: /** @type {const} */ ('no-store') }
      const response = await this.#rest.fetch(`/v1/sse/poll?${query}`, init)
      return await response.json()
    } finally {
      clearTimeout(timer)
    }
  }

  abort() {
    this.#abort?.abort()
  }
}
