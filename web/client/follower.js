import { isBefore, isSameEpoch } from './cursor.js'

/**
 * A tab that is told by the leader what its stream brings. It keeps a place of its own: each
 * message says where the leader was before it, and what lies between is asked for.
 */
export class Follower {
  #inbox
  #receiver
  #poll
  #on
  #isFilling = false
  /** As far as the leader is known to be. @type {string | null} */
  #leaders = null

  /**
   * @param {import('./inbox.js').Inbox} inbox
   * @param {import('./receiver.js').Receiver} receiver
   * @param {import('./long-poll.js').LongPoll} poll
   * @param {{state: (state: import('./index.d.ts').State) => void,
   *   error: (error: Error) => void}} on
   */
  constructor(inbox, receiver, poll, on) {
    this.#inbox = inbox
    this.#receiver = receiver
    this.#poll = poll
    this.#on = on
  }

  /** @param {import('./tabs.js').Message} message */
  hear(message) {
    if (message.kind === 'state') {
      this.#on.state(message.state)
      this.#leaderAt(message.cursor)
    } else if (message.kind === 'notification') {
      const { notification, cursor, before } = message
      this.#leaders = cursor
      const isNext = this.#inbox.cursor === null || (before !== null && this.#isAt(before))
      if (isNext) this.#inbox.take(notification, cursor)
      else this.#fill()
    } else if (message.kind === 'reset') {
      this.#leaders = message.reset.cursor
      // A leader that slept too long has lost what others have.
      if (!this.#isAt(this.#leaders) || message.reset.reason === 'beyond_end') {
        this.#receiver.answer({ notifications: [], cursor: this.#leaders, reset: message.reset })
      }
    }
  }

  /** @param {string | null} cursor */
  #leaderAt(cursor) {
    this.#leaders = cursor
    if (this.#inbox.cursor === null && cursor !== null) this.#inbox.advance(cursor)
    if (!this.#isAt(cursor)) this.#fill()
  }

  /** Whether nothing up to `cursor` is missing here. @param {string | null} cursor */
  #isAt(cursor) {
    const own = this.#inbox.cursor
    return own === null || cursor === null || (isSameEpoch(own, cursor) && !isBefore(own, cursor))
  }

  /** Ask the server for what is missing, until it is here, with what is told meanwhile. */
  async #fill() {
    if (this.#isFilling) return
    this.#isFilling = true
    try {
      while (!this.#isAt(this.#leaders)) {
        const before = this.#inbox.cursor
        this.#receiver.answer(await this.#poll.ask(0))
        // No progress, though the leader is further: its next message shows who is right.
        if (this.#inbox.cursor === before) return
      }
    } catch (error) {
      // The leader's next message tries again.
      this.#on.error(/** @type {Error} */ (error))
    } finally {
      this.#isFilling = false
    }
  }
}
