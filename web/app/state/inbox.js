/** The bell: every notification that is kept, and how many are unread. Receipts move ticks; they
 * are not shown here. */
import { api } from './api.js'
import { coalesced } from './coalesced.js'
import { attempt } from './notices.js'
import { get, set } from './store.js'

const PAGE = 30
const SHOWN_AT_LEAST = 12
const RECEIPTS = new Set(['message.delivered', 'message.read'])

/** Ids on their way to be marked as read. */
const marked = new Set()

const put = (change) => set({ inbox: { ...get().inbox, ...change } })
const isShown = (each) => !RECEIPTS.has(each.type)

/** Ask how many are unread. */
export const count = coalesced(async () => {
  const answer = await api.get('/v1/notifications/unread-count').catch(() => null)
  if (answer) put({ unread: answer.count })
}, 400)

/** Begin with the newest. */
export async function load() {
  put({ items: [], page: 0, pages: 1 })
  count()
  await loadMore()
}

export async function filter(unreadOnly) {
  put({ unreadOnly })
  await load()
}

export async function loadMore() {
  if (get().inbox.loading) return
  put({ loading: true })
  await attempt(async () => {
    const wanted = get().inbox.items.length + SHOWN_AT_LEAST
    while (get().inbox.items.length < wanted && get().inbox.page < get().inbox.pages) await next()
  })
  put({ loading: false })
}

async function next() {
  const { page, unreadOnly } = get().inbox
  const filters = unreadOnly ? '&unread=true' : ''
  const answer = await api.get(`/v1/notifications?page=${page + 1}&limit=${PAGE}${filters}`)
  add(answer.notifications)
  put({ page: page + 1, pages: answer.pagination.pages })
}

/** Each once, newest first: what arrives meanwhile moves the pages. */
function add(found) {
  const byId = new Map(get().inbox.items.map((each) => [each.id, each]))
  for (const each of found.filter(isShown)) byId.set(each.id, each)
  put({ items: [...byId.values()].sort((a, b) => Number(b.id) - Number(a.id)) })
}

export function arrived(notification) {
  if (!isShown(notification)) return
  const isRead = notification.isRead || marked.has(notification.id)
  add([{ ...notification, isRead }])
  if (isRead) return
  put({ unread: get().inbox.unread + 1 })
  count()
}

function changeOne(id, change) {
  put({ items: get().inbox.items.map((each) => (each.id === id ? { ...each, ...change } : each)) })
}

/** Mark one as read; it need not have been listed yet. */
export async function read(id) {
  marked.add(id)
  changeOne(id, { isRead: true })
  await api.patch(`/v1/notifications/${id}/read`).catch(() => changeOne(id, { isRead: false }))
  marked.delete(id)
  count()
}

/** Mark those of one conversation as read, the newest hundred: whoever looks at it has seen what
 * they tell. */
export async function readOf(groupId) {
  const answer = await api
    .get('/v1/notifications?unread=true&limit=100')
    .catch(() => ({ notifications: [] }))
  const told = answer.notifications.filter((each) => each.data.groupId === groupId)
  await Promise.all(told.map((each) => read(each.id)))
}

export const readAll = () =>
  attempt(async () => {
    await api.patch('/v1/notifications/read-all')
    put({ unread: 0, items: get().inbox.items.map((each) => ({ ...each, isRead: true })) })
    count()
  })

export const remove = (id) =>
  attempt(async () => {
    await api.delete(`/v1/notifications/${id}`)
    put({ items: get().inbox.items.filter((each) => each.id !== id) })
    count()
  })

/** A message was deleted: what told of it says so. */
export function blank(messageId) {
  put({
    items: get().inbox.items.map((each) =>
      each.data.messageId === messageId && each.type === 'message.new'
        ? { ...each, message: '', data: { ...each.data, content: '', isDeleted: true } }
        : each,
    ),
  })
}
