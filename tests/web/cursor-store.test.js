import assert from 'node:assert/strict'
import test from 'node:test'
import { CursorStore } from '../../web/client/cursor-store.js'

function storage() {
  const items = new Map()
  const writes = []
  return {
    writes,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => {
      writes.push(value)
      items.set(key, value)
    },
  }
}

test('a burst costs one write, and the last cursor is what a reload finds', async () => {
  const kept = storage()
  const store = new CursorStore(kept, 'https://a', 'bob')
  for (const cursor of ['e1-1', 'e1-2', 'e1-3']) store.save(cursor)
  await null
  assert.deepEqual(kept.writes, ['e1-3'])
  assert.equal(new CursorStore(kept, 'https://a', 'bob').load(), 'e1-3')
})

test('each user and each server has a cursor of its own', async () => {
  const kept = storage()
  new CursorStore(kept, 'https://a', 'bob').save('e1-3')
  await null
  assert.equal(new CursorStore(kept, 'https://a', 'carol').load(), null)
  assert.equal(new CursorStore(kept, 'https://b', 'bob').load(), null)
})

test('a tab that catches up does not take back what others have reached', async () => {
  const kept = storage()
  const store = new CursorStore(kept, 'https://a', 'bob')
  store.replace('e1-50')
  store.save('e1-41')
  await null
  assert.equal(store.load(), 'e1-50')
})

test('a reset goes wherever it says', () => {
  const store = new CursorStore(storage(), 'https://a', 'bob')
  store.replace('e1-50')
  store.replace('e1-4')
  assert.equal(store.load(), 'e1-4')
})

test('a browser that blocks storage loses the place at a reload and nothing else', async () => {
  const blocked = () => {
    throw new DOMException('blocked', 'SecurityError')
  }
  const store = new CursorStore({ getItem: blocked, setItem: blocked }, 'https://a', 'bob')
  store.save('e1-1')
  await null
  assert.equal(store.load(), null)
})
