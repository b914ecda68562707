/* What streams are sent: cut into units, and counted by its marks. */
#define _GNU_SOURCE
#include "load.h"

#include <stdlib.h>
#include <string.h>

char delimiter = '\n';
const char *order_key;

static void count(struct stream *s, uint32_t number, uint64_t due, uint64_t now)
{
    if (number < first_number) {
        tally.strays++;
        return;
    }
    number -= first_number;
    if (!s->seen)
        s->seen = calloc(1, RUN_MESSAGES / 8);
    if (number >= RUN_MESSAGES || s->seen[number / 8] >> number % 8 & 1) {
        tally.doubled++;
        return;
    }
    s->seen[number / 8] |= (uint8_t)(1 << number % 8);
    s->received++;
    s->sequence = (s->sequence ^ number) * 1099511628211ull;
    s->last = number;
    tally.frames++;
    tally.last_frame_at = now;
    note_time(&tally.frame_times, now - due);
}

/* Positions in a mailbox follow one another; the first frames of a stream say where it starts. */
static void advance(struct stream *s, bool notification)
{
    if (notification && s->position >= 0 && s->named != s->position + 1)
        tally.gaps++;
    s->position = s->named;
}

static void read_unit(struct stream *s, char *unit, size_t length, uint64_t now)
{
    if (length > 5 && !memcmp(unit, "id: e", 5)) {
        char *dash = memchr(unit, '-', length);
        s->named = dash ? strtoll(dash + 1, NULL, 10) : -1;
        return;
    }
    if (length > 8 && !memcmp(unit, "event: ", 7) && s->named >= 0) {
        advance(s, unit[7] == 'n');
        s->named = -1;
        return;
    }
    char *end = unit + length, *mark = unit;
    while ((mark = memchr(mark, '~', (size_t)(end - mark)))) {
        if (end - mark >= MARK_LENGTH && mark[9] == '.' && mark[MARK_LENGTH - 1] == '~') {
            count(s, (uint32_t)strtoul(mark + 1, NULL, 10), strtoull(mark + 10, NULL, 10), now);
            mark += MARK_LENGTH - 1;
        }
        mark++;
    }
    char *order = order_key ? memmem(unit, length, order_key, strlen(order_key)) : NULL;
    if (order) {
        int64_t place = strtoll(order + strlen(order_key), NULL, 10);
        tally.reordered += place <= s->order;
        s->order = place;
    }
}

/* Take `length` bytes that have just come; in front of them are `kept` bytes, already taken out of
 * their chunks, of a unit that was not whole. */
void take(struct stream *s, char *data, size_t length, size_t kept)
{
    uint64_t now = now_ns();
    char *fresh = data + kept;
    length = kept + (s->chunked ? dechunk(s, fresh, length) : length);
    char *end = data + length, *stop;
    while ((stop = memchr(data, delimiter, (size_t)(end - data)))) {
        read_unit(s, data, (size_t)(stop - data), now);
        data = stop + 1;
    }
    if (end > data) {
        s->tail_length = (size_t)(end - data);
        s->tail = realloc(s->tail, s->tail_length);
        memcpy(s->tail, data, s->tail_length);
    }
}
