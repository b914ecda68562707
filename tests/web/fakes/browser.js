/** What a browser lends to its tabs. */
import { Client } from '../../../web/client/client.js'
import { Clock } from './clock.js'
import { Server } from './server.js'
import { tokenOf } from './tokens.js'

export const ORIGIN = 'https://circles.example'

export class Browser {
  clock = new Clock()
  server = new Server(this.clock)
  items = new Map()
  locks = new Locks()
  #channels = new Map()

  storage = {
    getItem: (key) => this.items.get(key) ?? null,
    setItem: (key, value) => void this.items.set(key, value),
  }

  /** A tab with a client in it; what the client says is kept. */
  open(options = {}, lent = {}) {
    const tab = new Tab()
    const environment = {
      fetch: tab.fetching(this.server.fetch),
      locks: this.locks,
      BroadcastChannel: this.#channelClass(tab),
      storage: this.storage,
      page: tab.page,
      document: tab.document,
      origin: ORIGIN,
      now: this.clock.now,
      setTimeout: (then, ms) => this.clock.setTimeout(() => tab.run(then), ms),
      clearTimeout: this.clock.clearTimeout,
      random: () => 0.5,
      ...lent,
    }
    const exp = this.clock.now() / 1000 + 3600
    tab.start(new Client({ token: async () => tokenOf('bob', { exp }), ...options }, environment))
    return tab
  }

  #channelClass(tab) {
    const channels = this.#channels
    return class {
      onmessage = null

      constructor(name) {
        this.name = name
        channels.set(this, tab)
      }

      postMessage(message) {
        const data = structuredClone(message)
        if (!channels.has(this)) throw new Error('posted to a closed channel')
        if (tab.isFrozen) return
        for (const [other, owner] of channels) {
          if (other === this || other.name !== this.name) continue
          queueMicrotask(() => owner.run(() => channels.has(other) && other.onmessage?.({ data })))
        }
      }

      close() {
        channels.delete(this)
      }
    }
  }
}

class Tab {
  page = new EventTarget()
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  /** Settles when a frozen tab goes on; null while it runs. */
  #thawed = null
  #thaw = () => {}
  notifications = []
  states = []
  resets = []
  errors = []

  start(client) {
    this.client = client
    client.on('notification', (notification) => this.notifications.push(notification))
    client.on('state', ({ state }) => this.states.push(state))
    client.on('reset', (reset) => this.resets.push(reset))
    client.on('error', (error) => this.errors.push(error))
  }

  get ids() {
    return this.notifications.map(({ id }) => Number(id))
  }

  get isFrozen() {
    return this.#thawed !== null
  }

  /** It runs nothing, and still holds its lock. What comes for it waits. */
  freeze() {
    this.#thawed = new Promise((resolve) => (this.#thaw = resolve))
  }

  thaw() {
    this.#thawed = null
    this.#thaw()
  }

  async run(then) {
    await this.#thawed
    then()
  }

  /** What comes over the network waits for a frozen tab, too. */
  fetching(fetch) {
    const hold = async (chunk, out) => {
      await this.#thawed
      out.enqueue(chunk)
    }
    return async (url, init) => {
      const { body, status, headers } = await fetch(url, init)
      return new Response(body?.pipeThrough(new TransformStream({ transform: hold })), {
        status,
        headers,
      })
    }
  }

  happens(type, fields = {}) {
    const target = ['visibilitychange', 'freeze', 'resume'].includes(type)
      ? this.document
      : this.page
    target.dispatchEvent(Object.assign(new Event(type), fields))
  }
}

/** As the Web Locks API has them: exclusive ones. */
export class Locks {
  #held = new Map()
  #queues = new Map()

  request(name, options, callback) {
    return new Promise((resolve, reject) => {
      const entry = { callback, resolve, reject }
      const queue = this.#queues.get(name) ?? []
      this.#queues.set(name, queue)
      options.signal?.addEventListener('abort', () => {
        if (!queue.includes(entry)) return
        queue.splice(queue.indexOf(entry), 1)
        reject(options.signal.reason)
      })
      if (options.steal) {
        this.#held.get(name)?.reject(new DOMException('stolen', 'AbortError'))
        this.#held.delete(name)
        queue.unshift(entry)
      } else {
        queue.push(entry)
      }
      queueMicrotask(() => this.#grant(name))
    })
  }

  #grant(name) {
    if (this.#held.has(name)) return
    const entry = this.#queues.get(name).shift()
    if (!entry) return
    this.#held.set(name, entry)
    Promise.resolve(entry.callback())
      .then(entry.resolve, entry.reject)
      .finally(() => {
        if (this.#held.get(name) !== entry) return
        this.#held.delete(name)
        this.#grant(name)
      })
  }
}
