import { Acks } from './acks.js'
import { Connection } from './connection.js'
import { CursorStore } from './cursor-store.js'
import { Emitter } from './emitter.js'
import { fetchTransport } from './fetch-transport.js'
import { Inbox } from './inbox.js'
import { Receiver } from './receiver.js'
import { Rest } from './rest.js'
import { Session } from './session.js'

/** Puts the parts together. See `Circles` in index.d.ts. */
export class Client {
  /** @type {import('./index.d.ts').State} */
  state = 'connecting'

  #options
  #environment
  #emitter = new Emitter()
  #session
  #rest
  #base
  #acks
  #inbox
  /** @type {CursorStore | null} */
  #store = null
  /** @type {Connection | null} */
  #connection = null
  /** @type {Receiver | null} */
  #receiver = null
  /** Settled once the place in the mailbox is known. */
  #started
  #closed = false

  /**
   * @param {import('./index.d.ts').Options} options
   * @param {import('./environment.js').Environment} environment
   */
  constructor(options, environment) {
    this.#options = options
    this.#environment = environment
    this.#base = new URL(options.url || environment.origin).origin
    this.#session = new Session(options.token, environment)
    this.#session.onSignedOut = () => this.#end('signed-out')
    this.#session.onError = (error) => this.#emitter.emit('error', error)
    this.#rest = new Rest(this.#base, this.#session, environment)
    this.#acks = options.acks === false ? null : new Acks(this.#rest, environment)
    this.#inbox = new Inbox((notification, cursor) => this.#give(notification, cursor))
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
    await this.#started
    return this.#rest.fetch(path, init)
  }

  close() {
    if (this.#closed) return
    this.#acks?.close()
    this.#end(null)
    this.#session.close()
  }

  async #start() {
    try {
      await this.#session.token()
    } catch {
      // The connection asks again.
    }
    if (this.#closed || this.userId === null) return
    this.#store = new CursorStore(
      this.#options.storage ?? this.#environment.storage,
      this.#base,
      this.userId,
    )
    this.#inbox.cursor = this.#store.load()
    this.#receiver = new Receiver(this.#inbox, this.#environment, this.#acks !== null, {
      progress: (state) => this.#enter(state),
      reset: (reset) => this.#reset(reset),
      moved: () => this.#moved(),
      serverTime: (timestamp) => this.#session.serverTime(timestamp),
    })
    this.#connection = new Connection({
      open: async (token) => this.#transport(token),
      receiver: this.#receiver,
      session: this.#session,
      environment: this.#environment,
      on: {
        state: (state) => this.#enter(state),
        error: (error) => this.#emitter.emit('error', error),
      },
    })
    this.#connection.run()
  }

  /** @param {string} token */
  #transport(token) {
    const url = this.#rest.url(`/v1/sse/stream${this.#acks ? '?ack=client' : ''}`)
    return fetchTransport({ url, token, cursor: this.cursor, environment: this.#environment })
  }

  /**
   * @param {import('./index.d.ts').Notification} notification
   * @param {string} cursor
   */
  #give(notification, cursor) {
    this.#emitter.emit(notification.type, notification)
    this.#emitter.emit('notification', notification)
    this.#store?.save(cursor)
    this.#acks?.note(cursor)
  }

  #moved() {
    if (this.cursor) this.#store?.save(this.cursor)
  }

  /** @param {import('./index.d.ts').Reset} reset */
  #reset(reset) {
    this.#store?.replace(reset.cursor)
    this.#emitter.emit('reset', reset)
  }

  /** @param {import('./index.d.ts').State} state */
  #enter(state) {
    if (this.#closed || state === this.state) return
    const previous = this.state
    this.state = state
    this.#emitter.emit('state', { state, previous })
  }

  /** @param {'signed-out' | null} state */
  #end(state) {
    if (state) this.#enter(state)
    this.#closed = true
    this.#connection?.stop()
    this.#receiver?.close()
  }
}
