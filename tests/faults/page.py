"""The words of docs/reliability.md around its figures."""

PAGE = """# Reliability

What is lost, doubled or out of order when parts of the system break under traffic. `make faults`
wrote this page: {counted} in {minutes} minutes, {acknowledged} messages acknowledged,
{entries} entries, {received} of them read live. {machine}, shared by clients, services, gateway and
servers.
{ended_early}
{broken}
{left_out}
![Seconds to recover, by scenario](reliability/recovery.svg)

![Messages accepted and received through the fault](reliability/throughput.svg)

{table}

A row is a scenario. What was counted in several *runs* is added up; of the times, the memory and
the load the worst run stands, and how it bit is told from the least to the most. All figures are in
[results.json](reliability/results.json), with a line for each run.

## How it is counted

A whole system of its own runs for it: two replicas of groups and chat, three of the notifier, the
gateway, PostgreSQL and RabbitMQ. In each scenario fresh people in groups of 2, 20 and 200 write at
fixed times, whatever became of the calls before; a call without a clear answer is tried again with
the same `clientMessageId`. Some read by stream, some by poll, and all come back with their cursors;
others are away. Somebody makes new groups all the while. Then something breaks, and is whole again.

Scenarios named `cluster-` run on three nodes of RabbitMQ instead of one, behind a load balancer
that gives each new connection the first node that takes it; those named `disk-` on disks of a few
hundred megabytes, which a file fills to the last byte. Each of the three systems is started when
its turn comes. Mounting such a disk takes root: elsewhere those scenarios are left out, and the
page says so.

Once outboxes and queues are empty, everything is compared:

- each 2xx with chat's table: the message is there, once, with the id and `seq` that were answered;
  an unknown outcome is there once or not at all;
- messages with the outbox: one event for each, no event without one;
- events with the mailboxes: one entry for each event and person of its audience, and the audience
  is who was in the group; positions run from 1 to the top, messages of a group in their order;
- mailboxes with the readers: each entry came once and in order. A `reset` fails the scenario, for
  every cursor here is good; only where the mailboxes are made anew it is due, and then what it told
  to reload must be there over REST;
- parked events with the poison that was injected.

A scenario fails when one of these does not hold, when messages come late for longer than its
target, when a service takes more than 512 MB or the gateway more than 1,843 (half and nine
tenths of what their containers are given), and when the fault did not bite: a kill that killed
nothing proves nothing. The short form reports the time and does not judge it: others may share the
machine, whose load is in the table.

*Noticed after* is the time from the strike to the first failed call, lost stream or message that is
more than 1.5 s late; word of a new group counts like a message. *Recovered after* is the time from
the end of the fault to the last late message; a killed process counts from its death, a server from
the moment it answers again. Readers come back after 0.1 to 0.4 s, sooner than `retry:` asks,
because the system is measured and not their patience.

The crowd of `crowd-returns` wants 10,000 streams. Each takes two of the gateway's open files, one
to its client and one to the notifier, and a thousand are left for the rest. This machine allows
{files} files to a process, so {streams} streams can come, in groups of 250. One is *served again*
when it is connected and has got everything up to the newest entry that its mailbox held when it
connected: the seconds run until what was missed is there.

## What is promised

The seven promises of [architecture.md](architecture.md), and what would find each of them broken.
Every scenario counts all that was said above; those that are named put it to the hardest test.

1. What was answered with a 2xx is committed, with the event that tells of it: *lost* counts a
   message or group that is not there as answered, and a message without its event. `kill-chat`,
   `chat-dies-transaction-*`, `groups-dies-transaction-*`, `restart-postgres`, `disk-full-*`.
2. Each event is one entry for everybody whom it concerns, however often it comes: *lost* and
   *doubled* count the others. `events-again-and-poison`, `notifier-dies-consumer-*`, `kill-broker`,
   `cluster-leader-dies`.
3. Each mailbox is numbered without a hole, and who comes back with a cursor gets what follows it,
   once and in order, or `reset`: *gaps*, *doubled* and *resets* count that on the wire.
   `resume-often`, `kill-gateway`, `notifier-dies-push-written`, `crowd-returns`, `slow-readers`.
4. Everybody gets the messages of a group in the order of their `seq`: *out of order* counts those
   that came after a later one, in the mailbox and on the wire. `slow-commits`,
   `chat-dies-relay-*`, `freeze-chat`, `blackhole-broker`.
5. Who was added is told from then on, and who was removed is not: where nobody comes or goes each
   message's audience is compared with the group, and in `removed-and-expired` nothing may be told
   after the removal has reached chat. That the answer waits for it, and that deleted words are gone
   when the deletion is answered, is not seen here but by the tests `test_membership_counts_at_once`
   and `test_deleted_messages_are_gone`, where nothing else fails.
6. A slow reader, a poisonous event and a server that is away cost only what needs them: in
   `slow-readers` no other stream may get anything late, and of `events-again-and-poison` the poison
   alone may be parked, as in every scenario nothing else is. While RabbitMQ is away
   (`kill-broker`, `memory-alarm`, `refused-broker`) calls go on, and *attempts* beside
   *acknowledged* shows it; *peak memory* shows that what waits is not kept in a process.
7. What comes again makes nothing twice and tells nobody twice, by the broker or from the log:
   *doubled*, in tables and on the wire. `events-again-and-poison`, `delete-queue`,
   `rebuild-notifier`, `notifier-dies-consumer-committed`, `chat-dies-relay-confirmed`.

## What is not promised

- That a call succeeds while its service or its database is away: it answers 503, or nothing, and
  the client tries again. Making a group carries no key, so a repeated call may make a second one.
- That a push between replicas always comes at once: what the broker drops of that line is in the
  mailbox, and the stream finds it with its next frame or heartbeat.
- That commits outlive a power cut of this test: processes are killed here, not the machine, and
  PostgreSQL runs without fsync. In production it runs with it.
- That a single RabbitMQ node's lost disk is survived: that takes three nodes.
- That a broker without its disk alarm lives on when its disk is full: it stops working, and has to
  be started again. What it had confirmed is there then, and the rest is still in the outboxes.

## What a cluster of three is good for

Queues and log are on all three nodes, and a confirm says that two of them hold the event. So one
node may die or be cut off at any time: services connect to another one, and nothing is lost.

The nodes run with `cluster_partition_handling = pause_minority`, and should so in production. A
node that no longer sees the majority stops by itself, drops its clients, and comes back as a
follower.
With `ignore`, RabbitMQ's default, it keeps its clients, though its queues can confirm nothing, and
what both parts know of queues and bindings differs until somebody restarts one; `autoheal` restarts
one only once they see each other again.

Not promised:

- That anything is told while two of three nodes are away: the third stops as well. Calls go on, as
  facts wait in the outboxes, and all of them arrive once two nodes are there again.
- That a network which loses everything without a word is noticed within these times. Here the
  connections between the nodes close at once. A silent loss is noticed by the nodes after
  `net_ticktime`, which is a minute unless it is set: until then a service on the wrong side
  publishes in vain.
- That one broken link between two nodes costs only one of them. Who sees a node go that the third
  one still sees stops as well, and then two are away until the link is back.
- That the load balancer is no single point of failure: it is one process here.

## How to run it

```bash
make faults                # everything, and this page anew
make faults QUICK=1        # the short form, some two minutes
make faults ONLY='broker chat'  # scenarios whose names have one of these words
make faults RUNS=20        # everything so often, one pass after the other, and this page anew
make faults ONLY=kill RUNS=5  # some of it, several times
make faults MINUTES=30     # in random order, for that long
make faults ONLY=crowd STREAMS=4000  # a smaller crowd than the machine's open files allow
make faults SOURCE=/copy   # the services of another source tree
```

With `QUICK`, `ONLY`, `MINUTES` or `SOURCE` the report is written under `.circles/faults`, and so it
is when something ends the run early: then it says what, and has everything up to there.
A scenario is an entry in `tests/faults/scenarios.py`.

Would it notice? `make faults-selftest` breaks the guarantees one by one, and every one must
be found: [Broken on purpose](reliability/mutations.md).
"""
