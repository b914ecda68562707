import assert from 'node:assert/strict'
import test from 'node:test'
import { Backoff } from '../../web/client/backoff.js'

test('after a stream that worked, the pause is the one that its server drew', () => {
  const backoff = new Backoff(() => 0.5)
  backoff.told(3127)
  assert.equal(backoff.afterEnd(), 3127)
  backoff.told(null)
  assert.equal(backoff.afterEnd(), 3127)
})

test('pauses double up to half a minute, and begin anew once it worked', () => {
  const backoff = new Backoff(() => 1)
  const pauses = Array.from({ length: 8 }, () => backoff.afterFailure())
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  backoff.reset()
  assert.equal(backoff.afterFailure(), 1000)
})

test('pauses never get so long that a number overflows', () => {
  const backoff = new Backoff(() => 1)
  for (let count = 0; count < 5000; count++) assert.ok(backoff.afterFailure() <= 30_000)
})

test('clients that failed together come back apart', () => {
  const pauses = [0, 0.25, 0.5, 0.75].map((drawn) => new Backoff(() => drawn).afterFailure())
  assert.deepEqual(pauses, [500, 625, 750, 875])
})

test('Retry-After is never undercut', () => {
  assert.equal(new Backoff(() => 0).afterFailure(7), 7000)
  assert.equal(new Backoff(() => 0.5).afterFailure(7), 7500)
})
