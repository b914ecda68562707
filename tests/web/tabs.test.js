/** Tabs of one browser share a stream; each is told everything, once and in order. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Browser } from './fakes/browser.js'
import { settled } from './fakes/clock.js'
import { tokenOf } from './fakes/tokens.js'

async function opened(count) {
  const browser = new Browser()
  const tabs = []
  for (let number = 0; number < count; number++) {
    tabs.push(browser.open())
    await settled()
  }
  return { browser, tabs, server: browser.server, clock: browser.clock }
}

const upTo = (end, begin = 1) =>
  Array.from({ length: end - begin + 1 }, (_, index) => begin + index)
const idsOf = (tabs) => tabs.map(({ ids }) => ids)
const statesOf = (tabs) => tabs.map(({ client }) => client.state)

test('one stream serves all tabs, and each knows how it is', async () => {
  const { tabs, server } = await opened(3)
  server.add()
  server.add()
  await settled()
  assert.equal(server.of('/v1/sse/stream').length, 1)
  assert.deepEqual(idsOf(tabs), [
    [1, 2],
    [1, 2],
    [1, 2],
  ])
  assert.deepEqual(statesOf(tabs), ['live', 'live', 'live'])
})

test('when the tab with the stream is closed another one takes over, with nothing lost or doubled', async () => {
  const { tabs, server } = await opened(3)
  server.add()
  await settled()
  tabs[0].client.close()
  server.add()
  await settled()
  server.add()
  await settled()
  assert.deepEqual(idsOf(tabs), [[1], [1, 2, 3], [1, 2, 3]])
  assert.equal(server.streams.length, 1)
  assert.equal(server.of('/v1/sse/stream')[1].headers.get('Last-Event-ID'), 'e1-1')
  assert.deepEqual(statesOf(tabs.slice(1)), ['live', 'live'])
})

test('each tab may go and come back, again and again, while things happen', async () => {
  const { browser, tabs, server } = await opened(3)
  for (let round = 0; round < 12; round++) {
    server.add()
    const tab = tabs[round % 3]
    tab.happens('pagehide', { persisted: true })
    server.add()
    await settled()
    server.add()
    tab.happens('pageshow', { persisted: true })
    await settled()
  }
  server.add()
  await settled()
  await browser.clock.advance(1000)
  assert.deepEqual(idsOf(tabs), Array(3).fill(upTo(37)))
  assert.equal(server.streams.length, 1)
})

test('a new tab begins where the others are', async () => {
  const { browser, server } = await opened(1)
  server.add()
  server.add()
  await settled()
  const late = browser.open()
  await settled()
  server.add()
  await settled()
  assert.deepEqual(late.ids, [3])
  assert.equal(late.client.cursor, 'e1-3')
})

test('a tab that missed what the leader told asks for it', async () => {
  const { tabs, server } = await opened(2)
  server.add()
  await settled()
  tabs[1].freeze()
  const told = []
  tabs[1].run = async (then) => told.push(then)
  server.add()
  server.add()
  await settled()
  // What was told meanwhile never reached it.
  delete tabs[1].run
  tabs[1].thaw()
  server.add()
  await settled()
  assert.ok(told.length >= 2)
  assert.deepEqual(idsOf(tabs), [
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ])
  assert.equal(server.of('/v1/sse/stream').length, 1)
})

test('what a tab missed comes even if nothing more happens', async () => {
  const { tabs, server, clock } = await opened(2)
  tabs[1].run = async () => {}
  server.add()
  await settled()
  delete tabs[1].run
  tabs[1].happens('visibilitychange')
  await clock.advance(100)
  assert.deepEqual(idsOf(tabs), [[1], [1]])
})

test('a frozen tab with the stream loses it to one that runs', async () => {
  const { tabs, server, clock } = await opened(3)
  server.add()
  await settled()
  tabs[0].freeze()
  server.add()
  await clock.advance(70_000)
  server.add()
  await settled()
  assert.deepEqual(idsOf(tabs.slice(1)), [
    [1, 2, 3],
    [1, 2, 3],
  ])
  assert.deepEqual(statesOf(tabs.slice(1)), ['live', 'live'])
  tabs[0].thaw()
  await clock.advance(1000)
  server.add()
  await clock.advance(1000)
  assert.deepEqual(idsOf(tabs), Array(3).fill([1, 2, 3, 4]))
  assert.equal(server.streams.length, 1)
})

test('a tab that somebody looks at waits for seconds only, not for a minute', async () => {
  const { tabs, server, clock } = await opened(2)
  await clock.advance(10_000)
  tabs[0].freeze()
  server.add()
  tabs[1].happens('visibilitychange')
  await clock.advance(5100)
  assert.deepEqual(tabs[1].ids, [1])
})

test('a leader that answers keeps the stream', async () => {
  const { tabs, server, clock } = await opened(2)
  for (let minute = 0; minute < 30; minute++) {
    server.heartbeat()
    tabs[1].happens('visibilitychange')
    await clock.advance(29_000)
  }
  assert.equal(server.of('/v1/sse/stream').length, 1)
})

test('a follower that slept while it was answered does not take its leader for dead', async () => {
  const { tabs, server, clock } = await opened(2)
  const { run } = tabs[1]
  const waiting = []
  tabs[1].run = async (then) => waiting.push(then)
  tabs[1].happens('visibilitychange')
  await settled()
  // The timer comes first, late, and what was told meanwhile after it.
  assert.equal(waiting.length, 1)
  tabs[1].run = run
  server.heartbeat()
  clock.sleep(40_000)
  await clock.advance(1)
  waiting.forEach((then) => then())
  await clock.advance(10_000)
  assert.equal(server.of('/v1/sse/stream').length, 1)
})

test('a reset reaches every tab once', async () => {
  const { tabs, server, clock } = await opened(3)
  server.add()
  await settled()
  server.epoch = 2
  server.entries = []
  server.cut()
  await clock.advance(2000)
  server.add()
  await settled()
  assert.deepEqual(
    tabs.map(({ resets }) => resets.map(({ reason }) => reason)),
    Array(3).fill(['unknown_epoch']),
  )
  assert.deepEqual(idsOf(tabs), Array(3).fill([1, 1]))
  assert.deepEqual(
    tabs.map(({ client }) => client.cursor),
    Array(3).fill('e2-1'),
  )
})

test('a tab that slept for too long reloads alone', async () => {
  const { tabs, server, clock } = await opened(2)
  server.add()
  await settled()
  tabs[0].happens('pagehide', { persisted: true })
  for (let count = 0; count < 10; count++) server.add()
  await settled()
  server.floor = 5
  tabs[1].happens('pagehide', { persisted: true })
  tabs[0].happens('pageshow', { persisted: true })
  tabs[1].happens('pageshow', { persisted: true })
  await clock.advance(1000)
  assert.deepEqual(
    tabs.map(({ resets }) => resets.length),
    [1, 0],
  )
  server.add()
  await settled()
  assert.deepEqual(idsOf(tabs), [[1, 12], upTo(12)])
})

test('polls are shared like streams', async () => {
  const browser = new Browser()
  browser.server.failing.streams = 'withhold'
  const tabs = [browser.open(), browser.open()]
  await browser.clock.advance(9000)
  browser.server.add()
  await settled()
  assert.deepEqual(idsOf(tabs), [[1], [1]])
  assert.deepEqual(statesOf(tabs), ['polling', 'polling'])
  assert.ok(browser.server.of('/v1/sse/poll').length <= 4)
})

test('users who share a browser share nothing else', async () => {
  const browser = new Browser()
  const bob = browser.open()
  const carol = browser.open({ token: () => tokenOf('carol') })
  await settled()
  assert.equal(browser.server.of('/v1/sse/stream').length, 2)
  bob.client.close()
  assert.deepEqual([bob.client.userId, carol.client.userId], ['bob', 'carol'])
})

test('a tab that is signed out leaves the stream to one that is not', async () => {
  const browser = new Browser()
  const token = tokenOf('bob')
  const first = browser.open({ token: () => token })
  await settled()
  const second = browser.open()
  await settled()
  browser.server.refusedTokens.add(token)
  browser.server.cut()
  await browser.clock.advance(3000)
  browser.server.add()
  await settled()
  assert.deepEqual([first.client.state, second.client.state], ['signed-out', 'live'])
  assert.deepEqual(second.ids, [1])
})

test('a browser without locks has a stream in each tab', async () => {
  const browser = new Browser()
  const tabs = [1, 2].map(() => browser.open({}, { locks: undefined }))
  await settled()
  browser.server.add()
  await settled()
  assert.equal(browser.server.of('/v1/sse/stream').length, 2)
  assert.deepEqual(idsOf(tabs), [[1], [1]])
})

test('a browser that refuses locks has a stream in each tab', async () => {
  const browser = new Browser()
  const locks = {
    request: async () => {
      throw new DOMException('no origin', 'SecurityError')
    },
  }
  const tabs = [1, 2].map(() => browser.open({}, { locks }))
  await settled()
  browser.server.add()
  await browser.clock.advance(120_000)
  assert.equal(browser.server.streams.length, 2)
  assert.deepEqual(idsOf(tabs), [[1], [1]])
})
