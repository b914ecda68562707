/* Runs: messages posted in one of the ways, and what became of them. */
#include "load.h"

#include <stdio.h>
#include <string.h>

enum { STUCK_SECONDS = 20 };
static const uint64_t second = 1000000000ull;

struct tally tally;
static uint64_t told_at;

static uint32_t next_number;

static void begin(void)
{
    first_number = next_number;
    forget();
    tally.began_at = tally.last_frame_at = told_at = now_ns();
}

static void tell_progress(void)
{
    if (now_ns() - told_at < second / 2)
        return;
    told_at = now_ns();
    printf("{\"progress\":%llu}\n", (unsigned long long)tally.posted);
    fflush(stdout);
}

void print_tally(void)
{
    reckon();
    printf("{\"posted\":%llu,\"accepted\":%llu,\"refused\":%llu,\"expected\":%llu,"
           "\"received\":%llu,\"lost\":%llu,\"doubled\":%llu,\"reordered\":%llu,\"gaps\":%llu,"
           "\"strays\":%llu,\"closed\":%llu,\"disagreeing\":%d,\"seconds\":%.6f,\"behind\":%.6f",
           (unsigned long long)tally.posted, (unsigned long long)tally.accepted,
           (unsigned long long)tally.refused, (unsigned long long)tally.expected,
           (unsigned long long)tally.frames, (unsigned long long)tally.lost,
           (unsigned long long)tally.doubled, (unsigned long long)tally.reordered,
           (unsigned long long)tally.gaps, (unsigned long long)tally.strays,
           (unsigned long long)tally.closed, disagreeing(),
           (double)(tally.last_frame_at - tally.began_at) / 1e9,
           tally.last_due && tally.last_frame_at > tally.last_due
               ? (double)(tally.last_frame_at - tally.last_due) / 1e9 : 0.0);
    print_histogram("frames", &tally.frame_times);
    print_histogram("answers", &tally.answer_times);
    printf("}\n");
}

/* Post `window` messages at once, wait until every reader has all of them, and again. */
void run_closed(int window, double seconds)
{
    uint32_t posted = 0;
    begin();
    uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
    while (now_ns() < until && posted + (uint32_t)window < RUN_MESSAGES) {
        uint64_t due = now_ns(), stuck = due + STUCK_SECONDS * second;
        /* The second sender brings several in one request, where a server can take them so. */
        int by = sender_count > 1 && senders[1].marks == window ? 1 : 0;
        for (int left = window; left > 0; left -= senders[by].marks) {
            post(by, next_number, due);
            next_number += (uint32_t)senders[by].marks;
            posted += (uint32_t)senders[by].marks;
        }
        while (tally.frames < (uint64_t)posted * (uint64_t)reading_count || waiting_posts()) {
            serve_events(now_ns() + second / 10);
            if (now_ns() > stuck) {
                print_tally();
                return;
            }
        }
        tell_progress();
    }
    print_tally();
}

static uint64_t missing(void)
{
    reckon();
    return tally.lost + waiting_posts();
}

/* Post message n at n / `rate` seconds, by the senders in turn; then wait for the rest of the
 * frames, up to `settle` seconds. */
void run_paced(double rate, double seconds, double settle)
{
    uint32_t planned = (uint32_t)(rate * seconds);
    begin();
    if (planned >= RUN_MESSAGES)
        planned = RUN_MESSAGES - 1;
    uint64_t begin_at = now_ns() + second / 10;
    tally.began_at = begin_at;
    for (uint32_t n = 0; n < planned;) {
        uint64_t due = begin_at + (uint64_t)(n / rate * 1e9), now = now_ns();
        if (due <= now)
            post((int)(n % (uint32_t)sender_count), next_number++, due), n++;
        else
            serve_events(due);
        if (n % 16 == 0) /* readers are served however late the posts are */
            serve_events(now_ns());
        tell_progress();
    }
    uint64_t until = now_ns() + (uint64_t)(settle * 1e9);
    while (now_ns() < until && missing())
        serve_events(now_ns() + second / 100);
    /* What comes now would be too much. */
    for (until = now_ns() + second / 5; now_ns() < until;)
        serve_events(now_ns() + second / 100);
    print_tally();
}

/* Read until `frames` came since streams were opened. */
void run_await(uint64_t frames, double seconds)
{
    uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
    told_at = now_ns();
    while (tally.frames < frames && now_ns() < until) {
        serve_events(now_ns() + second / 100);
        tell_progress();
    }
    print_tally();
}
