/** Histories: of each conversation a part without gaps, up to its newest message. */
import { api } from './api.js'
import * as conversations from './conversations.js'
import { wordsOf } from './notices.js'
import { get, having, set } from './store.js'

const PAGE = 40
const SLICE = 100
// How far back the first unread message is looked for: one further back is scrolled to by hand.
const MOST_UNREAD = 500
const NOTICE_PAUSES_MS = [0, 150, 600, 2000, 6000, 20000]

const EMPTY = {
  messages: [],
  hasMore: false,
  loaded: false,
  loading: false,
  error: null,
  newAfter: null,
}

/** Group id → what is to be done once its beginning is there. */
const afterLoading = new Map()
/** Ids of messages whose deletion was told: an answer that was on its way may still have them. */
const deleted = new Set()

const threadOf = (groupId) => get().threads.get(groupId) ?? EMPTY

/** The place of the newest message that is known; 0 where none is. */
export const newestSeq = (groupId) => threadOf(groupId).messages.at(-1)?.seq ?? 0

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
  afterLoading.set(groupId, [])
  await loading(groupId, async () => {
    const messages = await newestUntil(groupId, threadOf(groupId).newAfter)
    const last = newestSeq(groupId)
    // What was known before a gap that could not be read goes: it is read anew from the end.
    if (messages.length && last < messages[0].seq - 1) change(groupId, { messages: [] })
    merge(groupId, messages)
    change(groupId, { loaded: true, hasMore: (threadOf(groupId).messages[0]?.seq ?? 1) > 1 })
    conversations.seen(groupId, messages.at(-1))
    for (const work of afterLoading.get(groupId)) work()
  })
  afterLoading.delete(groupId)
}

/** The newest messages, back to the first one after `seq` if that is not too far; oldest first. */
async function newestUntil(groupId, seq) {
  const path = `/v1/groups/${groupId}/messages?limit=`
  let { messages, hasMore } = await api.get(`${path}${PAGE}`)
  while (seq !== null && hasMore && messages[0].seq > seq + 1 && messages.length < MOST_UNREAD) {
    const older = await api.get(`${path}${SLICE}&before=${messages[0].seq}`)
    messages = [...older.messages, ...messages]
    hasMore = older.hasMore
  }
  return messages
}

/** Do `work` on messages that are there: at once, or when the answer that is on its way has come,
 * which may be older. Nothing is to be done for a conversation that nobody has opened. */
export function whenLoaded(groupId, work) {
  if (threadOf(groupId).loaded) work()
  else afterLoading.get(groupId)?.push(work)
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
  whenLoaded(message.groupId, () => {
    const last = newestSeq(message.groupId)
    merge(message.groupId, [message])
    if (message.seq > last + 1) catchUp(message.groupId, last)
  })
}

/** Read what came after `seq`; by default after the newest that is known. */
export async function catchUp(groupId, seq = newestSeq(groupId)) {
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
 *
 * @param {(message: import('./types.js').Message) => boolean} isIt whether a message is this notice,
 *   and not one of another change that was made at the same time
 */
export async function expectNotice(groupId, isIt) {
  for (const pause of NOTICE_PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    if (threadOf(groupId).messages.some(isIt)) return
    await catchUp(groupId)
  }
}

/** What the server says of messages that are shown, as their ticks. */
export async function refresh(groupId, fromSeq) {
  const path = `/v1/groups/${groupId}/messages?after=${fromSeq - 1}&limit=${SLICE}`
  const { messages } = await api.get(path)
  if (threadOf(groupId).loaded) merge(groupId, messages)
  conversations.seen(groupId, messages.at(-1))
}

/** Each message once, in order; what is given replaces what was known, but never takes back what
 * only goes forward: an answer may be older than what was told since it was asked for. */
function merge(groupId, given) {
  const bySeq = new Map(threadOf(groupId).messages.map((each) => [each.seq, each]))
  for (const each of given) {
    const known = bySeq.get(each.seq)
    if (known?.isDeleted) continue
    const status = known ? furthest(each.status, known.status) : each.status
    const gone = deleted.has(each.id) ? { content: '', isDeleted: true } : {}
    bySeq.set(each.seq, { ...each, status, ...gone })
  }
  change(groupId, { messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq) })
}

const furthest = (given, known) => ({
  total: given.total,
  delivered: Math.max(given.delivered, known.delivered),
  read: Math.max(given.read, known.read),
})

/** Replace the messages for which `changed` gives another. */
export function map(groupId, changed) {
  if (!get().threads.has(groupId)) return
  change(groupId, { messages: threadOf(groupId).messages.map(changed) })
}

export function blank(groupId, messageId) {
  deleted.add(messageId)
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
