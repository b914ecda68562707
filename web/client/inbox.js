import { isBefore, isSameEpoch, parse } from './cursor.js'

/**
 * This page's place in the user's mailbox. Streams, polls and other tabs may tell of the same
 * notification: the first one counts.
 */
export class Inbox {
  /** Everything up to here was given out. @type {string | null} */
  cursor = null

  #give

  /**
   * @param {(notification: import('./index.d.ts').Notification, cursor: string,
   *   before: string | null) => void} give  with the places behind and before it
   */
  constructor(give) {
    this.#give = give
  }

  /**
   * Give `notification` out unless it was before; `cursor` is the place behind it.
   *
   * @param {import('./index.d.ts').Notification} notification
   * @param {string} cursor
   */
  take(notification, cursor) {
    if (!parse(cursor)) throw new TypeError(`${cursor} is no cursor.`)
    const before = this.cursor
    if (isSameEpoch(before, cursor) && !isBefore(before, cursor)) return
    this.cursor = cursor
    this.#give(notification, cursor, before)
  }

  /**
   * Nothing lies between the place and `cursor`: what was there, its owner has deleted.
   *
   * @param {string} cursor
   */
  advance(cursor) {
    if (this.cursor === null || isBefore(this.cursor, cursor)) this.cursor = cursor
  }
}
