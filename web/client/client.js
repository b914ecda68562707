import { Acks } from './acks.js'
import { Backoff } from './backoff.js'
import { Connection } from './connection.js'
import { CursorStore } from './cursor-store.js'
import { Emitter } from './emitter.js'
import { SignedOut } from './errors.js'
import { fetchTransport } from './fetch-transport.js'
import { Follower } from './follower.js'
import { Inbox } from './inbox.js'
import { LongPoll } from './long-poll.js'
import { watchPage } from './page.js'
import { Pauses } from './pauses.js'
import { Receiver } from './receiver.js'
import { Rest } from './rest.js'
import { Roles } from './roles.js'
import { Session } from './session.js'
import { TicketTransport } from './ticket-transport.js'

/**
 * Puts the parts together; see `Circles` in index.d.ts.
 *
 * @typedef {import('./index.d.ts').State} State
 */
export class Client {
  /** @type {State} */
  state = 'connecting'

  #options
  #environment
  #emitter = new Emitter()
  #base
  #session
  #rest
  #acks
  #tickets
  #inbox
  #receiver
  #pauses
  /** @type {CursorStore | null} */
  #store = null
  /** @type {Roles | null} */
  #roles = null
  #unwatch = () => {}
  #isClosed = false
  #started

  /**
   * @param {import('./index.d.ts').Options} options
   * @param {import('./environment.js').Environment} environment
   */
  constructor(options, environment) {
    this.#options = options
    this.#environment = environment
    this.#base = new URL(options.url || environment.origin).origin
    this.#session = new Session(options.token, environment)
    this.#session.onSignedOut = () => this.#signedOut()
    this.#session.onError = this.#on.error
    this.#rest = new Rest(this.#base, this.#session, environment)
    this.#acks = options.acks === false ? null : new Acks(this.#rest, environment)
    this.#tickets =
      options.transport === 'eventsource' ? new TicketTransport(this.#rest, environment) : null
    this.#inbox = new Inbox((...given) => this.#give(...given))
    this.#pauses = new Pauses(environment)
    this.#receiver = new Receiver(this.#inbox, environment, {
      progress: (state) => this.#roles?.progress(state),
      reset: (reset) => this.#reset(reset),
      moved: () => this.#moved(),
      serverTime: (timestamp) => this.#session.serverTime(timestamp),
    })
    // Listeners are added after this returns.
    this.#started = Promise.resolve().then(() => this.#start())
  }

  get cursor() {
    return this.#inbox.cursor
  }

  get userId() {
    return this.#session.userId
  }

  /**
   * @param {string} type
   * @param {(event: any) => void} listener
   */
  on(type, listener) {
    return this.#emitter.on(type, listener)
  }

  /**
   * @param {string} path
   * @param {import('./index.d.ts').RequestOptions} [init]
   */
  async fetch(path, init) {
    await this.#session.token()
    // There is a token now: if the start waits for its next try, it need not any longer.
    if (!this.#store) this.#pauses.wake()
    await this.#started
    return this.#rest.fetch(path, init)
  }

  close() {
    this.#acks?.close()
    this.#end()
    this.#session.close()
  }

  #on = {
    state: (/** @type {State} */ state) => this.#enter(state),
    error: (/** @type {Error} */ error) => this.#emitter.emit('error', error),
  }

  async #start() {
    await this.#firstToken()
    if (this.#isClosed || this.userId === null) return
    const storage = this.#options.storage ?? this.#environment.storage
    this.#store = new CursorStore(storage, this.#base, this.userId)
    this.#roles = new Roles({
      name: `circles:1:${this.#base}:${this.userId}`,
      isShared: this.#options.shareTabs !== false,
      environment: this.#environment,
      connection: () => this.#connection(),
      follower: () => new Follower(this.#inbox, this.#receiver, this.#longPoll(), this.#on),
      whereabouts: () => ({ kind: 'state', state: this.state, cursor: this.cursor }),
    })
    this.#unwatch = watchPage(this.#environment, {
      wake: () => this.#roles?.wake(),
      offline: () => this.#roles?.offline(),
      suspend: () => this.#leave(),
      resume: () => this.#roles?.join(),
    })
    this.#roles.join()
    // After the channel is open, so that nothing falls between the two.
    this.#inbox.cursor ??= this.#store.load()
  }

  async #firstToken() {
    const backoff = new Backoff(this.#environment.random)
    while (!this.#isClosed) {
      try {
        await this.#session.token()
        return
      } catch (error) {
        if (error instanceof SignedOut) return
        this.#enter('offline')
        this.#on.error(/** @type {Error} */ (error))
        await this.#pauses.sleep(backoff.afterFailure())
      }
    }
  }

  #connection() {
    this.#inbox.cursor ??= this.#store?.load() ?? null
    return new Connection({
      transport: (token) => this.#transport(token),
      poll: this.#longPoll(),
      acks: this.#acks,
      receiver: this.#receiver,
      session: this.#session,
      environment: this.#environment,
      pauses: this.#pauses,
      on: this.#on,
    })
  }

  #longPoll() {
    return new LongPoll(this.#rest, this.#inbox, this.#acks, this.#environment)
  }

  /** @param {string} token */
  async #transport(token) {
    const url = this.#rest.url(`/v1/sse/stream${this.#acks ? '?ack=client' : ''}`)
    if (this.#tickets) return this.#tickets.open({ url, cursor: this.cursor })
    return fetchTransport({ url, token, cursor: this.cursor, environment: this.#environment })
  }

  /**
   * @param {import('./index.d.ts').Notification} notification
   * @param {string} cursor
   * @param {string | null} before
   */
  #give(notification, cursor, before) {
    if (this.#isClosed) return
    this.#emitter.emit(notification.type, notification)
    this.#emitter.emit('notification', notification)
    if (!this.#roles?.isLeading) return
    // After the listeners: what one of them was cut short in comes again after a reload.
    this.#store?.save(cursor)
    this.#acks?.note(cursor)
    this.#roles.tell({ kind: 'notification', notification, cursor, before })
  }

  #moved() {
    if (this.#roles?.isLeading && this.cursor) this.#store?.save(this.cursor)
  }

  /** @param {import('./index.d.ts').Reset} reset */
  #reset(reset) {
    if (this.#roles?.isLeading) this.#store?.replace(reset.cursor)
    this.#roles?.tell({ kind: 'reset', reset })
    this.#emitter.emit('reset', reset)
  }

  /** @param {State} state */
  #enter(state) {
    if (this.#isClosed || state === this.state) return
    const previous = this.state
    this.state = state
    this.#emitter.emit('state', { state, previous })
    this.#roles?.tellWhereabouts()
  }

  #signedOut() {
    const previous = this.state
    if (this.#isClosed) return
    this.#end()
    this.state = 'signed-out'
    this.#emitter.emit('state', { state: 'signed-out', previous })
  }

  #leave() {
    this.#acks?.flush()
    this.#store?.flush()
    this.#roles?.leave()
  }

  #end() {
    this.#isClosed = true
    this.#unwatch()
    this.#leave()
    this.#receiver.cutOff()
    this.#pauses.wake()
  }
}
