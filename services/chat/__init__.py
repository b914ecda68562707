"""Chat: messages in their order, and how far each member has received and read them.

Tables owned: `messages`, `watermarks`, `pending_receipts`, `receipt_windows`, `erasure_answers`;
and a copy of what groups owns: `groups`, `memberships`, `display_names`, `handled_events` (and
`outbox` and `erasures`, which every service has).

Facts published: `chat.message.sent`, `.deleted`, `.delivered`, `.read`, `chat.person.erased`. Facts
consumed: all of groups' (the copy, a system message for each change of who is in, erasures), and
the notifier's (watermarks; for the report of an erasure, that it is complete).

URLs: `/v1/groups/{id}/messages`, `/v1/messages/…`, `/v1/conversations`; for operators
`/internal/v1/people/{id}/data` and `/internal/v1/erasures/{id}`. Groups is asked over HTTP
when the copy lacks a group or a member, the notifier whether it knows of a deletion before that is
answered.

Locks are taken in one order: groups, then watermarks, then receipt windows, each sorted by id. So
posts, reads, batches of facts and the telling of receipts can't wait for one another in a circle.
"""
