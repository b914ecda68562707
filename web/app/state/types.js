/**
 * What the API gives; see the contract of each call in the documentation of Circles.
 *
 * @typedef {{onlyAdminsCanMessage: boolean, onlyAdminsCanEditInfo: boolean, maxMembers: number}} Settings
 * @typedef {{id: string, type: 'group'|'dm', name: string, description: string, createdBy: string,
 *   settings: Settings, memberCount: number, role: 'admin'|'member',
 *   receipts: 'individual'|'aggregate', createdAt: string}} Group
 * @typedef {{userId: string, name: string, role: 'admin'|'member', joinedAt: string}} Member
 * @typedef {{total: number, delivered: number, read: number}} Status
 * @typedef {{id: string, groupId: string, seq: number, senderId: string, senderName: string,
 *   type: 'text'|'image'|'file'|'system', content: string, clientMessageId: string|null,
 *   isDeleted: boolean, createdAt: string, status: Status,
 *   metadata?: Record<string, unknown>|null}} Message
 * @typedef {{group: Group, lastMessage: Message|null, unreadCount: number, lastReadSeq: number}} Conversation
 *
 * A message on its way: `later` when it goes by itself once the server is back.
 * @typedef {{clientMessageId: string, groupId: string, content: string, createdAt: string,
 *   state: 'waiting'|'sending'|'later'|'failed', error: string|null}} Pending
 *
 * A part of a history without gaps, oldest first. `newAfter` is where the unread began when it was opened.
 * @typedef {{messages: Message[], hasMore: boolean, loaded: boolean, loading: boolean,
 *   error: string|null, newAfter: number|null}} Thread
 *
 * @typedef {{token: string, userId: string, name: string}} Session
 * @typedef {{online: boolean, lastSeen: string|null}} Presence
 */
export {}
