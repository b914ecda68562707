/** What the browser does to a page: networks go, laptops shut, tabs are laid aside. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Browser } from './fakes/browser.js'
import { settled } from './fakes/clock.js'

async function live(options = { shareTabs: false }) {
  const browser = new Browser()
  const tab = browser.open(options)
  await settled()
  assert.equal(tab.client.state, 'live')
  return { browser, tab, server: browser.server, clock: browser.clock }
}

test('a browser that goes offline says so, and comes back as soon as it is online', async () => {
  const { tab, server, clock } = await live()
  tab.happens('offline')
  server.failing.streams = server.failing.polls = 'down'
  await clock.advance(10_000)
  assert.equal(tab.client.state, 'offline')
  server.add()
  server.failing.streams = server.failing.polls = null
  tab.happens('online')
  await settled()
  assert.deepEqual(tab.ids, [1])
  assert.equal(tab.client.state, 'live')
})

test('a browser that is wrong about being offline is not believed for long', async () => {
  const { tab, server, clock } = await live()
  tab.happens('offline')
  server.add()
  await clock.advance(31_000)
  assert.deepEqual(tab.ids, [1])
})

test('who comes back to the page waits for no pause', async () => {
  const { tab, server, clock } = await live()
  server.failing.streams = server.failing.polls = 'down'
  server.cut()
  await clock.advance(120_000)
  server.failing.streams = server.failing.polls = null
  server.add()
  tab.happens('visibilitychange')
  await clock.advance(1)
  assert.deepEqual(tab.ids, [1])
})

test('a stream that died unnoticed is opened anew when somebody looks', async () => {
  const { tab, server, clock } = await live()
  server.streams[0].catchUp = () => {}
  server.add()
  await clock.advance(33_000)
  assert.deepEqual(tab.ids, [])
  tab.happens('visibilitychange')
  await settled()
  assert.deepEqual(tab.ids, [1])
})

test('a stream that lives is left alone when somebody looks', async () => {
  const { tab, server, clock } = await live()
  await clock.advance(20_000)
  tab.happens('visibilitychange')
  tab.happens('online')
  await settled()
  assert.equal(server.of('/v1/sse/stream').length, 1)
})

for (const options of [{ shareTabs: false }, {}]) {
  const how = options.shareTabs === false ? 'alone' : 'sharing a stream'
  test(`a page laid aside (${how}) holds nothing, and goes on where it was when it comes back`, async () => {
    const { tab, server, clock } = await live(options)
    server.add()
    await settled()
    tab.happens('pagehide', { persisted: true })
    await settled()
    assert.deepEqual(
      server.of('/v1/sse/ack').map(({ body }) => body.cursor),
      ['e1-1'],
    )
    assert.equal(server.streams.length, 0)
    server.add()
    await clock.advance(600_000)
    assert.equal(server.of('/v1/sse/stream').length, 1)
    tab.happens('pageshow', { persisted: true })
    await settled()
    assert.deepEqual(tab.ids, [1, 2])
    assert.equal(tab.client.state, 'live')
  })
}

test('a page that is shown for the first time is not opened twice', async () => {
  const { tab, server } = await live()
  tab.happens('pageshow', { persisted: false })
  tab.happens('pageshow', { persisted: true })
  tab.happens('resume')
  await settled()
  assert.equal(server.of('/v1/sse/stream').length, 1)
})

test('a frozen page lets go, and goes on when it is resumed', async () => {
  const { tab, server } = await live({})
  tab.happens('freeze')
  await settled()
  assert.equal(server.streams.length, 0)
  server.add()
  tab.happens('resume')
  await settled()
  assert.deepEqual(tab.ids, [1])
})

test('a closed client no longer listens to the page', async () => {
  const { tab, server } = await live()
  tab.client.close()
  for (const type of ['online', 'visibilitychange', 'resume']) tab.happens(type)
  tab.happens('pageshow', { persisted: true })
  await settled()
  assert.deepEqual([server.of('/v1/sse/stream').length, server.streams.length], [1, 0])
})
