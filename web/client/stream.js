/**
 * One stream, over whichever transport: watches that it begins in time and never falls silent, and
 * says how it ended.
 *
 * @typedef {{kind:
 *   'ended' |       // by the server, as in a deploy, or by the network: come back after `retry:`
 *   'expired' |     // with its token
 *   'closed' |      // there are too many of this user
 *   'refused' |     // the token is
 *   'failed' |      // an error, before it began
 *   'withheld' |    // nothing of it came: something on the way holds it back
 *   'silent' |      // its heartbeats ceased
 *   'slept' |       // this machine did, or the page
 *   'gap' |         // something is missing that a heartbeat told of
 *   'left'          // by us
 *   , retryAfter?: number | null, error?: Error}} Ending
 *
 * @typedef {import('./sse-parser.js').StreamEvent} StreamEvent
 * @typedef {(signal: AbortSignal, take: (events: StreamEvent[], retry: number | null) => void)
 *   => Promise<void>} Transport
 *   Resolves at the stream's end; rejects with Problem for an answer that is no stream.
 */
import { Problem } from './errors.js'

const BEGIN_MS = 8000
/** Heartbeats that may be missing, and the time that one may take on the way. */
const SILENT_HEARTBEATS = 1.5
const SILENT_EXTRA_MS = 5000
const FRESH_EXTRA_MS = 2000
/** A timer later than this was held back by a sleep. */
const SLEPT_MS = 5000

export class Stream {
  /** The server's `retry:` in milliseconds, once it was told. @type {number | null} */
  retry = null
  /** Whether `connected` came; false for a stream that ended before. @type {Promise<boolean>} */
  connected
  /** Whether a heartbeat came. @type {Promise<boolean>} */
  beats
  /** @type {Promise<Ending>} */
  ended

  #environment
  #receive
  #abort = new AbortController()
  #patience = BEGIN_MS
  #heartbeat = BEGIN_MS
  #hasBegun = false
  /** @type {number} */
  #lastLife
  /** @type {any} */
  #timer
  /** @type {(begun: boolean) => void} */
  #setConnected
  /** @type {(beats: boolean) => void} */
  #setBeats
  /** @type {(ending: Ending) => void} */
  #setEnded

  /**
   * @param {Transport} transport
   * @param {string} token what it is opened with
   * @param {(name: string, data: any, cursor: string) => Ending['kind'] | void} receive is given
   *   each event but those about the stream itself; what it returns ends the stream
   * @param {import('./environment.js').Environment} environment
   */
  constructor(transport, token, receive, environment) {
    this.token = token
    this.#environment = environment
    this.#receive = receive
    this.#lastLife = environment.now()
    this.#setConnected = this.#setBeats = this.#setEnded = () => {}
    this.connected = new Promise((resolve) => (this.#setConnected = resolve))
    this.beats = new Promise((resolve) => (this.#setBeats = resolve))
    this.ended = new Promise((resolve) => (this.#setEnded = resolve))
    this.#watch()
    transport(this.#abort.signal, (events, retry) => this.#take(events, retry)).then(
      () => this.#end({ kind: this.#hasBegun ? 'ended' : 'failed' }),
      (error) => this.#end(this.#endingOf(error)),
    )
  }

  /** Leave it; `ended` resolves at once. @param {Ending['kind']} [kind] */
  close(kind = 'left') {
    this.#end({ kind })
  }

  /** Whether it has shown life as lately as it should, at a moment when timers may have slept. */
  get isFresh() {
    return this.#environment.now() - this.#lastLife < this.#heartbeat + FRESH_EXTRA_MS
  }

  /**
   * @param {StreamEvent[]} events
   * @param {number | null} retry
   */
  #take(events, retry) {
    if (this.#abort.signal.aborted) return
    this.retry = retry ?? this.retry
    this.#lastLife = this.#environment.now()
    try {
      for (const { type, data, lastEventId } of events) {
        this.#takeOne(type, JSON.parse(data), lastEventId)
        if (this.#abort.signal.aborted) return
      }
    } catch (error) {
      // What can't be read would come again at once: pause, as after any other failure.
      this.#end({ kind: 'failed', error: /** @type {Error} */ (error) })
    }
  }

  /**
   * @param {string} type
   * @param {any} data
   * @param {string} cursor
   */
  #takeOne(type, data, cursor) {
    if (type === 'token_expired') return this.#end({ kind: 'expired' })
    if (type === 'closed') return this.#end({ kind: 'closed' })
    if (type === 'connected') {
      this.#hasBegun = true
      this.#heartbeat = data.heartbeat * 1000
      this.#patience = this.#heartbeat * SILENT_HEARTBEATS + SILENT_EXTRA_MS
      this.#watch()
    }
    const ending = this.#receive(type, data, cursor)
    if (ending) return this.#end({ kind: ending })
    if (type === 'connected') this.#setConnected(true)
    if (type === 'heartbeat') this.#setBeats(true)
  }

  /** One timer at a time, set again for what is left: not one for each event. */
  #watch() {
    const { clearTimeout, setTimeout, now } = this.#environment
    clearTimeout(this.#timer)
    const due = this.#lastLife + this.#patience
    this.#timer = setTimeout(() => {
      const silence = now() - this.#lastLife
      if (silence < this.#patience) this.#watch()
      else if (now() - due > SLEPT_MS) this.#end({ kind: 'slept' })
      else this.#end({ kind: this.#hasBegun ? 'silent' : 'withheld' })
    }, due - now())
  }

  /** @param {Error} error @returns {Ending} */
  #endingOf(error) {
    if (error instanceof Problem && error.status === 401) return { kind: 'refused', error }
    if (error instanceof Problem) return { kind: 'failed', error, retryAfter: error.retryAfter }
    // A connection that breaks in the middle is how networks end streams.
    return this.#hasBegun ? { kind: 'ended' } : { kind: 'failed', error }
  }

  /** @param {Ending} ending */
  #end(ending) {
    this.#environment.clearTimeout(this.#timer)
    this.#setConnected(false)
    this.#setBeats(false)
    this.#setEnded(ending)
    this.#abort.abort()
  }
}
