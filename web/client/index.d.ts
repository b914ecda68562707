/** Live notifications of Circles in the browser. See README.md. */

export type State = 'connecting' | 'catching-up' | 'live' | 'polling' | 'offline' | 'signed-out'

/** Why a token is asked for: the first, one that is about to expire, or one that was refused. */
export type TokenReason = 'start' | 'expiring' | 'refused'

export interface Options {
  /** The gateway's origin, such as `https://chat.example.com`; default: the page's own. */
  url?: string
  /**
   * Gives a token. `null`, or throwing `SignedOut`, means that nobody is signed in any more;
   * anything else thrown is tried again later.
   */
  token: (why: { reason: TokenReason }) => string | null | Promise<string | null>
  /** Where the cursor of each user lives; default `localStorage`, else memory. */
  storage?: Pick<Storage, 'getItem' | 'setItem'>
  /** `fetch` (default) sends the token as a header; `eventsource` buys tickets with it. */
  transport?: 'fetch' | 'eventsource'
  /** Tell the server what has arrived, instead of letting it count what it wrote; default true. */
  acks?: boolean
  /** One stream for all tabs of this browser, where it can; default true. */
  shareTabs?: boolean
}

interface InGroup {
  groupId: string
  /** `null` for a dm. */
  groupName: string | null
}

interface Receipts extends InGroup {
  messageIds: string[]
  upToSeq: number
  total: number
}

/** What each type of notification carries in `data`. */
export interface NotificationData {
  'message.new': InGroup & {
    messageId: string
    seq: number
    senderId: string
    senderName: string
    content: string
    messageType: 'text' | 'image' | 'file'
    metadata: Record<string, unknown> | null
    clientMessageId: string | null
    isDeleted?: boolean
  }
  /** Individual groups name people, aggregate ones count them. */
  'message.delivered': Receipts & {
    deliveredTo?: string[]
    receipts?: { userId: string; upToSeq: number }[]
    deliveredCount?: number
  }
  'message.read': Receipts & { readerId?: string; readerName?: string; readCount?: number }
  'message.deleted': InGroup & { messageId: string; seq: number; deletedBy: string }
  'group.invite': InGroup & { invitedBy: string; inviterName: string; groupType: 'group' | 'dm' }
  'group.member_removed': InGroup & { userId: string; userName: string; removedBy: string }
  'group.member_left': InGroup & { userId: string; userName: string }
  'group.role_updated': InGroup & {
    userId: string
    role: 'admin' | 'member'
    changedBy: string
    createdBy?: string
  }
  'group.updated': InGroup & { changes: string[]; updatedBy: string }
  'group.deleted': InGroup & { deletedBy: string }
}

export type NotificationType = keyof NotificationData

export interface NotificationOf<T extends NotificationType> {
  /** The position in its owner's mailbox: `"1"`, `"2"`, … */
  id: string
  type: T
  title: string
  message: string
  data: NotificationData[T]
  isRead: boolean
  isDelivered: boolean
  /** RFC 3339, UTC. */
  createdAt: string
  eventId: string
}

export type Notification = { [T in NotificationType]: NotificationOf<T> }[NotificationType]

/** The server can't prove that it sends all: reload over REST; events go on from `cursor`. */
export interface Reset {
  reason: string
  cursor: string
  unread: number
  resyncUrl: string
}

export type Events = { [T in NotificationType]: NotificationOf<T> } & {
  /** Every notification, once and in order, over reloads too. */
  notification: Notification
  state: { state: State; previous: State }
  reset: Reset
  /** What went wrong; the client goes on by itself, unless the state is `signed-out`. */
  error: Error
}

export interface RequestOptions extends RequestInit {
  /** Sent as the JSON body. */
  json?: unknown
}

export interface Circles {
  readonly state: State
  /** Where this page is in the mailbox: everything up to here was given to its listeners. */
  readonly cursor: string | null
  /** `null` until the first token is there. */
  readonly userId: string | null
  /** Listen; the function that it returns ends that. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void
  /**
   * Call the REST API as the user: as `fetch` does, with a path such as `/v1/groups`. A refused
   * token is renewed once. It waits until the place in the mailbox is known, so that what it
   * answers and the events after it leave nothing out.
   *
   * @throws {Problem} for every answer that is no success
   * @throws {SignedOut} without a token
   */
  fetch(path: string, init?: RequestOptions): Promise<Response>
  /** End the stream and everything else; another tab takes over. */
  close(): void
}

/** Start following the user's mailbox. */
export function connect(options: Options): Circles

/** An error that the server answered (RFC 9457). */
export class Problem extends Error {
  constructor(fields: {
    status: number
    code?: string
    title?: string
    detail?: string
    errors?: { field: string; message: string }[]
    retryAfter?: number | null
  })
  readonly status: number
  /** Stable, such as `group_full`. */
  readonly code: string
  readonly detail: string
  /** Every bad field. */
  readonly errors: { field: string; message: string }[]
  /** Seconds to wait before the next try, where the server says so. */
  readonly retryAfter: number | null
}

/** Thrown by `token` to say, and by `fetch` to tell, that nobody is signed in. */
export class SignedOut extends Error {
  constructor(message?: string)
}
