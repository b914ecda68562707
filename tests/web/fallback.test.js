/** Where streams don't get through, polls do; and once streams do again, they are used again. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Browser } from './fakes/browser.js'
import { settled } from './fakes/clock.js'
import { tokenOf } from './fakes/tokens.js'

function alone(options = {}) {
  const browser = new Browser()
  const { server, clock } = browser
  return {
    server,
    clock,
    streams: () => server.of('/v1/sse/stream').length,
    tab: browser.open({ shareTabs: false, ...options }),
  }
}

/** One that holds streams back, until it is told not to. */
async function behindBufferingProxy(options) {
  const all = alone(options)
  all.server.failing.streams = 'withhold'
  await all.clock.advance(8100)
  return all
}

test('a stream that a proxy holds back is replaced by polls within seconds', async () => {
  const { server, clock, tab } = alone()
  server.failing.streams = 'withhold'
  server.add()
  await clock.advance(7900)
  assert.deepEqual(tab.ids, [])
  await clock.advance(200)
  assert.deepEqual(tab.ids, [1])
  assert.equal(tab.client.state, 'polling')
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1, 2])
})

test('polls are held by the server: nobody asks in a loop', async () => {
  const { server, clock } = await behindBufferingProxy()
  await clock.advance(600_000)
  const polls = server.of('/v1/sse/poll')
  assert.deepEqual(
    polls.slice(0, 2).map(({ query }) => query.timeout),
    ['0', '30'],
  )
  assert.ok(polls.length <= 22, `${polls.length} polls in ten minutes`)
})

test('polls tell what has arrived by their cursor, with no call beside', async () => {
  const { server, clock } = await behindBufferingProxy()
  server.add()
  await clock.advance(100)
  assert.deepEqual(server.of('/v1/sse/poll').at(-1).query, {
    timeout: '30',
    ack: 'client',
    after: 'e1-1',
  })
  assert.deepEqual(server.of('/v1/sse/ack'), [])
  assert.equal(server.delivered, 1)
})

test('more than one answer holds comes in order, without a pause', async () => {
  const { server, clock, tab } = await behindBufferingProxy()
  server.failing.polls = 'down'
  await clock.advance(40_000)
  for (let count = 0; count < 250; count++) server.add()
  server.failing.polls = null
  await clock.advance(31_000)
  assert.deepEqual(
    tab.ids,
    Array.from({ length: 250 }, (_, index) => index + 1),
  )
})

test('once streams get through again, one takes over, with nothing lost or doubled', async () => {
  const { server, clock, tab } = await behindBufferingProxy()
  server.add()
  server.failing.streams = null
  for (let count = 0; count < 30; count++) {
    await clock.advance(500)
    server.add()
  }
  await clock.advance(1000)
  assert.equal(tab.client.state, 'live')
  assert.deepEqual(
    tab.ids,
    Array.from({ length: 31 }, (_, index) => index + 1),
  )
  assert.equal(server.streams.length, 1)
  assert.equal(server.polls.size, 0)
  assert.equal(server.delivered, 31)
})

test('streams are tried ever more seldom, and never given up', async () => {
  const { clock, streams } = await behindBufferingProxy()
  await clock.advance(3_600_000)
  const within = streams()
  assert.ok(within >= 12 && within <= 25, `${within} tries in an hour`)
  await clock.advance(600_000)
  assert.ok(streams() > within)
})

test('a stream that falls silent is replaced by polls, and taken again only when its heart beats', async () => {
  const { server, clock, tab } = alone()
  await settled()
  const deaf = () => {
    for (const stream of server.streams) stream.catchUp = () => {}
  }
  deaf()
  await clock.advance(49_000)
  assert.equal(tab.client.state, 'live')
  await clock.advance(2000)
  assert.equal(tab.client.state, 'polling')
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1])
  // The beginning of the next one gets through, and again nothing after it.
  await clock.advance(8000)
  assert.equal(server.streams.length, 1)
  deaf()
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1, 2])
  assert.equal(tab.client.state, 'polling')
  server.heartbeat()
  await settled()
  assert.deepEqual(tab.states, ['live', 'polling', 'live'])
  assert.equal(server.polls.size, 0)
})

test('after a stream that worked for long, the next one is tried as soon as ever', async () => {
  const { server, clock, tab, streams } = await behindBufferingProxy()
  await clock.advance(100_000)
  server.failing.streams = null
  for (let half = 0; half < 10; half++) {
    server.heartbeat()
    await clock.advance(30_000)
  }
  assert.equal(tab.client.state, 'live')
  server.failing.streams = 'withhold'
  server.cut()
  await clock.advance(11_000)
  assert.equal(tab.client.state, 'polling')
  const before = streams()
  await clock.advance(6000)
  assert.equal(streams(), before + 1)
})

test('a stream that was silent because the machine slept is opened again at once', async () => {
  const { server, clock, tab } = alone()
  await settled()
  server.streams[0].catchUp = () => {}
  server.add()
  clock.sleep(3_600_000)
  await clock.advance(1)
  assert.deepEqual(tab.ids, [1])
  assert.equal(tab.client.state, 'live')
  assert.deepEqual(server.of('/v1/sse/poll'), [])
})

test('a silent stream is replaced by polls even where timers always come late, as in a hidden tab', async () => {
  const { server, clock, tab } = alone()
  for (let round = 0; round < 2; round++) {
    await settled()
    server.streams[0].catchUp = () => {}
    clock.sleep(120_000)
    await clock.advance(1)
  }
  assert.equal(tab.client.state, 'polling')
})

test('streams that only ever fail are replaced by polls, if those get through', async () => {
  const { server, clock, tab } = alone()
  server.failing.streams = 502
  server.add()
  await clock.advance(12_000)
  assert.deepEqual(tab.ids, [1])
  assert.equal(tab.client.state, 'polling')
})

test('without a network, polls are no better: it is offline, and back with the network', async () => {
  const { server, clock, tab } = alone()
  server.failing.streams = server.failing.polls = 'down'
  await clock.advance(300_000)
  assert.equal(tab.client.state, 'offline')
  server.failing.streams = server.failing.polls = null
  server.add()
  await clock.advance(45_000)
  assert.deepEqual(tab.ids, [1])
  assert.equal(tab.client.state, 'live')
})

test('who has too many streams polls, and comes back no sooner than told', async () => {
  const { server, clock, tab, streams } = alone()
  await settled()
  server.closeForTooMany()
  server.add()
  await clock.advance(100)
  assert.deepEqual(tab.ids, [1])
  assert.equal(tab.client.state, 'polling')
  await clock.advance(44_000)
  assert.equal(streams(), 1)
  await clock.advance(40_000)
  assert.equal(streams(), 2)
  assert.equal(tab.client.state, 'live')
})

test('a poll may be told to reload, too', async () => {
  const { server, clock, tab } = await behindBufferingProxy()
  server.add()
  await clock.advance(100)
  server.epoch = 2
  server.entries = []
  await clock.advance(31_000)
  assert.deepEqual(
    tab.resets.map(({ reason, cursor }) => [reason, cursor]),
    [['unknown_epoch', 'e2-0']],
  )
  server.add()
  await settled()
  assert.deepEqual(tab.ids, [1, 1])
})

test('a poll that is never answered is lost, not waited for', async () => {
  const { server, clock, tab } = await behindBufferingProxy()
  await clock.advance(31_000)
  server.failing.polls = 'withhold'
  await clock.advance(90_000)
  assert.equal(tab.client.state, 'offline')
  server.failing.polls = null
  await clock.advance(31_000)
  assert.equal(tab.client.state, 'polling')
})

test('answers that are not held are no loop', async () => {
  const { server, clock } = await behindBufferingProxy()
  server.isHolding = false
  await clock.advance(31_000)
  const before = server.of('/v1/sse/poll').length
  await clock.advance(600_000)
  const polls = server.of('/v1/sse/poll').length - before
  assert.ok(polls > 10 && polls < 40, `${polls} polls in ten minutes`)
})

test('polls renew a refused token, and sign out when the next one is refused, too', async () => {
  const { server, clock, tab } = await behindBufferingProxy({ token: () => tokenOf('bob') })
  server.refusedTokens = { has: () => true }
  await clock.advance(600_000)
  assert.equal(tab.client.state, 'signed-out')
  assert.equal(clock.pending, 0)
})
