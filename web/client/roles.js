import { Tabs } from './tabs.js'

/**
 * Whether this tab leads, with a connection of its own, or follows the tab that does. Between
 * `leave` and `join` it does neither.
 *
 * @typedef {import('./tabs.js').Message} Message
 */
export class Roles {
  #parts
  /** @type {import('./connection.js').Connection | null} */
  #connection = null
  /** @type {import('./follower.js').Follower | null} */
  #follower = null
  /** @type {Tabs | null} */
  #tabs = null

  /**
   * @param {{
   *   name: string,
   *   isShared: boolean,
   *   environment: import('./environment.js').Environment,
   *   connection: () => import('./connection.js').Connection,
   *   follower: () => import('./follower.js').Follower,
   *   whereabouts: () => Message,
   * }} parts `name` is that of the mailbox: whoever follows the same shares a stream
   */
  constructor(parts) {
    this.#parts = parts
  }

  get isLeading() {
    return this.#connection !== null
  }

  join() {
    if (this.#tabs || this.#connection) return
    const { isShared, environment, name } = this.#parts
    // Without a secure context there are no locks: each tab has a stream of its own.
    if (!isShared || !Tabs.areShareable(environment)) return this.#lead()
    this.#follow()
    this.#tabs = new Tabs(name, environment, {
      lead: () => this.#lead(),
      follow: () => this.#follow(),
      message: (message) => this.#follower?.hear(message),
      hello: () => this.tellWhereabouts(),
    })
  }

  leave() {
    this.#connection?.stop()
    this.#connection = this.#follower = null
    this.#tabs?.close()
    this.#tabs = null
  }

  wake() {
    this.#connection?.wake()
    this.#tabs?.look()
  }

  offline() {
    this.#connection?.offline()
  }

  /** @param {'catching-up' | 'live'} state */
  progress(state) {
    this.#connection?.progress(state)
  }

  /** Tell the tabs that follow. @param {Message} message */
  tell(message) {
    if (this.isLeading) this.#tabs?.tell(message)
  }

  tellWhereabouts() {
    this.tell(this.#parts.whereabouts())
  }

  #lead() {
    this.#follower = null
    this.#connection = this.#parts.connection()
    this.#connection.run()
    this.tellWhereabouts()
  }

  #follow() {
    this.#connection?.stop()
    this.#connection = null
    this.#follower = this.#parts.follower()
  }
}
