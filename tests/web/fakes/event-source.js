import { SseParser } from '../../../web/client/sse-parser.js'

/** As browsers have it, without its own reconnecting: the client never lets it come to that. */
export function eventSourceOf(fetch) {
  return class extends EventTarget {
    #abort = new AbortController()

    constructor(url) {
      super()
      this.#run(url)
    }

    close() {
      this.#abort.abort()
    }

    async #run(url) {
      try {
        const response = await fetch(url, { signal: this.#abort.signal })
        if (!response.ok) throw new Error(`status ${response.status}`)
        this.onopen?.()
        const parser = new SseParser()
        for await (const chunk of response.body) {
          for (const { type, ...rest } of parser.feed(chunk)) {
            this.dispatchEvent(Object.assign(new Event(type), rest))
          }
        }
      } catch {
        // It tells its page nothing but that there was an error.
      }
      if (!this.#abort.signal.aborted) this.onerror?.()
    }
  }
}
