import assert from 'node:assert/strict'
import test from 'node:test'
import { Acks } from '../../web/client/acks.js'
import { Problem } from '../../web/client/errors.js'
import { Clock, settled } from './fakes/clock.js'

/** Acks, and the calls that they make; each waits until it is answered. */
function acksWith() {
  const clock = new Clock()
  const calls = []
  const fetch = (path, { json }) =>
    new Promise((resolve, reject) => calls.push({ path, ...json, resolve, reject }))
  return {
    acks: new Acks({ fetch }, clock),
    calls,
    clock,
    cursors: () => calls.map(({ cursor }) => cursor),
  }
}

test('what comes together is acknowledged together, and without waiting for a timer', async () => {
  const { acks, cursors } = acksWith()
  for (const cursor of ['e1-1', 'e1-2', 'e1-3']) acks.note(cursor)
  await settled()
  assert.deepEqual(cursors(), ['e1-3'])
})

test('a burst costs ten calls a second, and its end is said', async () => {
  const { acks, calls, cursors, clock } = acksWith()
  for (let count = 1; count <= 100; count++) {
    acks.note(`e1-${count}`)
    await clock.advance(20)
    calls.at(-1).resolve()
  }
  await clock.advance(100)
  assert.ok(calls.length > 10 && calls.length <= 22, `${calls.length} calls in two seconds`)
  assert.equal(cursors().at(-1), 'e1-100')
})

test('one call at a time, and the next one for all that came meanwhile', async () => {
  const { acks, calls, cursors, clock } = acksWith()
  acks.note('e1-1')
  await clock.advance(50)
  for (const cursor of ['e1-2', 'e1-3']) acks.note(cursor)
  await clock.advance(1000)
  assert.deepEqual(cursors(), ['e1-1'])
  calls[0].resolve()
  await clock.advance(100)
  assert.deepEqual(cursors(), ['e1-1', 'e1-3'])
  calls[1].resolve()
  await clock.advance(60_000)
  assert.equal(calls.length, 2)
})

test('one that is lost is said again, with what came since', async () => {
  const { acks, calls, cursors, clock } = acksWith()
  acks.note('e1-1')
  await clock.advance(50)
  calls[0].reject(new TypeError('fetch failed'))
  await settled()
  await clock.advance(4000)
  acks.note('e1-2')
  assert.equal(calls.length, 1)
  await clock.advance(1000)
  assert.deepEqual(cursors(), ['e1-1', 'e1-2'])
})

test('a cursor that is refused is not offered again', async () => {
  const { acks, calls, clock } = acksWith()
  acks.note('e1-1')
  await clock.advance(50)
  calls[0].reject(new Problem({ status: 422 }))
  await clock.advance(60_000)
  assert.equal(calls.length, 1)
})

test('what a poll says is not said twice', async () => {
  const { acks, calls, clock } = acksWith()
  acks.note('e1-1')
  acks.forget()
  await clock.advance(1000)
  assert.deepEqual(calls, [])
})

test('while polls go on they say it, and what the last one brought is said after it', async () => {
  const { acks, cursors, clock } = acksWith()
  acks.pause()
  acks.note('e1-1')
  await clock.advance(1000)
  acks.forget()
  acks.note('e1-2')
  await clock.advance(1000)
  assert.deepEqual(cursors(), [])
  acks.resume()
  await settled()
  assert.deepEqual(cursors(), ['e1-2'])
})

test('the rest is said while the page goes, and nothing after it', async () => {
  const { acks, cursors, clock } = acksWith()
  acks.note('e1-1')
  acks.close()
  acks.note('e1-2')
  await clock.advance(60_000)
  assert.deepEqual(cursors(), ['e1-1'])
  assert.equal(clock.pending, 0)
})
