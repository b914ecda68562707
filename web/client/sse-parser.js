/**
 * Bytes to events, as the standard says:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * @typedef {{type: string, data: string, lastEventId: string}} StreamEvent
 */

export class SseParser {
  /** The last `retry:`, in milliseconds. @type {number | null} */
  retry = null
  // Takes a BOM off, and holds a character back that is split over chunks.
  #decoder = new TextDecoder()
  #line = ''
  #endedWithCr = false
  #type = ''
  /** @type {string[]} */
  #data = []
  #lastEventId = ''

  /**
   * @param {Uint8Array} chunk split anywhere
   * @returns {StreamEvent[]} those that it completes; an event that the end cuts short never comes
   */
  feed(chunk) {
    /** @type {StreamEvent[]} */
    const events = []
    let text = this.#decoder.decode(chunk, { stream: true })
    if (text === '') return events
    // The LF of a CRLF that was split over chunks.
    if (this.#endedWithCr && text[0] === '\n') text = text.slice(1)
    this.#endedWithCr = text === '' ? false : text.endsWith('\r')
    const lines = text.split(/\r\n|\n|\r/)
    lines[0] = this.#line + lines[0]
    this.#line = /** @type {string} */ (lines.pop())
    for (const line of lines) {
      const event = this.#take(line)
      if (event) events.push(event)
    }
    return events
  }

  /** @param {string} line */
  #take(line) {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.#type = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#lastEventId = value
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.retry = Number(value)
    return null
  }

  #dispatch() {
    const [type, data] = [this.#type || 'message', this.#data]
    this.#type = ''
    this.#data = []
    if (data.length === 0) return null
    return { type, data: data.join('\n'), lastEventId: this.#lastEventId }
  }
}
