/* What every reader should have got, and what it got. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

uint32_t first_number;
uint32_t *accepted_of;

/* A message of this sender was accepted: its group is to be told. */
void accepted(int sender)
{
    struct sender *s = &senders[sender];
    tally.accepted += (uint64_t)s->marks;
    accepted_of[s->group] += (uint32_t)s->marks;
    if (s->own >= 0 && s->own < stream_count) /* who posts may do so before anybody reads */
        streams[s->own].own++;
}

/* Begin to count anew. */
void forget(void)
{
    memset(&tally, 0, sizeof tally);
    for (int g = 0; g < group_count; g++)
        accepted_of[g] = 0;
    for (int i = 0; i < stream_count; i++) {
        struct stream *s = &streams[i];
        s->received = s->own = s->last = 0;
        s->sequence = 0;
        if (s->seen)
            memset(s->seen, 0, RUN_MESSAGES / 8);
    }
}

/* Compare what every reader should have got with what it got. */
void reckon(void)
{
    uint64_t expected = 0;
    tally.lost = tally.closed = 0;
    for (int i = 0; i < stream_count; i++) {
        struct stream *s = &streams[i];
        tally.closed += s->gone;
        if (s->fd < 0 || s->dead)
            continue;
        uint32_t due = accepted_of[s->group] - s->own;
        expected += due;
        tally.lost += due > s->received ? due - s->received : 0;
    }
    tally.expected = expected;
}

/* How many groups have readers that got the same messages in another order, where all get all. */
int disagreeing(void)
{
    int count = 0;
    struct stream **first = calloc((size_t)group_count + 1, sizeof *first);
    for (int i = 0; i < stream_count; i++) {
        struct stream *s = &streams[i], **one = &first[s->group];
        if (s->fd < 0 || s->dead || s->own)
            continue;
        if (!*one)
            *one = s;
        else
            count += s->sequence != (*one)->sequence && s->received == (*one)->received;
    }
    free(first);
    return count;
}
