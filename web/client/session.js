import { SignedOut } from './errors.js'
import { claimsOf, renewalDelay } from './token-claims.js'

const RETRY_MS = 5000
// Longer timers overflow, and fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Who is signed in: one token at a time, renewed before it expires and when it is refused. */
export class Session {
  /** @type {string | null} */
  userId = null
  /** Called once, when there is no token to be had any more. */
  onSignedOut = () => {}
  /** @type {(error: Error) => void} */
  onError = () => {}

  #ask
  #environment
  /** @type {string | null} */
  #token = null
  /** @type {Promise<string> | null} */
  #asking = null
  /** @type {SignedOut | null} */
  #signedOut = null
  #clockSkew = 0
  /** @type {any} */
  #timer

  /**
   * @param {import('./index.d.ts').Options['token']} ask
   * @param {import('./environment.js').Environment} environment
   */
  constructor(ask, environment) {
    this.#ask = ask
    this.#environment = environment
  }

  /**
   * A token that was not refused yet. Throws SignedOut, or what the application's `token` throws.
   *
   * @returns {Promise<string>}
   */
  async token() {
    if (this.#signedOut) throw this.#signedOut
    return this.#token ?? this.#renew('start')
  }

  /**
   * Another token than `refused`. To offer the same once more would be the first turn of a loop.
   *
   * @param {string} refused
   * @returns {Promise<string>}
   */
  async after(refused) {
    if (this.#signedOut) throw this.#signedOut
    // Several calls may be refused at once; the first one has renewed it for all.
    if (this.#token !== null && this.#token !== refused) return this.#token
    const token = await this.#renew('refused')
    if (token === refused) throw this.#end('The token is refused.')
    return token
  }

  /**
   * A stream ended with its token: usually the next one is there already.
   *
   * @param {string} expired
   */
  async afterExpiry(expired) {
    if (this.#token === expired) await this.#renew('expiring')
  }

  /** The server refuses whatever is offered. */
  refusedForGood() {
    this.#end('The token is refused.')
  }

  /** Learn the server's clock: this machine's may be wrong by hours. @param {number} timestamp */
  serverTime(timestamp) {
    this.#clockSkew = timestamp - this.#environment.now()
    this.#scheduleRenewal()
  }

  close() {
    this.#environment.clearTimeout(this.#timer)
    this.#signedOut ??= new SignedOut('The client is closed.')
  }

  /** @param {import('./index.d.ts').TokenReason} reason */
  #renew(reason) {
    this.#asking ??= this.#asked(reason).finally(() => (this.#asking = null))
    return this.#asking
  }

  /** @param {import('./index.d.ts').TokenReason} reason */
  async #asked(reason) {
    let token
    try {
      token = await this.#ask({ reason })
    } catch (error) {
      throw error instanceof SignedOut ? this.#end(error.message) : error
    }
    if (this.#signedOut) throw this.#signedOut
    if (token === null || token === undefined) throw this.#end()
    const { sub } = claimsOf(token)
    if (!sub) throw this.#end('The token is no JWT with a `sub`.')
    // One mailbox and one cursor: another user needs a client of their own.
    if (this.userId !== null && this.userId !== sub) {
      throw this.#end('The token is of another user. Connect again.')
    }
    this.userId = sub
    this.#token = token
    this.#scheduleRenewal()
    return token
  }

  #scheduleRenewal() {
    if (this.#token === null || this.#signedOut) return
    const now = this.#environment.now() + this.#clockSkew
    this.#renewIn(renewalDelay(claimsOf(this.#token), now))
  }

  /** @param {number | null} delay in milliseconds */
  #renewIn(delay) {
    this.#environment.clearTimeout(this.#timer)
    if (delay === null) return
    const renew = () => (delay > LONGEST_TIMER_MS ? this.#scheduleRenewal() : this.#renewInTime())
    this.#timer = this.#environment.setTimeout(renew, Math.min(delay, LONGEST_TIMER_MS))
  }

  async #renewInTime() {
    try {
      await this.#renew('expiring')
    } catch (error) {
      if (this.#signedOut) return
      this.onError(/** @type {Error} */ (error))
      this.#renewIn(RETRY_MS)
    }
  }

  /** @param {string} [why] */
  #end(why) {
    this.#environment.clearTimeout(this.#timer)
    if (!this.#signedOut) {
      this.#signedOut = new SignedOut(why)
      this.onSignedOut()
    }
    return this.#signedOut
  }
}
