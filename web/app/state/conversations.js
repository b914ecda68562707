/** The list of conversations: the last message of each, and how many are unread. */
import { api } from './api.js'
import { coalesced } from './coalesced.js'
import { wordsOf } from './notices.js'
import { get, having, set } from './store.js'

const PAGE = 50

const put = (change) => set({ conversations: { ...get().conversations, ...change } })

/** What changed here while the list was being loaded: the answer may be older. Null at other times. */
let meanwhile = null

/** Load what is shown, from the server. */
export const load = coalesced(async () => {
  const since = { dropped: new Set(), regrouped: new Set(), any: false }
  meanwhile = since
  try {
    const { page } = get().conversations
    const found = new Map()
    for (let number = 1; number <= page; number += 1) {
      const answer = await api.get(`/v1/conversations?page=${number}&limit=${PAGE}`)
      for (const each of answer.conversations) found.set(each.group.id, each)
      put({ more: answer.pagination.pages > page })
    }
    const before = get().conversations.byId
    // One that was opened by its address may be older than what the list shows.
    const open = before.get(get().open)
    if (open && !found.has(open.group.id)) found.set(open.group.id, open)
    for (const id of since.dropped) found.delete(id)
    const byId = new Map()
    for (const [id, each] of found) {
      const known = before.get(id)
      const group = since.regrouped.has(id) && known ? known.group : each.group
      byId.set(id, { ...newest(each, known), group })
    }
    put({ byId, loaded: true, error: null })
  } catch (error) {
    put({ error: wordsOf(error) })
  }
  meanwhile = null
  if (since.any) settle()
})

/** The same, once for several events that come together. */
export const reload = coalesced(async () => load(), 80)
/** And once more after things have happened while it was loading. */
const settle = coalesced(async () => load(), 500)

/**
 * A group is new to whoever is signed in. The service that keeps the list may hear of it a moment
 * later than we do; asked for its messages, it makes sure.
 */
export async function joined(groupId) {
  // Refused where one was removed again meanwhile: then it is not in the list either.
  await api.get(`/v1/groups/${groupId}/messages?limit=1`).catch(() => undefined)
  load()
}

/** Have a conversation there that the list does not show, as it was opened by its address. */
export async function find(groupId) {
  const group = await api.get(`/v1/groups/${groupId}`)
  const { byId } = get().conversations
  const found = { group, lastMessage: null, unreadCount: 0, lastReadSeq: 0 }
  if (!byId.has(groupId)) put({ byId: having(byId, groupId, found) })
}

export function loadMore() {
  put({ page: get().conversations.page + 1 })
  load()
}

/** What arrived or was read while the list was loading is newer than what the list says. */
function newest(loaded, known) {
  if (!known) return loaded
  const isAhead = (known.lastMessage?.seq ?? 0) > (loaded.lastMessage?.seq ?? 0)
  if (!isAhead && known.lastReadSeq <= loaded.lastReadSeq) return loaded
  const { unreadCount, lastReadSeq } = known
  return { ...loaded, lastMessage: isAhead ? known.lastMessage : loaded.lastMessage, unreadCount, lastReadSeq }
}

/** Change one conversation, when it is in the list. */
export function change(groupId, changed) {
  const { byId } = get().conversations
  const known = byId.get(groupId)
  if (!known) return
  const change = changed(known)
  if (!Object.keys(change).length) return
  if (meanwhile) meanwhile.any = true
  if (change.group) meanwhile?.regrouped.add(groupId)
  put({ byId: having(byId, groupId, { ...known, ...change }) })
}

export function drop(groupId) {
  meanwhile?.dropped.add(groupId)
  put({ byId: having(get().conversations.byId, groupId, undefined) })
}

/** A message of somebody else came; `isSeen` where it is on the screen at once. */
export function arrived(message, isSeen) {
  if (!get().conversations.byId.has(message.groupId)) return reload()
  change(message.groupId, (known) => {
    if (message.seq <= (known.lastMessage?.seq ?? 0)) return {}
    const unread = message.seq > known.lastReadSeq && !message.isDeleted && !isSeen
    return { lastMessage: message, unreadCount: known.unreadCount + (unread ? 1 : 0) }
  })
}

/** A message of one's own was sent: that reads what came before it. */
export function sent(message) {
  if (!get().conversations.byId.has(message.groupId)) return reload()
  change(message.groupId, (known) => {
    if (message.seq <= (known.lastMessage?.seq ?? 0)) return {}
    return { lastMessage: message, unreadCount: 0, lastReadSeq: message.seq }
  })
}

/** Another tab of the same person has read up to `seq`. */
export function read(groupId, seq) {
  change(groupId, (known) => ({
    lastReadSeq: Math.max(known.lastReadSeq, seq),
    unreadCount: (known.lastMessage?.seq ?? 0) <= seq ? 0 : known.unreadCount,
  }))
  // How many of those after it are unread, only the server knows.
  if (get().conversations.byId.get(groupId)?.unreadCount) reload()
}

/** Messages that were read from the history may be newer than the last one in the list. */
export function seen(groupId, message) {
  change(groupId, (known) =>
    message && message.seq >= (known.lastMessage?.seq ?? 0) ? { lastMessage: message } : {},
  )
}

export function blank(groupId, messageId) {
  change(groupId, ({ lastMessage }) =>
    lastMessage?.id === messageId
      ? { lastMessage: { ...lastMessage, content: '', isDeleted: true } }
      : {},
  )
  // Whether it counted as unread, only the server knows.
  reload()
}

const activityOf = ({ lastMessage, group }) => lastMessage?.createdAt ?? group.createdAt

/** Those in the list, by last activity. */
export const sorted = (byId) =>
  [...byId.values()].sort((a, b) => (activityOf(a) < activityOf(b) ? 1 : -1))
