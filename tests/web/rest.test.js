import assert from 'node:assert/strict'
import test from 'node:test'
import { Problem, SignedOut } from '../../web/client/errors.js'
import { Browser, ORIGIN } from './fakes/browser.js'
import { settled } from './fakes/clock.js'
import { tokenOf } from './fakes/tokens.js'

test('a call carries the token, and JSON where it is given', async () => {
  const { open, server } = bound(new Browser())
  const { client } = open()
  const init = { method: 'POST', json: { name: 'Lunch' }, headers: { 'X-Mine': '1' } }
  const answer = await (await client.fetch('/v1/groups', init)).json()
  assert.deepEqual(answer, { path: '/v1/groups', body: { name: 'Lunch' } })
  const { headers } = server.of('/v1/groups')[0]
  assert.match(headers.get('Authorization'), /^Bearer ey/)
  assert.equal(headers.get('Content-Type'), 'application/json')
  assert.equal(headers.get('X-Mine'), '1')
})

test('a refused token is renewed once, and the call made again', async () => {
  const { open, server } = bound(new Browser())
  const first = tokenOf('bob')
  server.refusedTokens.add(first)
  const { client } = open({ token: ({ reason }) => (reason === 'start' ? first : tokenOf('bob')) })
  assert.equal((await client.fetch('/v1/groups')).status, 200)
  assert.equal(server.of('/v1/groups').length, 2)
})

test('a token that stays refused signs out, and calls no more', async () => {
  const { open, server } = bound(new Browser())
  server.failing.streams = 'withhold'
  server.refusedTokens = { has: () => true }
  const { client, states } = open({ token: () => tokenOf('bob') })
  await assert.rejects(
    client.fetch('/v1/groups'),
    (error) => error instanceof Problem && error.status === 401,
  )
  assert.equal(server.of('/v1/groups').length, 2)
  await assert.rejects(client.fetch('/v1/groups'), SignedOut)
  assert.equal(server.of('/v1/groups').length, 2)
  assert.equal(states.at(-1), 'signed-out')
})

test('what the server says is wrong can be shown and told apart', async () => {
  const browser = new Browser()
  const body = {
    title: 'Bad values',
    detail: 'Some are bad.',
    code: 'invalid',
    errors: [{ field: 'name', message: 'is blank' }],
  }
  const fetch = async (url) =>
    String(url).endsWith('/v1/groups')
      ? Response.json({ ...body, status: 422 }, { status: 422, headers: { 'Retry-After': '7' } })
      : browser.server.fetch(url, { headers: {} })
  const { client } = browser.open({}, { fetch })
  await assert.rejects(client.fetch('/v1/groups'), {
    name: 'Problem',
    status: 422,
    code: 'invalid',
    detail: 'Some are bad.',
    errors: [{ field: 'name', message: 'is blank' }],
    retryAfter: 7,
  })
})

test("a proxy's own error page is a problem like any other", async () => {
  const fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 })
  const { client } = new Browser().open({}, { fetch })
  await assert.rejects(client.fetch('/v1/groups'), {
    name: 'Problem',
    status: 502,
    code: 'unknown',
    errors: [],
  })
})

test('tokens go to no other origin', async () => {
  const { open, server } = bound(new Browser())
  const { client } = open()
  for (const path of [
    'https://evil.example/v1',
    '//evil.example/v1',
    'http://circles.example/v1',
  ]) {
    await assert.rejects(client.fetch(path), TypeError)
  }
  assert.equal((await client.fetch(`${ORIGIN}/v1/groups`)).status, 200)
  assert.ok(server.calls.every(({ path }) => !path.endsWith('/v1')))
})

test('a call waits for the place in the mailbox, so that nothing falls between its answer and events', async () => {
  const { open, items } = bound(new Browser())
  items.set(`circles:cursor:${ORIGIN}:bob`, 'e1-7')
  const { client } = open()
  assert.equal(client.cursor, null)
  await client.fetch('/v1/groups')
  assert.equal(client.cursor, 'e1-7')
})

test('a call waits for it even when it is the first to get a token', async () => {
  const { open, items, server } = bound(new Browser())
  items.set(`circles:cursor:${ORIGIN}:bob`, 'e1-7')
  let isAway = true
  const token = async () => {
    if (isAway) throw new TypeError('fetch failed')
    return tokenOf('bob')
  }
  const cursors = []
  const fetch = (url, init) => {
    if (url.pathname === '/v1/groups') cursors.push(client.cursor)
    return server.fetch(url, init)
  }
  const { client, states } = open({ token }, { fetch })
  await settled()
  assert.deepEqual(states, ['offline'])
  isAway = false
  await client.fetch('/v1/groups')
  assert.deepEqual(cursors, ['e1-7'])
})

test('a call fails with what the application could not get a token for', async () => {
  const { open } = bound(new Browser())
  const { client, states } = open({
    token: async () => {
      throw new TypeError('fetch failed')
    },
  })
  await assert.rejects(client.fetch('/v1/groups'), /fetch failed/)
  assert.deepEqual(states, ['offline'])
})

function bound(browser) {
  return { open: browser.open.bind(browser), server: browser.server, items: browser.items }
}
