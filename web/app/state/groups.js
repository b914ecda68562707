/** Groups and their members: changing them, and hearing that others did. */
import { api } from './api.js'
import * as conversations from './conversations.js'
import { notify } from './notices.js'
import * as outbox from './outbox.js'
import { closeConversation } from './routing.js'
import { tell } from './siblings.js'
import { get, having, set } from './store.js'
import * as threads from './threads.js'

const PAGE = 100

/** Have groups know one's name: members are shown under the one that their token said last. */
export const introduce = () => api.get('/v1/groups?limit=1').catch(() => undefined)

/** Make a group; answers it. */
export async function create(name, memberIds) {
  return added(await api.post('/v1/groups', { name, memberIds }))
}

/** The conversation with one other; the one that exists, if there is one. */
export async function openDm(recipientId) {
  return added(await api.post('/v1/groups/dm', { recipientId }))
}

function added(group) {
  conversations.joined(group.id)
  tell({ changed: true })
  return group
}

/** Group id → how often it was asked for: only the last answer counts. */
const asked = new Map()

/** Have every member there. */
export async function loadMembers(groupId, isLatest = () => true) {
  const found = []
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await api.get(`/v1/groups/${groupId}/members?page=${page}&limit=${PAGE}`)
    found.push(...answer.members)
    pages = answer.pagination.pages
  }
  if (isLatest()) set({ members: having(get().members, groupId, found) })
}

/** Read the group and its members again. */
async function refresh(groupId) {
  const turn = (asked.get(groupId) ?? 0) + 1
  asked.set(groupId, turn)
  const isLatest = () => asked.get(groupId) === turn
  const group = await api.get(`/v1/groups/${groupId}`)
  if (isLatest()) conversations.change(groupId, () => ({ group }))
  if (get().members.has(groupId)) await loadMembers(groupId, isLatest)
}

/** Somebody changed name, description or settings. */
export function edited({ data }) {
  // Away for the moment, or no longer a member: the next load tells.
  refresh(data.groupId).catch(() => undefined)
}

/** Somebody changed members or roles, which leaves a notice of the same moment in the history. */
export function changed({ data, createdAt }) {
  threads.expectNotice(
    data.groupId,
    (message) => message.type === 'system' && message.createdAt === createdAt,
  )
  edited({ data })
}

/** Somebody left or was removed; that may be oneself. */
export function memberGone({ type, data, message, createdAt }) {
  if (data.userId !== get().session.userId) return changed({ data, createdAt })
  return lost(data.groupId, type === 'group.member_left' ? '' : message)
}

/** The conversation is no longer there for whoever is signed in; `because` tells them. */
export function lost(groupId, because = '') {
  const { open, dialog, conversations: list } = get()
  const unsent = outbox.abandon(groupId)
  const words = [because, unsent && 'What you wrote there was not sent.'].filter(Boolean).join('. ')
  if (list.byId.has(groupId) && words) notify(words)
  conversations.drop(groupId)
  threads.drop(groupId)
  if (dialog?.groupId === groupId) set({ dialog: null })
  if (open === groupId) closeConversation()
}

/** Change name, description or settings. */
export async function edit(groupId, changes) {
  await api.patch(`/v1/groups/${groupId}`, changes)
  // Not its answer: what somebody else saved meanwhile may be known here already.
  await refresh(groupId).catch(() => undefined)
  tell({ changed: true })
}

/** `call`, then its notice: the `event` that this person caused after what was known before. */
const then = (event, call) => async (groupId, ...rest) => {
  const before = threads.newestSeq(groupId)
  await call(groupId, ...rest)
  threads.expectNotice(
    groupId,
    (message) =>
      message.type === 'system' &&
      message.seq > before &&
      message.senderId === get().session?.userId &&
      message.metadata.event === event,
  )
  await refresh(groupId)
}

const member = (groupId, userId) => `/v1/groups/${groupId}/members/${encodeURIComponent(userId)}`

export const addMembers = then('member_added', (id, memberIds) =>
  api.post(`/v1/groups/${id}/members`, { memberIds }),
)
export const removeMember = then('member_removed', (id, userId) => api.delete(member(id, userId)))
export const setRole = then('role_changed', (id, userId, role) =>
  api.patch(`${member(id, userId)}/role`, { role }),
)
export const handOver = then('group_transferred', (id, userId) =>
  api.post(`/v1/groups/${id}/transfer`, { userId }),
)

export async function leave(groupId) {
  await api.post(`/v1/groups/${groupId}/leave`)
  lost(groupId)
}

export async function remove(groupId) {
  await api.delete(`/v1/groups/${groupId}`)
  lost(groupId)
}
