/** A stream that works, ends, breaks, and comes back: what a page is told of it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { SignedOut } from '../../web/client/errors.js'
import { Browser, ORIGIN } from './fakes/browser.js'
import { settled } from './fakes/clock.js'
import { tokenOf } from './fakes/tokens.js'

const KEY = `circles:cursor:${ORIGIN}:bob`

function alone(options = {}) {
  const browser = new Browser()
  const { server, clock, items } = browser
  const open = (more) => browser.open({ shareTabs: false, ...options, ...more })
  return {
    server,
    clock,
    items,
    open,
    lastEventIds: () =>
      server.of('/v1/sse/stream').map(({ headers }) => headers.get('Last-Event-ID')),
  }
}

const upTo = (end) => Array.from({ length: end }, (_, index) => index + 1)

test('what was never delivered comes first, then what comes live', async () => {
  const { server, open } = alone()
  for (let count = 0; count < 3; count++) server.add()
  const tab = open()
  await settled()
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1, 2, 3, 4])
  assert.deepEqual(tab.states, ['catching-up', 'live'])
  assert.equal(tab.client.cursor, 'e1-4')
  assert.equal(tab.client.userId, 'bob')
})

test('listeners of one type hear that type alone, and no more once they have ended', async () => {
  const { server, open } = alone()
  const tab = open()
  const heard = []
  const end = tab.client.on('group.invite', ({ id }) => heard.push(id))
  await settled()
  server.add('a', 'group.invite')
  server.add('b', 'message.new')
  await settled()
  end()
  server.add('c', 'group.invite')
  await settled()
  assert.deepEqual(heard, ['1'])
  assert.deepEqual(tab.ids, [1, 2, 3])
})

test('a listener that throws takes nothing from the others', async (t) => {
  const said = t.mock.method(console, 'error', () => {})
  const { server, open } = alone()
  const tab = open()
  tab.client.on('message.new', () => {
    throw new Error('a mistake of the page')
  })
  await settled()
  server.add()
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1, 2])
  assert.equal(said.mock.callCount(), 2)
})

test('after a reload, everything comes once', async () => {
  const { server, open, items } = alone()
  const tab = open()
  await settled()
  server.add()
  server.add()
  await settled()
  assert.equal(items.get(KEY), 'e1-2')
  tab.client.close()
  server.add()
  const reloaded = open()
  await settled()
  assert.deepEqual([tab.ids, reloaded.ids], [[1, 2], [3]])
})

test('a stream that breaks is resumed after the pause that its server drew', async () => {
  const { server, clock, open, lastEventIds } = alone()
  const tab = open()
  await settled()
  server.add()
  await settled()
  server.cut()
  server.add()
  await clock.advance(1999)
  assert.deepEqual(tab.ids, [1])
  await clock.advance(2)
  assert.deepEqual(tab.ids, [1, 2])
  assert.deepEqual(lastEventIds(), [null, 'e1-1'])
  assert.deepEqual(tab.states, ['live', 'connecting', 'catching-up', 'live'])
})

test('a drain brings clients back when its server says', async () => {
  const { server, clock, open } = alone()
  open()
  await settled()
  server.drain(700)
  await clock.advance(690)
  assert.equal(server.of('/v1/sse/stream').length, 1)
  await clock.advance(20)
  assert.equal(server.of('/v1/sse/stream').length, 2)
})

test('a server that is away is tried again and again, ever more seldom', async () => {
  const { server, clock, open } = alone()
  server.failing.streams = server.failing.polls = 'down'
  const tab = open()
  await clock.advance(120_000)
  const tries = server.calls.length
  assert.ok(tries >= 6 && tries <= 16, `${tries} tries in two minutes`)
  assert.deepEqual(tab.states, ['offline'])
  assert.ok(tab.errors.length > 0)
  server.failing.streams = server.failing.polls = null
  server.add()
  await clock.advance(60_000)
  assert.equal(tab.states.at(-1), 'live')
  assert.deepEqual(tab.ids, [1])
})

test('a server that is overrun is left alone for as long as it says', async () => {
  const { server, clock, open } = alone()
  server.failing.streams = { status: 503, headers: { 'Retry-After': '20' } }
  open()
  await clock.advance(20_000)
  assert.equal(server.calls.length, 1)
  await clock.advance(1001)
  assert.equal(server.calls.length, 2)
})

test('a reset is told, and events go on from its cursor', async () => {
  const { server, open, items } = alone()
  items.set(KEY, 'e0-70')
  server.entries = upTo(9).map((id) => ({ type: 'message.new', data: { content: id } }))
  const tab = open()
  await settled()
  assert.deepEqual(tab.resets, [
    { reason: 'unknown_epoch', cursor: 'e1-9', unread: 3, resyncUrl: '/v1/notifications' },
  ])
  assert.equal(items.get(KEY), 'e1-9')
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [10])
  assert.equal(tab.states.at(-1), 'live')
})

test('a stream cut between its beginning and its reset is reset again', async () => {
  const { server, clock, open, items, lastEventIds } = alone()
  items.set(KEY, 'e1-3')
  server.entries = upTo(9).map(() => ({ type: 'message.new', data: {} }))
  server.floor = 5
  const opening = server.opening.bind(server)
  server.opening = (cursor) => ({ position: opening(cursor).position })
  const tab = open()
  await settled()
  server.cut()
  server.opening = opening
  await clock.advance(2000)
  assert.deepEqual(lastEventIds(), ['e1-3', 'e1-3'])
  assert.deepEqual(
    tab.resets.map(({ reason }) => reason),
    ['expired'],
  )
})

test('a stream cut off at once resumes from where it began', async () => {
  const { server, clock, open, lastEventIds } = alone({ acks: false })
  server.delivered = 2
  server.entries = upTo(2).map(() => ({ type: 'message.new', data: {} }))
  const tab = open()
  await settled()
  server.cut()
  // To another device of the same user.
  server.add()
  server.delivered = 3
  await clock.advance(2000)
  assert.deepEqual(lastEventIds(), [null, 'e1-2'])
  assert.deepEqual(tab.ids, [3])
})

test('what arrived is acknowledged, and what did not is not', async () => {
  const { server, clock, open } = alone()
  open()
  await settled()
  server.add()
  server.add()
  assert.equal(server.of('/v1/sse/stream')[0].query.ack, 'client')
  await settled()
  assert.equal(server.delivered, 1)
  await clock.advance(100)
  assert.deepEqual(
    server.of('/v1/sse/ack').map(({ body }) => body.cursor),
    ['e1-1', 'e1-2'],
  )
  assert.equal(server.delivered, 2)
})

test('without acks, the server counts what it wrote', async () => {
  const { server, clock, open } = alone({ acks: false })
  open()
  await settled()
  server.add()
  await clock.advance(1000)
  assert.equal(server.of('/v1/sse/stream')[0].query.ack, undefined)
  assert.deepEqual(server.of('/v1/sse/ack'), [])
})

test('what a heartbeat tells of and never came is asked for, once', async () => {
  const { server, clock, open, lastEventIds } = alone()
  const tab = open()
  await settled()
  server.streams[0].catchUp = () => {}
  server.add()
  server.heartbeat()
  await clock.advance(25_000)
  assert.deepEqual(tab.ids, [])
  server.heartbeat()
  await settled()
  assert.deepEqual(tab.ids, [1])
  assert.equal(lastEventIds().length, 2)
})

test('what its owner has deleted is not waited for', async () => {
  const { server, clock, open, lastEventIds } = alone()
  const tab = open()
  await settled()
  server.entries.push(null)
  for (let count = 0; count < 6; count++) {
    server.heartbeat()
    await clock.advance(25_000)
  }
  assert.equal(lastEventIds().length, 2)
  assert.equal(tab.states.at(-1), 'live')
})

test('a stream of a token that expired goes on with the next one, and nothing is lost', async () => {
  const { server, clock, open } = alone()
  const tab = open({ token: () => tokenOf('bob', { exp: clock.now() / 1000 + 3600 }) })
  await settled()
  server.add()
  await clock.advance(10_000)
  server.expire()
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1, 2])
  const tokens = server.of('/v1/sse/stream').map(({ headers }) => headers.get('Authorization'))
  assert.equal(new Set(tokens).size, 2)
})

test('a server that finds every token expired is no loop', async () => {
  const { server, clock, open } = alone()
  const tab = open({ token: () => tokenOf('bob', { exp: clock.now() / 1000 + 3600 }) })
  for (let second = 0; second < 600; second++) {
    await clock.advance(100)
    server.expire()
  }
  const tries = server.of('/v1/sse/stream').length
  assert.ok(tries > 5 && tries < 70, `${tries} streams in a minute`)
  assert.notEqual(tab.states.at(-1), 'signed-out')
})

test('a refused token is renewed, and a second refusal signs out for good', async () => {
  const { server, clock, open } = alone()
  const first = tokenOf('bob')
  server.refusedTokens.add(first)
  const reasons = []
  const token = ({ reason }) => {
    reasons.push(reason)
    return reason === 'start' ? first : tokenOf('bob')
  }
  const tab = open({ token })
  await settled()
  assert.deepEqual([tab.states, reasons], [['live'], ['start', 'refused']])
  server.refusedTokens = { has: () => true }
  server.cut()
  await clock.advance(600_000)
  assert.deepEqual(reasons, ['start', 'refused', 'refused'])
  assert.equal(server.of('/v1/sse/stream').length, 4)
  assert.equal(tab.states.at(-1), 'signed-out')
  assert.equal(clock.pending, 0)
})

test('a refused token that can not be renewed now is no reason to sign out', async () => {
  const { server, clock, open } = alone()
  const first = tokenOf('bob')
  server.refusedTokens.add(first)
  let failures = 2
  const tab = open({
    token: async ({ reason }) => {
      if (reason === 'start') return first
      if (failures-- > 0) throw new TypeError('fetch failed')
      return tokenOf('bob')
    },
  })
  await clock.advance(10_000)
  assert.equal(tab.client.state, 'live')
})

test('an application that is signed out is left alone', async () => {
  const { server, clock, open } = alone()
  const tab = open({
    token: async () => {
      throw new SignedOut()
    },
  })
  await clock.advance(600_000)
  assert.deepEqual([tab.states, server.calls], [['signed-out'], []])
  assert.equal(clock.pending, 0)
})

test('an application that can not get a token now is asked again', async () => {
  const { clock, open } = alone()
  let failures = 2
  const tab = open({
    token: async () => {
      if (failures-- > 0) throw new TypeError('fetch failed')
      return tokenOf('bob')
    },
  })
  await clock.advance(5000)
  assert.deepEqual(tab.states, ['offline', 'connecting', 'live'])
  assert.equal(tab.errors.length, 2)
})

test('what can not be read is a failure, with a pause before the next try', async () => {
  const { server, clock, open } = alone()
  const tab = open()
  await settled()
  server.streams[0].write('event: notification\ndata: {"id":\n\n')
  await settled()
  assert.equal(tab.errors.length, 1)
  assert.equal(server.of('/v1/sse/stream').length, 1)
  await clock.advance(2000)
  assert.equal(server.of('/v1/sse/stream').length, 2)
})

test("something that answers in the server's place is not taken for a stream", async () => {
  const browser = new Browser()
  const fetch = async () =>
    new Response('<h1>Welcome to our hotel</h1>', { headers: { 'Content-Type': 'text/html' } })
  const tab = browser.open({ shareTabs: false }, { fetch })
  await settled()
  assert.deepEqual(tab.states, ['offline'])
  assert.match(tab.errors[0].message, /in the server's place, with text\/html/)
})

test('a client that is closed tells nothing more and leaves nothing behind', async () => {
  const { server, clock, open } = alone()
  const tab = open()
  await settled()
  server.add()
  server.add()
  tab.client.on('notification', () => tab.client.close())
  await settled()
  assert.deepEqual(tab.ids, [1])
  server.add()
  await settled()
  assert.deepEqual([tab.ids, server.streams, clock.pending], [[1], [], 0])
})
