/** The browser's own EventSource: it says little of what went wrong, and is rebuilt each time. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Browser, ORIGIN } from './fakes/browser.js'
import { settled } from './fakes/clock.js'
import { eventSourceOf } from './fakes/event-source.js'
import { tokenOf } from './fakes/tokens.js'

async function opened(options = {}) {
  const browser = new Browser()
  const { server, clock, items } = browser
  server.entries = [null, null]
  server.delivered = 2
  items.set(`circles:cursor:${ORIGIN}:bob`, 'e1-1')
  const lent = { EventSource: eventSourceOf(server.fetch) }
  const tab = browser.open({ transport: 'eventsource', shareTabs: false, ...options }, lent)
  await settled()
  return {
    server,
    clock,
    tab,
    queries: () => server.of('/v1/sse/stream').map(({ query }) => query),
  }
}

test('a stream is opened with a ticket and a cursor in its address, and no token', async () => {
  const { server, tab, queries } = await opened()
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [3])
  assert.deepEqual(queries(), [{ ack: 'client', ticket: 'ticket-1', lastEventId: 'e1-1' }])
  assert.equal(server.of('/v1/sse/stream')[0].headers.get('Authorization'), null)
})

test('a stream that breaks is rebuilt with its ticket, and with the cursor of now', async () => {
  const { server, clock, tab, queries } = await opened()
  server.add()
  await settled()
  server.cut()
  server.add()
  await clock.advance(2000)
  assert.deepEqual(tab.ids, [3, 4])
  assert.deepEqual(queries()[1], { ack: 'client', ticket: 'ticket-1', lastEventId: 'e1-3' })
  assert.equal(server.of('/v1/sse/ticket').length, 1)
})

test('a ticket that has grown old is replaced', async () => {
  const { server, clock } = await opened()
  for (let minute = 0; minute < 11; minute++) {
    server.heartbeat()
    await clock.advance(30_000)
    server.heartbeat()
    await clock.advance(30_000)
  }
  server.cut()
  await clock.advance(2000)
  assert.equal(server.of('/v1/sse/ticket').length, 2)
})

test('a ticket that opens nothing is replaced', async () => {
  const { server, clock, tab, queries } = await opened()
  server.refusedTokens.add('ticket-1')
  server.cut()
  await clock.advance(10_000)
  assert.equal(tab.client.state, 'live')
  assert.notEqual(queries().at(-1).ticket, 'ticket-1')
})

test('a ticket goes with its token', async () => {
  const { server, clock, queries } = await opened()
  await clock.advance(5000)
  server.expire()
  await clock.advance(2000)
  assert.deepEqual(
    queries().map(({ ticket }) => ticket),
    ['ticket-1', queries()[1].ticket],
  )
  assert.notEqual(queries()[1].ticket, 'ticket-1')
})

test('who is refused a ticket is signed out, and asks no more', async () => {
  const { server, clock, tab } = await opened({ token: () => tokenOf('bob') })
  server.refusedTokens = { has: () => true }
  server.cut()
  await clock.advance(600_000)
  assert.equal(tab.client.state, 'signed-out')
  assert.ok(server.of('/v1/sse/ticket').length <= 5)
  assert.equal(clock.pending, 0)
})

test('a stream that something on the way holds back is replaced by polls', async () => {
  const { server, clock, tab } = await opened()
  server.failing.streams = 'withhold'
  server.cut()
  server.add()
  await clock.advance(12_000)
  assert.deepEqual(tab.ids, [3])
  assert.equal(tab.client.state, 'polling')
})
