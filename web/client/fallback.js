import { Backoff } from './backoff.js'
import { SignedOut } from './errors.js'
import { HOLD } from './long-poll.js'

const FIRST_PROBE_MS = 5000
const LONGEST_PROBE_MS = 300_000
/** An empty answer that comes sooner was not held: a server that stops, or something on the way. */
const HELD_MS = 1000

/** Polls, and tries in the background whether a stream gets through again. */
export class Fallback {
  #poll
  #open
  #acks
  #receiver
  #environment
  #pauses
  #on
  #backoff
  #ended = false
  #isFailing = true

  /**
   * @param {{
   *   poll: import('./long-poll.js').LongPoll,
   *   open: () => Promise<import('./stream.js').Stream>,
   *   acks: import('./acks.js').Acks | null,
   *   receiver: import('./receiver.js').Receiver,
   *   environment: import('./environment.js').Environment,
   *   pauses: import('./pauses.js').Pauses,
   *   on: {state: (state: import('./index.d.ts').State) => void, error: (error: Error) => void},
   * }} parts
   */
  constructor({ poll, open, acks, receiver, environment, pauses, on }) {
    this.#poll = poll
    this.#open = open
    this.#acks = acks
    this.#receiver = receiver
    this.#environment = environment
    this.#pauses = pauses
    this.#on = on
    this.#backoff = new Backoff(environment.random)
  }

  /**
   * Poll until a stream works; null when it was stopped before. Throws SignedOut.
   *
   * @param {number} delay milliseconds to the first try
   * @param {boolean} needsHeartbeat whether it must show more than its beginning
   */
  async run(delay, needsHeartbeat) {
    this.#acks?.pause()
    try {
      return await Promise.race([this.#keepPolling(), this.#probe(delay, needsHeartbeat)])
    } finally {
      this.stop()
      this.#acks?.resume()
    }
  }

  stop() {
    this.#ended = true
    this.#poll.abort()
    this.#pauses.wake()
  }

  /** The network is gone, it seems: what is under way is lost. */
  offline() {
    this.#poll.abort()
  }

  /** @returns {Promise<null>} */
  async #keepPolling() {
    while (!this.#ended) {
      const pause = await this.#pollOnce()
      if (pause && !this.#ended) await this.#pauses.sleep(pause)
    }
    return null
  }

  /** Answers the milliseconds to wait before the next one. */
  async #pollOnce() {
    const began = this.#environment.now()
    // The first one shows whether polls get through, and is not held for that.
    const hold = this.#isFailing ? 0 : HOLD
    try {
      const answer = await this.#poll.ask(hold)
      if (this.#ended) return 0
      this.#isFailing = false
      this.#receiver.answer(answer)
      this.#on.state('polling')
      const isIdle = !answer.notifications.length && !answer.more && !answer.reset
      const isHeld = hold === 0 || this.#environment.now() - began > HELD_MS
      if (isIdle && !isHeld) return this.#backoff.afterFailure()
      this.#backoff.reset()
      return 0
    } catch (error) {
      if (this.#ended) return 0
      if (error instanceof SignedOut) throw error
      this.#isFailing = true
      this.#on.state('offline')
      this.#on.error(/** @type {Error} */ (error))
      return this.#backoff.afterFailure(/** @type {any} */ (error).retryAfter ?? null)
    }
  }

  /**
   * @param {number} delay
   * @param {boolean} needsHeartbeat
   */
  async #probe(delay, needsHeartbeat) {
    for (;;) {
      await this.#pauses.sleep(delay * (0.75 + this.#environment.random() / 2))
      if (this.#ended) return null
      // Without a network there is nothing to learn; with it, not much to wait for.
      delay = this.#isFailing ? FIRST_PROBE_MS : Math.min(delay * 2, LONGEST_PROBE_MS)
      if (this.#isFailing) continue
      const stream = await this.#open().catch(() => null)
      const works = await (needsHeartbeat ? stream?.beats : stream?.connected)
      if (works && !this.#ended) return stream
      stream?.close()
      if (this.#ended) return null
    }
  }
}
