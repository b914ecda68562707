import { Problem } from './errors.js'
import { SseParser } from './sse-parser.js'

/**
 * A stream over `fetch`, which sends the token as a header.
 *
 * @param {{url: URL, token: string, cursor: string | null,
 *   environment: import('./environment.js').Environment}} request
 * @returns {import('./stream.js').Transport}
 */
export function fetchTransport({ url, token, cursor, environment }) {
  return async (signal, take) => {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'text/event-stream', Authorization: `Bearer ${token}` }
    if (cursor !== null) headers['Last-Event-ID'] = cursor
    const response = await environment.fetch(url, { headers, signal, cache: 'no-store' })
    if (!response.ok) throw await Problem.from(response)
    const type = response.headers.get('Content-Type') ?? ''
    if (!response.body || !type.startsWith('text/event-stream')) {
      // A hotel's login page, for instance.
      throw new TypeError(`Something answers in the server's place, with ${type || 'nothing'}.`)
    }
    const reader = response.body.getReader()
    const parser = new SseParser()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      take(parser.feed(value), parser.retry)
    }
  }
}
