/**
 * Other tabs of the same person. Nobody is notified of what they send or read themselves, so tabs
 * tell one another.
 */
import * as conversations from './conversations.js'
import * as inbox from './inbox.js'
import * as threads from './threads.js'

let channel = null

export function join(userId) {
  const joined = new BroadcastChannel(`circles.app.${userId}`)
  joined.onmessage = ({ data: { sent, read, changed, bell } }) => {
    if (sent) {
      threads.add(sent)
      conversations.sent(sent)
    }
    if (read) conversations.read(read.groupId, read.seq)
    if (changed) conversations.reload()
    if (bell) inbox.told(bell)
  }
  channel = joined
  return () => {
    joined.close()
    channel = null
  }
}

/** @param {{sent?: object, read?: object, changed?: boolean, bell?: object}} what */
export const tell = (what) => channel?.postMessage(what)
