/** What is on the screen is read: the open conversation, while its tab is visible. */
import { api } from './api.js'
import { coalesced } from './coalesced.js'
import * as conversations from './conversations.js'
import * as inbox from './inbox.js'
import { announce } from './notices.js'
import { tell } from './siblings.js'
import { get } from './store.js'

export const isOnScreen = (groupId) =>
  get().open === groupId && !get().away && document.visibilityState === 'visible'

const isOthers = (each) => each.senderId !== get().session?.userId && each.type !== 'system'

/** Notice when the tab comes back. */
export function watch() {
  document.addEventListener('visibilitychange', mark)
  return () => document.removeEventListener('visibilitychange', mark)
}

/** A message came, by the notification `id`. */
export function arrived(message, id) {
  if (!isOnScreen(message.groupId)) return
  announce(`${message.senderName}: ${message.content}`)
  mark()
  inbox.read(id)
}

/** Mark the open conversation as read, up to its newest message. */
export const mark = coalesced(async () => {
  const { open, conversations: list, threads } = get()
  const known = list.byId.get(open)
  if (!known || !isOnScreen(open)) return
  const newest = threads.get(open)?.messages.findLast(isOthers)
  if (!newest || (newest.seq <= known.lastReadSeq && !known.unreadCount)) return
  try {
    const { readSeq } = await api.post(`/v1/messages/${newest.id}/read`)
    const left = get().threads.get(open)?.messages.filter((each) => each.seq > readSeq) ?? []
    const unreadCount = left.filter(isOthers).length
    conversations.change(open, () => ({ lastReadSeq: readSeq, unreadCount }))
    tell({ read: { groupId: open, seq: readSeq } })
  } catch {
    // Stays unread, and is marked with the next message or the next look.
  }
})
