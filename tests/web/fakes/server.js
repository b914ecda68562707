/** The notifier as its contract has it: one mailbox, with streams, polls, acks and tickets. */
const HEARTBEAT = 30

export class Server {
  epoch = 1
  /** What was told, oldest first; null for what its owner has deleted. */
  entries = []
  delivered = 0
  /** Of what is older than this position, nothing is kept. */
  floor = 0
  retry = 2000
  /** Whether polls are held; a server that stops answers them at once. */
  isHolding = true
  /** Requests as they came: {method, path, query, headers, body}. */
  calls = []
  /** Streams that are open, oldest first. */
  streams = []
  polls = new Set()
  refusedTokens = new Set()

  /** How calls fail, if they do: `down` (no network), `withhold` (never answered), or a status. */
  failing = { streams: null, polls: null, acks: null }

  constructor(clock) {
    this.clock = clock
    this.fetch = (url, init = {}) => this.#answer(new URL(url), init)
  }

  get end() {
    return this.entries.length
  }

  cursor(position = this.end) {
    return `e${this.epoch}-${position}`
  }

  /** A notification comes into the mailbox, and goes to whoever follows. */
  add(content = `Message ${this.end + 1}`, type = 'message.new') {
    this.entries.push({ type, title: 'Alice', message: content, data: { content } })
    for (const stream of this.streams) stream.catchUp()
    for (const poll of [...this.polls]) poll()
  }

  heartbeat(cursor = this.cursor()) {
    for (const stream of this.streams) {
      stream.send(null, 'heartbeat', { timestamp: this.clock.now(), cursor })
    }
  }

  /** The streams end, as in a deploy. */
  drain(retry) {
    for (const stream of this.streams.splice(0)) {
      stream.write(`retry: ${retry}\n\n`)
      stream.close()
    }
  }

  /** The streams break, as when a process dies. */
  cut() {
    for (const stream of this.streams.splice(0)) stream.break()
  }

  expire() {
    for (const stream of this.streams.splice(0)) {
      stream.send(null, 'token_expired', { timestamp: this.clock.now() })
      stream.close()
    }
  }

  closeForTooMany() {
    for (const stream of this.streams.splice(0)) {
      stream.write('retry: 60000\n\n')
      stream.send(null, 'closed', { reason: 'too_many_streams' })
      stream.close()
    }
  }

  of(path) {
    return this.calls.filter((call) => call.path === path)
  }

  after(position, limit = Infinity) {
    return this.entries
      .map((entry, index) => entry && { ...entry, id: String(index + 1), isRead: false })
      .slice(position)
      .filter(Boolean)
      .slice(0, limit)
  }

  /** Where a client with this cursor begins, or why it must reload. */
  opening(cursor) {
    if (!cursor) return { position: this.delivered }
    const [epoch, position] = [...(/^e(\d+)-(\d+)$/.exec(cursor) ?? [])].slice(1).map(Number)
    if (epoch === undefined) return this.#reset('unreadable')
    if (epoch !== this.epoch) return this.#reset('unknown_epoch')
    if (position > this.end) return this.#reset('beyond_end')
    if (position < this.floor) return this.#reset('expired')
    this.delivered = Math.max(this.delivered, position)
    return { position }
  }

  #reset(reason) {
    const cursor = this.cursor()
    this.delivered = this.end
    const reset = { reason, cursor, unread: 3, resyncUrl: '/v1/notifications' }
    return { position: this.end, reset }
  }

  async #answer(url, init) {
    const headers = new Headers(init.headers)
    const body = init.body === undefined ? undefined : JSON.parse(init.body)
    const query = Object.fromEntries(url.searchParams)
    const call = { method: init.method ?? 'GET', path: url.pathname, query, headers, body }
    this.calls.push(call)
    init.signal?.throwIfAborted()
    const token = query.ticket ?? headers.get('Authorization')?.replace('Bearer ', '')
    const kind = { stream: 'streams', poll: 'polls', ack: 'acks' }[url.pathname.split('/')[3]]
    const failing = this.failing[kind]
    if (failing === 'down') throw new TypeError('fetch failed')
    if (failing === 'withhold') return never(init.signal)
    if (typeof failing === 'number') return problem(failing, 'failing')
    if (failing) return problem(failing.status, 'failing', failing.headers)
    if (!token || this.refusedTokens.has(token)) return problem(401, 'token_invalid')
    if (kind === 'streams') return this.#stream(call, init.signal)
    if (kind === 'polls') return this.#poll(call, init.signal)
    if (kind === 'acks') return this.#ack(body)
    if (url.pathname === '/v1/sse/ticket') {
      return Response.json({ ticket: `ticket-${this.calls.length}`, expiresIn: 600 })
    }
    if (url.pathname === '/v1/nothing') return problem(404, 'not_found')
    return Response.json({ path: url.pathname, body: body ?? null })
  }

  #ack({ cursor }) {
    const position = Number(cursor.split('-')[1])
    if (!cursor.startsWith(`e${this.epoch}-`) || position > this.end) return problem(422, 'invalid')
    this.delivered = Math.max(this.delivered, position)
    return Response.json({ cursor })
  }

  #stream({ headers, query }, signal) {
    const opening = this.opening(headers.get('Last-Event-ID') ?? query.lastEventId)
    const stream = new ServerStream(this, opening, query.ack !== 'client')
    signal?.addEventListener('abort', () => stream.abort())
    return new Response(stream.readable, { headers: { 'Content-Type': 'text/event-stream' } })
  }

  async #poll({ query }, signal) {
    const { position, reset } = this.opening(query.after)
    const found = () => this.after(position, 100)
    if (!reset && found().length === 0 && query.timeout !== '0' && this.isHolding) {
      await this.#woken(Number(query.timeout) * 1000, signal)
    }
    const notifications = reset ? [] : found()
    const reached = Number(notifications.at(-1)?.id ?? this.end)
    if (query.ack !== 'client') this.delivered = Math.max(this.delivered, reached)
    const more = this.after(reached).length > 0
    const answer = {
      notifications,
      cursor: this.cursor(reached),
      timestamp: this.clock.now(),
      more,
    }
    return Response.json(reset ? { ...answer, reset } : answer)
  }

  #woken(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.polls.delete(done)
        this.clock.clearTimeout(timer)
        resolve()
      }
      const timer = this.clock.setTimeout(done, milliseconds)
      this.polls.add(done)
      signal?.addEventListener('abort', () => {
        this.polls.delete(done)
        this.clock.clearTimeout(timer)
        reject(signal.reason)
      })
    })
  }
}

class ServerStream {
  #server
  #position
  #isMarking
  #controller

  constructor(server, { position, reset }, isMarking) {
    this.#server = server
    this.#position = position
    this.#isMarking = isMarking
    this.readable = new ReadableStream({ start: (controller) => (this.#controller = controller) })
    server.streams.push(this)
    const cursor = server.cursor(position)
    this.write(`retry: ${server.retry}\n\n`)
    this.send(cursor, 'connected', {
      userId: 'bob',
      timestamp: server.clock.now(),
      cursor,
      newest: server.cursor(),
      unread: 0,
      heartbeat: HEARTBEAT,
    })
    if (reset) this.send(cursor, 'reset', reset)
    this.catchUp()
  }

  catchUp() {
    for (const entry of this.#server.after(this.#position)) {
      this.send(this.#server.cursor(Number(entry.id)), 'notification', entry)
    }
    this.#position = this.#server.end
    if (this.#isMarking) this.#server.delivered = Math.max(this.#server.delivered, this.#position)
  }

  send(id, name, data) {
    this.write(`${id ? `id: ${id}\n` : ''}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  write(text) {
    this.#controller.enqueue(new TextEncoder().encode(text))
  }

  close() {
    this.#controller.close()
  }

  break() {
    this.#controller.error(new TypeError('terminated'))
  }

  abort() {
    const { streams } = this.#server
    if (streams.includes(this)) streams.splice(streams.indexOf(this), 1)
    try {
      this.#controller.error(new DOMException('aborted', 'AbortError'))
    } catch {
      // It had ended by itself.
    }
  }
}

/** Held back for as long as its client has patience. */
function never(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

function problem(status, code, headers = {}) {
  const fields = { type: 'about:blank', title: code, status, detail: `It is ${code}.`, code }
  return Response.json(fields, {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  })
}
