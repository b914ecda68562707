/** The list of conversations: the last message of each, and how many are unread. */
import { api } from './api.js'
import { coalesced } from './coalesced.js'
import { wordsOf } from './notices.js'
import { get, having, set } from './store.js'

const PAGE = 50

const put = (change) => set({ conversations: { ...get().conversations, ...change } })

/** Load what is shown, from the server. */
export const load = coalesced(async () => {
  try {
    const { page } = get().conversations
    const found = new Map()
    for (let number = 1; number <= page; number += 1) {
      const answer = await api.get(`/v1/conversations?page=${number}&limit=${PAGE}`)
      for (const each of answer.conversations) found.set(each.group.id, each)
      put({ more: answer.pagination.pages > page })
    }
    const before = get().conversations.byId
    const byId = new Map([...found].map(([id, each]) => [id, newest(each, before.get(id))]))
    put({ byId, loaded: true, error: null })
  } catch (error) {
    put({ error: wordsOf(error) })
  }
})

/** The same, once for several events that come together. */
export const reload = coalesced(async () => load(), 80)

/**
 * A group is new to whoever is signed in. The service that keeps the list may hear of it a moment
 * later than we do; asked for its messages, it makes sure.
 */
export async function joined(groupId) {
  // Refused where one was removed again meanwhile: then it is not in the list either.
  await api.get(`/v1/groups/${groupId}/messages?limit=1`).catch(() => undefined)
  load()
}

export function loadMore() {
  put({ page: get().conversations.page + 1 })
  load()
}

/** What arrived while the list was loading is newer than what the list says. */
function newest(loaded, known) {
  if (!known?.lastMessage || known.lastMessage.seq <= (loaded.lastMessage?.seq ?? 0)) return loaded
  const { lastMessage, unreadCount, lastReadSeq } = known
  return { ...loaded, lastMessage, unreadCount, lastReadSeq }
}

/** Change one conversation, when it is in the list. */
export function change(groupId, changed) {
  const { byId } = get().conversations
  const known = byId.get(groupId)
  if (known) put({ byId: having(byId, groupId, { ...known, ...changed(known) }) })
}

export function drop(groupId) {
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
