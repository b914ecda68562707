/** The bell: every notification that is kept, and how many are unread. Receipts move ticks; they
 * are not shown here. */
import { api } from './api.js'
import { add, drop, isMarked, isShown, markAllRead, markRead, put } from './inbox-entries.js'
import { asked, count, load } from './inbox-pages.js'
import { attempt } from './notices.js'
import { tell } from './siblings.js'
import { get } from './store.js'

export { blank } from './inbox-entries.js'
export { count, filter, load, loadMore } from './inbox-pages.js'

// As many as the server gives at once, and how many of them are marked at the same time.
const BATCH = 100
const AT_ONCE = 5
const GONE = 404

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
  const ours = []
  let ids = []
  const work = async () => {
    for (let id = ids.pop(); id; id = ids.pop()) {
      if (await mark(id)) ours.push(id)
      else ids.length = 0
    }
  }
  // Again, since what was read meanwhile may have moved some past the page that was asked for.
  while ((ids = (await unreadOf(groupId)).filter((id) => !tried.has(id))).length) {
    for (const id of ids) tried.add(id)
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }
  if (!ours.length) return
  tell({ bell: { read: ours } })
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
    done({ all: true })
  })

export const remove = (id) =>
  attempt(async () => {
    try {
      await api.delete(`/v1/notifications/${id}`)
    } catch (error) {
      if (error.status !== GONE) throw error
    }
    done({ dropped: id })
  })

function done(bell) {
  tell({ bell })
  told(bell)
}

/** This tab or another has done so. */
export function told({ read: ids = [], all = false, dropped }) {
  markRead(ids)
  if (dropped) drop(dropped)
  if (all) markAllRead()
  // An answer that is on its way may not know of it, and names no ids that we could remember.
  if (all && get().inbox.loading) load()
  else count()
}
