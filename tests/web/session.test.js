import assert from 'node:assert/strict'
import test from 'node:test'
import { SignedOut } from '../../web/client/errors.js'
import { Session } from '../../web/client/session.js'
import { Clock, settled } from './fakes/clock.js'
import { tokenOf } from './fakes/tokens.js'

/** A session whose application gives, and notes, what `give` returns for each reason. */
function sessionWith(give) {
  const clock = new Clock()
  const reasons = []
  const told = { signedOut: 0, errors: [] }
  const session = new Session(async ({ reason }) => {
    reasons.push(reason)
    return give(reason, clock)
  }, clock)
  session.onSignedOut = () => told.signedOut++
  session.onError = (error) => told.errors.push(error)
  return { session, clock, reasons, told }
}

const seconds = (clock, more) => clock.now() / 1000 + more

test('one token serves all who ask at once, and those who ask later', async () => {
  const { session, reasons } = sessionWith(() => tokenOf('bob'))
  const [first, second] = await Promise.all([session.token(), session.token()])
  assert.equal(first, second)
  assert.equal(await session.token(), first)
  assert.deepEqual(reasons, ['start'])
  assert.equal(session.userId, 'bob')
})

test('a user id that is not ASCII is read as it is written', async () => {
  const { session } = sessionWith(() => tokenOf('böb-ü?>~'))
  await session.token()
  assert.equal(session.userId, 'böb-ü?>~')
})

test('a token is renewed a minute before it expires', async () => {
  const { session, clock, reasons } = sessionWith((_, clock) =>
    tokenOf('bob', { exp: seconds(clock, 3600) }),
  )
  const first = await session.token()
  await clock.advance(3_539_000)
  assert.deepEqual(reasons, ['start'])
  await clock.advance(2000)
  assert.deepEqual(reasons, ['start', 'expiring'])
  assert.notEqual(await session.token(), first)
})

test('a token that lives for months overflows no timer', async () => {
  const { session, clock, reasons } = sessionWith((_, clock) =>
    tokenOf('bob', { exp: seconds(clock, 60 * 86_400) }),
  )
  await session.token()
  await clock.advance(59 * 86_400_000)
  assert.deepEqual(reasons, ['start'])
  await clock.advance(86_400_000)
  assert.deepEqual(reasons, ['start', 'expiring'])
})

test('a clock that is far ahead asks for tokens at a sane pace, and not at all once it is known', async () => {
  const { session, clock, reasons } = sessionWith((_, clock) =>
    tokenOf('bob', { exp: seconds(clock, -86_400) }),
  )
  await session.token()
  await clock.advance(1_799_000)
  assert.equal(reasons.length, 1)
  session.serverTime(clock.now() - 2 * 86_400_000)
  await clock.advance(82_000_000)
  assert.equal(reasons.length, 1)
})

test('a renewal that fails is tried again while the old token serves', async () => {
  let failures = 2
  const { session, clock, reasons, told } = sessionWith((reason, clock) => {
    if (reason === 'expiring' && failures-- > 0) throw new TypeError('fetch failed')
    return tokenOf('bob', { exp: seconds(clock, 3600) })
  })
  const first = await session.token()
  await clock.advance(3_541_000)
  assert.equal(await session.token(), first)
  await clock.advance(11_000)
  assert.deepEqual(reasons, ['start', 'expiring', 'expiring', 'expiring'])
  assert.equal(told.errors.length, 2)
  assert.equal(told.signedOut, 0)
})

test('a token that is about to expire is renewed soon, whatever else happens', async () => {
  const { session, clock, reasons } = sessionWith((_, clock) =>
    tokenOf('bob', { exp: seconds(clock, 30), iat: 0 }),
  )
  await session.token()
  await clock.advance(4000)
  assert.deepEqual(reasons, ['start'])
  session.serverTime(clock.now())
  await clock.advance(5001)
  assert.deepEqual(reasons, ['start', 'expiring'])
  // The same ones again and again are no loop.
  await clock.advance(20_000)
  assert.ok(reasons.length < 7)
})

test('several calls that are refused at once renew the token once', async () => {
  const { session, reasons } = sessionWith(() => tokenOf('bob'))
  const refused = await session.token()
  const [one, two] = await Promise.all([session.after(refused), session.after(refused)])
  assert.equal(one, two)
  assert.equal(await session.after(refused), one)
  assert.deepEqual(reasons, ['start', 'refused'])
})

test('the same token once more is no answer to its refusal', async () => {
  const token = tokenOf('bob')
  const { session, told, reasons } = sessionWith(() => token)
  await session.token()
  await assert.rejects(session.after(token), SignedOut)
  await assert.rejects(session.token(), SignedOut)
  assert.equal(told.signedOut, 1)
  assert.deepEqual(reasons, ['start', 'refused'])
})

for (const [what, give] of [
  ['null', () => null],
  [
    'SignedOut',
    () => {
      throw new SignedOut()
    },
  ],
  ['what is no JWT', () => 'made-up'],
]) {
  test(`${what} for a token means that nobody is signed in`, async () => {
    const { session, told, reasons } = sessionWith(give)
    await assert.rejects(session.token(), SignedOut)
    await assert.rejects(session.token(), SignedOut)
    assert.equal(told.signedOut, 1)
    assert.deepEqual(reasons, ['start'])
  })
}

test('a failure to get the first token is not the end', async () => {
  let failures = 1
  const { session, told } = sessionWith(() => {
    if (failures-- > 0) throw new TypeError('fetch failed')
    return tokenOf('bob')
  })
  await assert.rejects(session.token(), TypeError)
  assert.ok(await session.token())
  assert.equal(told.signedOut, 0)
})

test("another user's token is never taken: it would mix up two mailboxes", async () => {
  const users = ['bob', 'carol']
  const { session, told } = sessionWith(() => tokenOf(users.shift()))
  await assert.rejects(session.after(await session.token()), /another user/)
  assert.equal(told.signedOut, 1)
  assert.equal(session.userId, 'bob')
})

test('a stream that ended with its token renews it unless that was done in time', async () => {
  const { session, reasons } = sessionWith(() => tokenOf('bob'))
  const expired = await session.token()
  await session.afterExpiry(expired)
  await session.afterExpiry(expired)
  assert.deepEqual(reasons, ['start', 'expiring'])
})

test('a closed session leaves no timer behind', async () => {
  const { session, clock } = sessionWith((_, clock) =>
    tokenOf('bob', { exp: seconds(clock, 3600) }),
  )
  await session.token()
  session.close()
  await settled()
  assert.equal(clock.pending, 0)
})
