import assert from 'node:assert/strict'
import test from 'node:test'
import { Inbox } from '../../web/client/inbox.js'

function inboxAt(cursor) {
  const given = []
  const inbox = new Inbox((notification, at, before) => given.push([notification.id, at, before]))
  inbox.cursor = cursor
  return { inbox, given, take: (cursor) => inbox.take({ id: cursor.split('-')[1] }, cursor) }
}

test('what comes a second time is not given out again', () => {
  const { take, given } = inboxAt('e1-5')
  for (const cursor of ['e1-5', 'e1-6', 'e1-6', 'e1-4', 'e1-7']) take(cursor)
  assert.deepEqual(given, [
    ['6', 'e1-6', 'e1-5'],
    ['7', 'e1-7', 'e1-6'],
  ])
})

test('positions are compared as numbers', () => {
  const { take, given } = inboxAt('e1-9')
  for (const cursor of ['e1-10', 'e1-9', 'e1-100', 'e1-11']) take(cursor)
  assert.deepEqual(
    given.map(([id]) => id),
    ['10', '100'],
  )
})

test('the first one is given out wherever it is, and so is one of another epoch', () => {
  const { take, given } = inboxAt(null)
  for (const cursor of ['e1-50', 'e2-1', 'e2-1']) take(cursor)
  assert.deepEqual(
    given.map(([id]) => id),
    ['50', '1'],
  )
})

test('the place never goes back', () => {
  const { inbox } = inboxAt('e1-5')
  inbox.advance('e1-3')
  assert.equal(inbox.cursor, 'e1-5')
  inbox.advance('e1-8')
  assert.equal(inbox.cursor, 'e1-8')
})

test('what is no cursor is refused before anybody hears of it', () => {
  const { take, given } = inboxAt('e1-5')
  assert.throws(() => take('nonsense-6'), /no cursor/)
  assert.deepEqual(given, [])
})
