/** What can be done with one message. */
import { api } from './api.js'
import * as conversations from './conversations.js'
import * as threads from './threads.js'

export async function remove(message) {
  await api.delete(`/v1/messages/${message.id}`)
  threads.blank(message.groupId, message.id)
  conversations.blank(message.groupId, message.id)
}

/**
 * Who has got and who has read a message, and when, where the sender's own receipts still tell.
 *
 * @returns {Promise<{userId: string, delivered: string|null, read: string|null, hasRead: boolean}[]>}
 */
export async function receiptsOf(message) {
  const [status, delivered, read] = await Promise.all([
    api.get(`/v1/messages/${message.id}/status`),
    api.get('/v1/notifications?type=message.delivered&limit=100'),
    api.get('/v1/notifications?type=message.read&limit=100'),
  ])
  const got = times(delivered, message, ({ receipts }) =>
    (receipts ?? []).filter((each) => each.upToSeq >= message.seq).map((each) => each.userId),
  )
  const seen = times(read, message, ({ readerId }) => (readerId ? [readerId] : []))
  return status.deliveredTo.map((userId) => ({
    userId,
    hasRead: status.readBy.includes(userId),
    delivered: got.get(userId) ?? null,
    read: seen.get(userId) ?? null,
  }))
}

/** User id → the first time that a receipt of the message names them. Newest come first. */
function times({ notifications }, message, people) {
  const found = new Map()
  for (const { data, createdAt } of notifications) {
    if (!data.messageIds.includes(message.id)) continue
    for (const person of people(data)) found.set(person, createdAt)
  }
  return found
}
