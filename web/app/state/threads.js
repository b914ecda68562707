/** Histories: of each conversation a part without gaps, up to its newest message. */
import { api } from './api.js'
import * as conversations from './conversations.js'
import { wordsOf } from './notices.js'
import { get, having, set } from './store.js'

const PAGE = 40
const SLICE = 100
const NOTICE_PAUSES_MS = [0, 150, 600, 2000]

const EMPTY = {
  messages: [],
  hasMore: false,
  loaded: false,
  loading: false,
  error: null,
  newAfter: null,
}

const threadOf = (groupId) => get().threads.get(groupId) ?? EMPTY

function change(groupId, changed) {
  set({ threads: having(get().threads, groupId, { ...threadOf(groupId), ...changed }) })
}

/** Have the newest messages there. The line above the unread ones is drawn anew. */
export function open(groupId) {
  const known = get().conversations.byId.get(groupId)
  change(groupId, { newAfter: known?.unreadCount ? known.lastReadSeq : null })
  return retry(groupId)
}

/** Load what is missing of the beginning; nothing, when it is there. */
export async function retry(groupId) {
  if (groupId === null || threadOf(groupId).loaded || threadOf(groupId).loading) return
  await loading(groupId, async () => {
    const { messages } = await api.get(`/v1/groups/${groupId}/messages?limit=${PAGE}`)
    const last = threadOf(groupId).messages.at(-1)?.seq ?? 0
    // What was known before a gap that could not be read goes: it is read anew from the end.
    if (messages.length && last < messages[0].seq - 1) change(groupId, { messages: [] })
    merge(groupId, messages)
    change(groupId, { loaded: true, hasMore: (threadOf(groupId).messages[0]?.seq ?? 1) > 1 })
    conversations.seen(groupId, messages.at(-1))
  })
}

export async function loadOlder(groupId) {
  const { messages, hasMore, loading: busy } = threadOf(groupId)
  if (!hasMore || busy) return
  await loading(groupId, async () => {
    const path = `/v1/groups/${groupId}/messages?before=${messages[0].seq}&limit=${PAGE}`
    const answer = await api.get(path)
    merge(groupId, answer.messages)
    change(groupId, { hasMore: answer.hasMore })
  })
}

async function loading(groupId, work) {
  change(groupId, { loading: true, error: null })
  try {
    await work()
    change(groupId, { loading: false })
  } catch (error) {
    if (get().threads.has(groupId)) change(groupId, { loading: false, error: wordsOf(error) })
  }
}

/** Add a message that was told or sent. What is missing before it, such as notices that nobody is
 * told of, is read. */
export function add(message) {
  const { loaded, messages } = threadOf(message.groupId)
  if (!loaded) return
  const last = messages.at(-1)?.seq ?? 0
  merge(message.groupId, [message])
  if (message.seq > last + 1) catchUp(message.groupId, last)
}

/** Read what came after `seq`; by default after the newest that is known. */
export async function catchUp(groupId, seq = threadOf(groupId).messages.at(-1)?.seq ?? 0) {
  if (!threadOf(groupId).loaded) return
  try {
    for (let after = seq, more = true; more; ) {
      const answer = await api.get(`/v1/groups/${groupId}/messages?after=${after}&limit=${SLICE}`)
      merge(groupId, answer.messages)
      more = answer.hasMore
      after = answer.messages.at(-1)?.seq ?? after
    }
    conversations.seen(groupId, threadOf(groupId).messages.at(-1))
  } catch {
    // The gap is read when the conversation is opened the next time.
    change(groupId, { loaded: false })
  }
}

/**
 * A change of a group leaves a notice that nobody is told of, and it may be written a little later
 * than the change is heard of: look for it until it is there.
 */
export async function expectNotice(groupId) {
  const before = threadOf(groupId).messages.at(-1)?.seq
  for (const pause of NOTICE_PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    await catchUp(groupId)
    if (threadOf(groupId).messages.at(-1)?.seq !== before) return
  }
}

/** What the server says of messages that are shown, as their ticks. */
export async function refresh(groupId, fromSeq) {
  const path = `/v1/groups/${groupId}/messages?after=${fromSeq - 1}&limit=${SLICE}`
  const { messages } = await api.get(path)
  if (threadOf(groupId).loaded) merge(groupId, messages)
  conversations.seen(groupId, messages.at(-1))
}

/** Each message once, in order; what is given replaces what was known, but never takes back that a
 * message is deleted: that may be told before it is read. */
function merge(groupId, given) {
  const bySeq = new Map(threadOf(groupId).messages.map((each) => [each.seq, each]))
  for (const each of given) {
    if (!bySeq.get(each.seq)?.isDeleted) bySeq.set(each.seq, each)
  }
  change(groupId, { messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq) })
}

/** Replace the messages for which `changed` gives another. */
export function map(groupId, changed) {
  if (!get().threads.has(groupId)) return
  change(groupId, { messages: threadOf(groupId).messages.map(changed) })
}

export function blank(groupId, messageId) {
  map(groupId, (each) =>
    each.id === messageId ? { ...each, content: '', isDeleted: true } : each,
  )
}

export function drop(groupId) {
  set({ threads: having(get().threads, groupId, undefined) })
}

/** Read the open one anew, and the others when they are opened. */
export function forgetAll() {
  set({ threads: new Map() })
  if (get().open) open(get().open)
}
