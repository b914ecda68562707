"""Groups: who is in which circle, with what role, under which settings.

Tables owned: `groups`, `members`, `display_names` (and `outbox` and `erasures`, which every service
has).

Facts published: `groups.group.created`, `.updated`, `.deleted`, `groups.member.added`, `.removed`,
`.left`, `.role_changed`, and `groups.person.erased`: erasures begin here. Nothing is consumed.

URLs: `/v1/groups…` for people; `/internal/v1/groups/{id}` for other services, and
`/internal/v1/people/{id}/…` for operators. Chat is told of every change before it is answered.

Every change locks the group's row first. So the changes of one group happen one after the other,
each makes its next `version` and records exactly one fact, and facts leave in that order. A change
that changes nothing makes neither.
"""
