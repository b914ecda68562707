/**
 * Ticks. Receipts name who got or read which messages: that moves ticks at once. It is a lower bound
 * only, since a count that was loaded names nobody; a moment later the server is asked for the counts.
 */
import { coalesced } from './coalesced.js'
import * as conversations from './conversations.js'
import { get } from './store.js'
import * as threads from './threads.js'

/** Message id → who is known to have got it, and to have read it. */
const known = new Map()
/** Group id → the lowest position whose count is to be asked for. */
const unsure = new Map()

export function delivered({ data }) {
  const receipts = data.receipts ?? []
  apply(data, data.deliveredCount ?? 0, 0, (message, people) => {
    for (const { userId, upToSeq } of receipts) {
      if (upToSeq >= message.seq) people.got.add(userId)
    }
  })
}

export function read({ data }) {
  apply(data, data.readCount ?? 0, data.readCount ?? 0, (_, people) => {
    if (data.readerId) people.read.add(data.readerId)
  })
}

function apply({ groupId, messageIds, total }, deliveredCount, readCount, learn) {
  const ids = new Set(messageIds)
  const moved = (each) => {
    if (!each || !ids.has(each.id)) return each
    const people = known.get(each.id) ?? { got: new Set(), read: new Set() }
    known.set(each.id, people)
    learn(each, people)
    const readers = Math.max(each.status.read, people.read.size, readCount)
    const reached = new Set([...people.got, ...people.read]).size
    const receivers = Math.max(each.status.delivered, reached, deliveredCount, readers)
    return { ...each, status: { total, delivered: receivers, read: readers } }
  }
  conversations.change(groupId, ({ lastMessage }) => ({ lastMessage: moved(lastMessage) }))
  threads.whenLoaded(groupId, () => {
    const first = get().threads.get(groupId).messages.find((each) => ids.has(each.id))
    // None: a message was sent elsewhere, by another device of the same person.
    if (!first) threads.catchUp(groupId)
    else if (total > 1) ask(groupId, first.seq)
    threads.map(groupId, moved)
  })
}

function ask(groupId, seq) {
  unsure.set(groupId, Math.min(seq, unsure.get(groupId) ?? seq))
  reconcile()
}

const reconcile = coalesced(async () => {
  for (const [groupId, seq] of [...unsure]) {
    unsure.delete(groupId)
    // Away for the moment: the next receipt asks again.
    await threads.refresh(groupId, seq).catch(() => undefined)
  }
}, 250)
