/**
 * Messages on their way. Each has an id of its own making, so that sending it again, after an answer
 * that never came or a reload, makes no second message. One at a time per conversation: they arrive
 * in the order in which they were written.
 */
import { Problem, SignedOut } from '/client/index.js'
import { api } from './api.js'
import * as conversations from './conversations.js'
import { wordsOf } from './notices.js'
import { tell } from './siblings.js'
import { get, having, set } from './store.js'
import * as threads from './threads.js'

const RETRY_SECONDS = 3
const busy = new Set()

const keyOf = (userId) => `circles.outbox.${userId}`
const pendingOf = (groupId) => get().outbox.get(groupId) ?? []

function put(groupId, pending) {
  const outbox = having(get().outbox, groupId, pending.length ? pending : undefined)
  set({ outbox })
  const { userId } = get().session
  sessionStorage.setItem(keyOf(userId), JSON.stringify([...outbox.values()].flat()))
}

const change = (item, changed) =>
  put(
    item.groupId,
    pendingOf(item.groupId).map((each) =>
      each.clientMessageId === item.clientMessageId ? { ...each, ...changed } : each,
    ),
  )

/** Go on with what was on its way before a reload. */
export function restore(userId) {
  const saved = JSON.parse(sessionStorage.getItem(keyOf(userId)) ?? '[]')
  for (const item of saved) {
    const state = item.state === 'failed' ? 'failed' : 'waiting'
    put(item.groupId, [...pendingOf(item.groupId), { ...item, state }])
  }
  for (const groupId of get().outbox.keys()) drain(groupId)
}

export function send(groupId, content) {
  const item = {
    clientMessageId: newId(),
    groupId,
    content,
    createdAt: new Date().toISOString(),
    state: 'waiting',
    error: null,
  }
  put(groupId, [...pendingOf(groupId), item])
  drain(groupId)
}

export function retry(item) {
  change(item, { state: 'waiting', error: null })
  drain(item.groupId)
}

export function discard(item) {
  const others = (each) => each.clientMessageId !== item.clientMessageId
  put(item.groupId, pendingOf(item.groupId).filter(others))
}

/** Give up what is on its way to a group that is gone; answers whether there was anything. */
export function abandon(groupId) {
  const had = pendingOf(groupId).length > 0
  if (had) put(groupId, [])
  return had
}

/** The server may be back: what waits for it goes. */
export function heal() {
  for (const [groupId, pending] of get().outbox) {
    for (const item of pending) if (item.state === 'later') change(item, { state: 'waiting' })
    drain(groupId)
  }
}

async function drain(groupId) {
  const key = `${get().session.userId} ${groupId}`
  if (busy.has(key)) return
  busy.add(key)
  try {
    for (let item; (item = pendingOf(groupId).find((each) => each.state === 'waiting')); ) {
      await deliver(item)
    }
  } catch (error) {
    if (!(error instanceof SignedOut)) throw error
  } finally {
    busy.delete(key)
  }
}

async function deliver(item) {
  const { clientMessageId, groupId, content } = item
  change(item, { state: 'sending' })
  try {
    const message = await api.post(`/v1/groups/${groupId}/messages`, { content, clientMessageId })
    threads.add(message)
    discard(item)
    conversations.sent(message)
    tell({ sent: message })
  } catch (error) {
    if (error instanceof SignedOut) throw error
    const refused = error instanceof Problem && error.status < 500 && error.status !== 429
    // Those behind it wait as well, or they would overtake it.
    if (!refused) holdBack(groupId)
    change(item, { state: refused ? 'failed' : 'later', error: wordsOf(error) })
    if (!refused) setTimeout(heal, 1000 * (error.retryAfter ?? RETRY_SECONDS))
  }
}

function holdBack(groupId) {
  for (const each of pendingOf(groupId)) {
    if (each.state === 'waiting') change(each, { state: 'later' })
  }
}

/** randomUUID is for secure origins only; a stack on a local network has none. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
