/** The one connection of this page: the library's events, told to those whom they concern. */
import { connect } from '/client/index.js'
import * as conversations from './conversations.js'
import * as groups from './groups.js'
import * as inbox from './inbox.js'
import * as outbox from './outbox.js'
import * as presence from './presence.js'
import * as reading from './reading.js'
import * as receipts from './receipts.js'
import * as siblings from './siblings.js'
import * as threads from './threads.js'
import { use } from './api.js'
import { coalesced } from './coalesced.js'
import { hush } from './notices.js'
import { get, set } from './store.js'

const FRESH_MS = 60_000

let undo = []

/**
 * Connect as `session`.
 *
 * @param {import('./types.js').Session} session
 * @param {(why: {reason: string}) => Promise<string | null>} token
 * @param {() => void} signedOut called when the token is refused
 */
export function begin(session, token, signedOut) {
  const circles = connect({ token, acks: true, shareTabs: true })
  use(circles)
  listen(circles, signedOut)
  undo.push(
    () => circles.close(),
    siblings.join(session.userId),
    presence.watch(),
    reading.watch(),
    watch(),
  )
  outbox.restore(session.userId)
  groups.introduce()
  conversations.load()
  inbox.load()
}

/** Other devices of the same person tell nobody what they send and read: look now and then, and when
 * somebody comes back to the page. */
function watch() {
  const look = () => {
    if (document.visibilityState === 'visible') freshen()
  }
  const timer = setInterval(look, FRESH_MS)
  document.addEventListener('visibilitychange', look)
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
  }
}

const freshen = coalesced(async () => {
  conversations.load()
  inbox.count()
  await threads.catchUp(get().open)
}, 100)

/** Leave everything that `begin` began. */
export function end() {
  for (const each of undo.splice(0)) each()
  use(null)
}

const LISTENERS = {
  'message.new': received,
  'message.delivered': receipts.delivered,
  'message.read': receipts.read,
  'message.deleted': ({ data }) => {
    threads.blank(data.groupId, data.messageId)
    conversations.blank(data.groupId, data.messageId)
    inbox.blank(data.messageId)
    hush()
  },
  'group.invite': ({ data }) => conversations.joined(data.groupId),
  'group.updated': groups.edited,
  'group.role_updated': groups.changed,
  'group.member_left': groups.memberGone,
  'group.member_removed': groups.memberGone,
  'group.deleted': ({ data, message }) => groups.lost(data.groupId, message),
  notification: inbox.arrived,
}

function listen(circles, signedOut) {
  for (const [type, listener] of Object.entries(LISTENERS)) {
    circles.on(type, (notification) => listener(notification))
  }
  circles.on('state', ({ state }) => {
    if (state === 'signed-out') signedOut()
    else followed(state)
  })
  circles.on('reset', () => {
    threads.forgetAll()
    conversations.load()
    inbox.load()
  })
}

function followed(state) {
  set({ connection: state })
  if (state !== 'live' && state !== 'polling') return
  outbox.heal()
  if (!get().conversations.loaded) conversations.load()
  threads.retry(get().open)
}

function received({ id, data, createdAt }) {
  const message = {
    id: data.messageId,
    groupId: data.groupId,
    seq: data.seq,
    senderId: data.senderId,
    senderName: data.senderName,
    type: data.messageType,
    content: data.content,
    clientMessageId: data.clientMessageId,
    isDeleted: data.isDeleted ?? false,
    createdAt,
    status: { total: 0, delivered: 0, read: 0 },
  }
  threads.add(message)
  conversations.arrived(message, reading.isOnScreen(message.groupId))
  reading.arrived(message, id)
}
