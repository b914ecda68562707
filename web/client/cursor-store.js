import { isBefore } from './cursor.js'

/** A user's cursor over reloads, shared by the tabs of the browser. */
export class CursorStore {
  #storage
  #key
  /** @type {string | null} */
  #unwritten = null

  /**
   * @param {Pick<Storage, 'getItem' | 'setItem'>} storage
   * @param {string} origin
   * @param {string} userId
   */
  constructor(storage, origin, userId) {
    this.#storage = storage
    this.#key = `circles:cursor:${origin}:${userId}`
  }

  /** @returns {string | null} */
  load() {
    try {
      return this.#storage.getItem(this.#key)
    } catch {
      return null
    }
  }

  /**
   * Save once everything that came together has been handled: a burst costs one write.
   *
   * @param {string} cursor
   */
  save(cursor) {
    const scheduled = this.#unwritten !== null
    this.#unwritten = cursor
    if (!scheduled) queueMicrotask(() => this.flush())
  }

  /** A reset leads to another epoch, or back: save whatever is there. @param {string} cursor */
  replace(cursor) {
    this.#unwritten = null
    this.#write(cursor)
  }

  flush() {
    const cursor = this.#unwritten
    this.#unwritten = null
    // A tab that wakes up catches up on what others had long ago.
    if (cursor !== null && !isBefore(cursor, this.load())) this.#write(cursor)
  }

  /** @param {string} cursor */
  #write(cursor) {
    try {
      this.#storage.setItem(this.#key, cursor)
    } catch {
      // Full or blocked: this page goes on, and the next one begins where the last write was.
    }
  }
}
