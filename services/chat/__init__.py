"""Chat: messages in their order, and how far each member has received and read them.

Tables owned: `messages`, `watermarks`, `pending_receipts`, `receipt_windows`; and a copy of what
groups owns: `groups`, `memberships`, `display_names`, `handled_events` (and the `outbox` every
publisher has).

Facts published: `chat.message.sent`, `.deleted`, `.delivered`, `.read`. Facts consumed: all of
groups' (the copy, and a system message for each change of who is in), and
`notifier.notification.delivered` (watermarks).

URLs: `/v1/groups/{id}/messages`, `/v1/messages/…`, `/v1/conversations`. Groups is asked over HTTP
when the copy lacks a group or a member.

Locks are taken in one order: groups, then watermarks, then receipt windows, each sorted by id. So
posts, reads, batches of facts and the telling of receipts can't wait for one another in a circle.
"""
