import { isBefore } from './cursor.js'

/** Quiet for so long says that all that waited has come. */
const SETTLED_MS = 1000

/**
 * Takes what streams and polls tell into the inbox, and knows whether that has caught up.
 *
 * @typedef {import('./stream.js').Ending} Ending
 */
export class Receiver {
  #inbox
  #environment
  #on
  /** The mailbox's end, as last heard. @type {string | null} */
  #newest = null
  /** A gap that was looked into: what is still missing was deleted. @type {string | null} */
  #lookedInto = null
  #caughtUp = false
  /** @type {any} */
  #timer

  /**
   * @param {import('./inbox.js').Inbox} inbox
   * @param {import('./environment.js').Environment} environment
   * @param {{progress: (state: 'catching-up' | 'live') => void, reset: (reset: any) => void,
   *   moved: () => void, serverTime: (timestamp: number) => void}} on
   */
  constructor(inbox, environment, on) {
    this.#inbox = inbox
    this.#environment = environment
    this.#on = on
  }

  /**
   * Take an event of a stream.
   *
   * @param {string} name
   * @param {any} data
   * @param {string} cursor
   * @returns {Ending['kind'] | void} why the stream is of no more use
   */
  event(name, data, cursor) {
    if (name === 'connected') return this.#connected(data)
    if (name === 'reset') return this.#reset(data)
    if (name === 'notification') {
      this.#inbox.take(data, cursor)
      this.#progress()
    } else if (name === 'heartbeat') return this.#heartbeat(data.cursor)
  }

  /**
   * Take a poll's answer.
   *
   * @param {{notifications: any[], cursor: string, reset?: any}} answer
   */
  answer(answer) {
    if (answer.reset) return this.#reset(answer.reset)
    const epoch = answer.cursor.split('-')[0]
    for (const notification of answer.notifications) {
      this.#inbox.take(notification, `${epoch}-${notification.id}`)
    }
    this.#inbox.advance(answer.cursor)
    this.#on.moved()
  }

  /** Whether all that waited has come. */
  get isCaughtUp() {
    return this.#caughtUp
  }

  /** The stream has ended: quiet says nothing any more. */
  cutOff() {
    this.#environment.clearTimeout(this.#timer)
  }

  /** @param {{cursor: string, newest: string, timestamp: number}} connected */
  #connected({ cursor, newest, timestamp }) {
    this.#on.serverTime(timestamp)
    this.#newest = newest
    this.#caughtUp = false
    // With a cursor of our own, `connected` moves nothing: where it begins elsewhere a `reset`
    // follows, and whoever is cut off before that would go on behind what was never reloaded.
    if (this.#inbox.cursor === null) {
      this.#inbox.advance(cursor)
      this.#on.moved()
    }
    if (isBefore(this.#inbox.cursor, newest)) this.#on.progress('catching-up')
    this.#progress()
    this.#settle()
  }

  /** What is missing up to the end may have been deleted. */
  #settle() {
    const { clearTimeout, setTimeout } = this.#environment
    const before = this.#inbox.cursor
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#inbox.cursor !== before) this.#settle()
      else this.#live()
    }, SETTLED_MS)
  }

  /** @param {import('./index.d.ts').Reset} reset */
  #reset(reset) {
    this.#newest = this.#inbox.cursor = reset.cursor
    this.#on.reset(reset)
    this.#live()
  }

  /** @param {string} newest */
  #heartbeat(newest) {
    const before = this.#newest
    this.#newest = newest
    // What the last heartbeat told of had all the time since to come.
    if (this.#caughtUp && isBefore(this.#inbox.cursor, before) && this.#lookedInto !== before) {
      this.#lookedInto = before
      return /** @type {const} */ ('gap')
    }
    this.#live()
  }

  #progress() {
    if (!this.#caughtUp && !isBefore(this.#inbox.cursor, this.#newest)) this.#live()
  }

  #live() {
    this.#caughtUp = true
    this.#on.progress('live')
  }
}
