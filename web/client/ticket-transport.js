/** Seconds before its end at which a ticket is too old to open a stream with. */
const MARGIN = 30
const EVENTS = ['connected', 'reset', 'notification', 'heartbeat', 'token_expired', 'closed']

/**
 * Streams over the browser's own `EventSource`, which sends no headers: a ticket in the query opens
 * them. Each is used once, and rebuilt by us: its own reconnect gives up for good on any error
 * that a gateway answers, and knows neither jitter nor a ticket's end.
 */
export class TicketTransport {
  #rest
  #environment
  #ticket = ''
  #endsAt = 0

  /**
   * @param {import('./rest.js').Rest} rest
   * @param {import('./environment.js').Environment} environment
   */
  constructor(rest, environment) {
    this.#rest = rest
    this.#environment = environment
  }

  /**
   * Throws what buying a ticket throws: an `EventSource` itself never says why it failed.
   *
   * @param {{url: URL, cursor: string | null}} request
   * @returns {Promise<import('./stream.js').Transport>}
   */
  async open({ url, cursor }) {
    if (this.#environment.now() > this.#endsAt) await this.#buy()
    url.searchParams.set('ticket', this.#ticket)
    if (cursor !== null) url.searchParams.set('lastEventId', cursor)
    return (signal, take) => this.#follow(String(url), signal, take)
  }

  async #buy() {
    const response = await this.#rest.fetch('/v1/sse/ticket', { method: 'POST' })
    const { ticket, expiresIn } = await response.json()
    this.#ticket = ticket
    this.#endsAt = this.#environment.now() + (expiresIn - MARGIN) * 1000
  }

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   * @param {Parameters<import('./stream.js').Transport>[1]} take
   * @returns {Promise<void>}
   */
  #follow(url, signal, take) {
    return new Promise((resolve, reject) => {
      const EventSource = /** @type {typeof globalThis.EventSource} */ (
        this.#environment.EventSource
      )
      const source = new EventSource(url)
      signal.addEventListener('abort', () => source.close())
      for (const type of EVENTS) {
        source.addEventListener(type, ({ data, lastEventId }) => {
          // The end of a stream's token is the end of its tickets.
          if (type === 'token_expired') this.#endsAt = 0
          take([{ type, data, lastEventId }], null)
        })
      }
      let isOpen = false
      source.onopen = () => (isOpen = true)
      source.onerror = () => {
        source.close()
        // Perhaps it was the ticket: the next stream gets a new one.
        if (!isOpen) this.#endsAt = 0
        if (isOpen) resolve()
        else reject(new TypeError('The stream did not open.'))
      }
    })
  }
}
