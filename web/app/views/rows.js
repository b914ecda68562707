/** The rows of a history: messages, with the days and the line above what is new between them. */
import { dayKey, dayOf } from '../format/time.js'

const RUN_MS = 5 * 60_000

/**
 * @param {import('../state/types.js').Message[]} messages
 * @param {string} me
 * @param {number | null} newAfter
 */
export function rowsOf(messages, me, newAfter) {
  const rows = []
  // Where it begins may be further up than what is loaded.
  let isNewSaid = newAfter === null || messages[0]?.seq > newAfter + 1
  messages.forEach((message, index) => {
    const before = messages[index - 1]
    const isNewDay = !before || dayKey(before.createdAt) !== dayKey(message.createdAt)
    if (isNewDay) rows.push({ kind: 'day', key: `day ${dayKey(message.createdAt)}`, words: dayOf(message.createdAt) })
    const isOthers = message.senderId !== me && message.type !== 'system'
    const isNewHere = !isNewSaid && message.seq > newAfter && isOthers
    if (isNewHere) {
      isNewSaid = true
      rows.push({ kind: 'new', key: 'new' })
    }
    if (message.type === 'system') {
      rows.push({ kind: 'system', key: message.id, message })
      return
    }
    rows.push({
      kind: 'message',
      message,
      isMine: !isOthers,
      // What was sent from here keeps its place on the screen when the server confirms it.
      key: (!isOthers && message.clientMessageId) || message.id,
      isFirst: isNewDay || isNewHere || !isRun(before, message),
      isLast: !isRun(message, messages[index + 1]),
    })
  })
  return rows
}

/** Whether two messages in a row are shown as one run of the same person. */
function isRun(before, after) {
  if (!before || !after || before.type === 'system' || after.type === 'system') return false
  if (before.senderId !== after.senderId) return false
  const apart = new Date(after.createdAt) - new Date(before.createdAt)
  return apart < RUN_MS && dayKey(before.createdAt) === dayKey(after.createdAt)
}
