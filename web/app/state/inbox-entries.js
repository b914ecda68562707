/** The entries of the bell that this page holds, and what was done to them. What was done counts
 * for entries that come later, too: an answer on its way may still show them as they were. */
import { get, set } from './store.js'

const RECEIPTS = new Set(['message.delivered', 'message.read'])

/** Ids of all that is listed by the server, as far as we have read: with those never shown. */
const listed = new Set()
const marked = new Set()
const dropped = new Set()
/** Ids of messages. */
const blanked = new Set()
let moves = 0

export const put = (change) => set({ inbox: { ...get().inbox, ...change } })
export const isShown = (each) => !RECEIPTS.has(each.type)
export const isMarked = (id) => marked.has(id)

/** How often something may have left the server's list, which moves its pages. */
export const moved = () => moves

/** Ids of what we hold of the server's list: of what is unread, where only that is asked for. */
export function held() {
  const { items, unreadOnly } = get().inbox
  if (!unreadOnly) return listed
  return new Set(items.filter((each) => !each.isRead).map((each) => each.id))
}

export function clear() {
  for (const each of [listed, marked, dropped]) each.clear()
  put({ items: [], page: 0, pages: 1, loading: false })
}

/** Each once, newest first. */
export function add(found) {
  const byId = new Map(get().inbox.items.map((each) => [each.id, each]))
  for (const each of found.filter(({ id }) => !dropped.has(id))) {
    listed.add(each.id)
    if (isShown(each)) byId.set(each.id, asIs(each))
  }
  if (!found.some(isShown)) return
  put({ items: [...byId.values()].sort((a, b) => Number(b.id) - Number(a.id)) })
}

function asIs(each) {
  const isRead = each.isRead || marked.has(each.id)
  const isGone = each.type === 'message.new' && blanked.has(each.data.messageId)
  return isGone ? { ...each, ...without(each), isRead } : { ...each, isRead }
}

const without = ({ data }) => ({
  message: '',
  data: { ...data, content: '', metadata: null, isDeleted: true },
})

/** A message was deleted: nothing of its content stays. */
export function blank(messageId) {
  blanked.add(messageId)
  put({ items: get().inbox.items.map(asIs) })
}

export function markRead(ids, isRead = true) {
  moves += 1
  for (const id of ids) {
    if (isRead) marked.add(id)
    else marked.delete(id)
  }
  const changed = new Set(ids)
  put({
    items: get().inbox.items.map((each) => (changed.has(each.id) ? { ...each, isRead } : each)),
  })
}

export const markAllRead = () => {
  markRead(get().inbox.items.map((each) => each.id))
  put({ unread: 0 })
}

export function drop(id) {
  moves += 1
  dropped.add(id)
  listed.delete(id)
  put({ items: get().inbox.items.filter((each) => each.id !== id) })
}
