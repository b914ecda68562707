/** Loading the entries of the bell, page by page, and counting what is unread. */
import { api } from './api.js'
import { coalesced } from './coalesced.js'
import { add, clear, held, moved, put } from './inbox-entries.js'
import { attempt } from './notices.js'
import { get } from './store.js'

const PAGE = 30
const SHOWN_AT_LEAST = 12

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

export const asked = (page, limit, unreadOnly) =>
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
