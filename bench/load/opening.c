/* Opening streams: so many handshakes at a time, each a talk of steps. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HANDSHAKE_SECONDS = 60 };

static int opening, failed;
static struct histogram open_times;

static void opened(struct stream *s)
{
    s->open = true;
    opening--;
    reading_count += !s->dead;
    note_time(&open_times, now_ns() - s->opened_at);
}

/* A handshake ended before its time. */
void given_up(void)
{
    opening--;
    failed++;
}

void next_step(struct stream *s)
{
    if (++s->step < s->steps) {
        say(s, s->say[s->step], strlen(s->say[s->step]));
        return;
    }
    opened(s);
}

/* Keep `data` until the rest of it has come. */
static void keep(struct stream *s, const char *data, size_t length)
{
    s->tail = realloc(s->tail, length);
    memcpy(s->tail, data, length);
    s->tail_length = length;
}

/* Go through the steps that `data` answers; what follows the last is the stream itself. */
void shake_hands(struct stream *s, char *data, size_t length)
{
    data[length] = 0;
    char *found = s->step < 0 ? data : strstr(data, s->await[s->step]);
    if (!found) {
        keep(s, data, length);
        return;
    }
    if (s->polls && s->step >= 0) {
        opened(s);
        poll_ready(s, data, length);
        return;
    }
    if (s->step >= 0) {
        found += strlen(s->await[s->step]);
        char *head = strcasestr(data, "transfer-encoding: chunked");
        s->chunked = s->chunked || (head && head < found);
        if (!strncmp(data, "HTTP/", 5) && strncmp(data + 8, " 200", 4)) {
            end(s);
            return;
        }
    }
    next_step(s);
    if (s->open && data + length > found)
        take(s, found, (size_t)(data + length - found), 0);
}

/* Open `count` streams from number `first` on, `at_once` of them at a time. */
void open_streams(int first, int count, int at_once)
{
    uint64_t began = now_ns(), told = began;
    memset(&open_times, 0, sizeof open_times);
    forget();
    tally.began_at = tally.last_frame_at = began;
    opening = failed = 0;
    for (int next = first; next < first + count || opening;) {
        while (opening < at_once && next < first + count)
            start(&streams[next++]), opening++;
        serve_events(now_ns() + 100000000ull);
        if (now_ns() - told > 500000000ull) {
            told = now_ns();
            printf("{\"progress\":%d}\n", next - first - opening);
            fflush(stdout);
        }
        if (now_ns() - began > HANDSHAKE_SECONDS * 1000000000ull)
            break;
    }
    printf("{\"opened\":%d,\"failed\":%d,\"seconds\":%.6f", count - failed - opening,
           failed + opening, (double)(now_ns() - began) / 1e9);
    print_histogram("open", &open_times);
    printf("}\n");
}

void close_streams(void)
{
    for (int i = 0; i < stream_count; i++)
        end(&streams[i]), streams[i].gone = false;
    opening = failed = 0;
}
