/** Who is there: asked for now and then, while somebody looks. */
import { api } from './api.js'
import { get, set } from './store.js'

const EVERY_MS = 20_000
const MOST = 100

/** @type {Map<string, number>} user id → how many parts of the page show it */
const shown = new Map()
let soon = null

/** Ask about those on the screen; the function that it returns ends that. */
export function watch() {
  const timer = setInterval(ask, EVERY_MS)
  document.addEventListener('visibilitychange', ask)
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', ask)
  }
}

/** Say that `userId` is on the screen, until the function that it returns is called. */
export function show(userId) {
  shown.set(userId, (shown.get(userId) ?? 0) + 1)
  if (!get().presence.has(userId)) soon ??= setTimeout(ask, 50)
  return () => {
    const left = shown.get(userId) - 1
    if (left) shown.set(userId, left)
    else shown.delete(userId)
  }
}

async function ask() {
  soon = null
  if (document.visibilityState !== 'visible' || !shown.size) return
  const ids = [...shown.keys()].slice(0, MOST).map(encodeURIComponent).join(',')
  try {
    const { users } = await api.get(`/v1/presence?userIds=${ids}`)
    const presence = new Map(get().presence)
    for (const { userId, online, lastSeen } of users) presence.set(userId, { online, lastSeen })
    set({ presence })
  } catch {
    // Asked again soon.
  }
}
