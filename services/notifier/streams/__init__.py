"""Live streams: one loop for SSE and long poll alike.

A follower registers with the hub, reads its mailbox after its cursor until nothing is missing, and
goes live; registering first leaves no gap. From then on the hub writes to it directly. Whatever
does not fit (a frame out of sequence, a lost hint) sends it back to the table: a push is a hint,
the table is the truth. Everything here runs on one event loop and is not thread-safe; what must be
atomic has no `await` in it.

    hub         mailbox → followers; pushes, coalesced
    follower    a position in a mailbox, and how it falls behind
    connection  an SSE follower: pre-encoded writes, never waited for
    feed        what follows this cursor? read in batches for many at once
    gathering   questions that wait share the next statement
    frames      SSE bytes, pure
    delivered   what was written, noted in memory, flushed as watermarks
    acknowledged  what clients prove to have, raised together
    live        what other replicas persisted; losing it costs latency, never data
    sessions    which streams live where: presence, and the cap per user
    sweep       heartbeats, expiry, stale connections: one task for all streams
"""
