/** The bell: every notification that is kept, and how many are unread. Receipts move ticks; they
 * are not shown here. */
import { api } from './api.js'
import { coalesced } from './coalesced.js'
import {
  add,
  clear,
  drop,
  held,
  isMarked,
  isShown,
  markAllRead,
  markRead,
  moved,
  put,
} from './inbox-entries.js'
import { attempt } from './notices.js'
import { tell } from './siblings.js'
import { get } from './store.js'

export { blank } from './inbox-entries.js'

const PAGE = 30
const SHOWN_AT_LEAST = 12
// As many as the server gives at once, and how many of them are marked at the same time.
const BATCH = 100
const AT_ONCE = 5
const GONE = 404

/** Counts the loads from anew: answers to one before are thrown away. */
let turn = 0

/** Ask how many are unread. */
export const count = coalesced(async () => {
  const answer = await api.get('/v1/notifications/unread-count').catch(() => null)
  if (answer) put({ unread: answer.count })
}, 400)

/** Begin with the newest. */
export async function load() {
  turn += 1
  clear()
  count()
  await loadMore()
}

export async function filter(unreadOnly) {
  put({ unreadOnly })
  await load()
}

export async function loadMore() {
  if (get().inbox.loading) return
  const mine = turn
  put({ loading: true })
  await attempt(() => next(mine))
  if (mine === turn) put({ loading: false })
}

const asked = (page, limit, unreadOnly) =>
  api.get(`/v1/notifications?page=${page}&limit=${limit}${unreadOnly ? '&unread=true' : ''}`)

/** Pages move by what is deleted or read, here or on another device. So begin at the page of the
 * oldest that we hold; while a page has none of those, what lies between is on the page before. */
async function next(mine) {
  const wanted = get().inbox.items.length + SHOWN_AT_LEAST
  let page = Math.max(1, Math.ceil(held().size / PAGE))
  let joins = false
  let [seen, pages] = [moved(), page]
  while (get().inbox.items.length < wanted && (page <= pages || !joins)) {
    const { notifications, pagination } = await asked(page, PAGE, get().inbox.unreadOnly)
    if (mine !== turn) return
    if (seen !== moved()) joins = false
    seen = moved()
    const known = held()
    joins ||= page === 1 || notifications.some(({ id }) => known.has(id))
    pages = pagination.pages
    if (joins) {
      add(notifications)
      put({ page, pages })
    }
    page += joins ? 1 : -1
  }
}

export function arrived(notification) {
  add([notification])
  if (!isShown(notification) || notification.isRead || isMarked(notification.id)) return
  put({ unread: get().inbox.unread + 1 })
  count()
}

/** Mark one as read; it need not have been listed yet. Answers whether it is unread no more. */
async function mark(id) {
  markRead([id])
  try {
    await api.patch(`/v1/notifications/${id}/read`)
    // Once more: meanwhile all may have been loaded anew.
    markRead([id])
  } catch (error) {
    if (error.status !== GONE) {
      markRead([id], false)
      return false
    }
    drop(id)
  }
  return true
}

export async function read(id) {
  if (await mark(id)) tell({ bell: { read: [id] } })
  count()
}

/** Mark those of one conversation as read: whoever looks at it has seen what they tell. What the
 * server refuses stays unread until the next look. */
export async function readOf(groupId) {
  const tried = new Set()
  const done = []
  let ids = []
  const work = async () => {
    for (let id = ids.pop(); id; id = ids.pop()) {
      if (await mark(id)) done.push(id)
      else ids.length = 0
    }
  }
  // Again, since what was read meanwhile may have moved some past the page that was asked for.
  while ((ids = (await unreadOf(groupId)).filter((id) => !tried.has(id))).length) {
    for (const id of ids) tried.add(id)
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }
  if (!done.length) return
  tell({ bell: { read: done } })
  count()
}

async function unreadOf(groupId) {
  const ids = new Set()
  try {
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const { notifications, pagination } = await asked(page, BATCH, true)
      for (const each of notifications) if (each.data.groupId === groupId) ids.add(each.id)
      pages = pagination.pages
    }
  } catch {
    // What was found is marked, and the rest with the next look.
  }
  return [...ids]
}

export const readAll = () =>
  attempt(async () => {
    await api.patch('/v1/notifications/read-all')
    tell({ bell: { all: true } })
    markAllRead()
    count()
  })

export const remove = (id) =>
  attempt(async () => {
    try {
      await api.delete(`/v1/notifications/${id}`)
    } catch (error) {
      if (error.status !== GONE) throw error
    }
    tell({ bell: { dropped: id } })
    drop(id)
    count()
  })

/** Another tab has done so. */
export function told({ read: ids = [], all = false, dropped }) {
  markRead(ids)
  if (dropped) drop(dropped)
  if (all) markAllRead()
  // An answer that is on its way may not know of it, and names no ids that we could remember.
  if (all && get().inbox.loading) load()
  else count()
}
