/** What an application in TypeScript may write, and what it is warned of. Only compiled, never run. */
import {
  connect,
  Problem,
  SignedOut,
  type Circles,
  type Notification,
  type State,
} from '@circles/client'
import * as implemented from '../../web/client/index.js'

// The declarations are of what is there.
export const declared: typeof import('@circles/client') = implemented

const circles: Circles = connect({
  url: 'https://chat.example.com',
  token: async ({ reason }) => {
    if (reason === 'refused') throw new SignedOut()
    return reason === 'start' ? 'a.b.c' : null
  },
  storage: sessionStorage,
  transport: 'eventsource',
  acks: false,
  shareTabs: false,
})

const end: () => void = circles.on('message.new', ({ data }) => data.content.toUpperCase())
end()
circles.on('notification', (notification: Notification) => {
  if (notification.type === 'group.invite') notification.data.inviterName.toUpperCase()
  // @ts-expect-error: a message has no inviter
  if (notification.type === 'message.new') notification.data.inviterName.toUpperCase()
})
circles.on('state', ({ state, previous }: { state: State; previous: State }) => [state, previous])
circles.on('reset', ({ reason, cursor, unread, resyncUrl }) => [
  reason,
  cursor,
  unread + 1,
  resyncUrl,
])
circles.on('error', (error) => error.message)
circles.fetch('/v1/groups', { method: 'POST', json: { name: 'Lunch' } }).catch((error: unknown) => {
  if (error instanceof Problem) error.errors.map(({ field, message }) => field + message)
})
export const known: [string | null, string | null] = [circles.cursor, circles.userId]

// @ts-expect-error: there is no such event
circles.on('message.sent', () => {})
// @ts-expect-error: it is told, not set
circles.state = 'live'
// @ts-expect-error: nothing goes without a token
connect({})
// @ts-expect-error: the token is a string
connect({ token: async () => 5 })
