"""The notifier: persistent notifications, delivery state and live streams.

Owns     mailboxes (one per user, with its counters), entries (positions in them), events (content,
         stored once), stream sessions and presence.
Consumes groups.* and chat.* events.
Publishes notifier.notification.delivered.v1, notifier.person.erased.v1.
Serves   /v1/sse/*, /v1/notifications*, /v1/presence; /v1/local where LOCAL_SIGN_IN is true; for
         chat /internal/v1/messages/{id}/deletion.

An event becomes entries in one transaction per batch (`inbox` → `actions.entries` → `storage`), is
pushed to the streams held here (`streams.hub`) and, by way of the other replicas, to those held
there (`streams.live`), and is then acknowledged. A client's position is its cursor; whatever a push
misses, the stream reads from the table.
"""
