/* Commands come on standard input, a line each; each is answered with a line of JSON.
 *
 *   file PATH                      streams and senders, see streams.c
 *   pool PORT COUNT DEPTH          connections for posting, each with up to DEPTH calls under way
 *   delimiter CODE                 the character that ends a readable unit; 10 for event streams
 *   order KEY                      numbers after KEY must rise in each stream
 *   open FIRST COUNT AT_ONCE       open streams
 *   closed WINDOW SECONDS          post WINDOW, wait for every frame of them, and again
 *   paced RATE SECONDS SETTLE      post at fixed times, whatever becomes of them
 *   await FRAMES SECONDS           read until that many frames came since the last run
 *   close                          close all streams
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

int epoll;
static enum kind commands = COMMANDS;
static char line[4096];
static size_t line_length;

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void give_up(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

/* Resolves \r, \n and \\ in place. */
char *unescaped(char *text)
{
    char *to = text;
    for (char *from = text; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        *to++ = *from == 'r' ? '\r' : *from == 'n' ? '\n' : *from;
    }
    *to = 0;
    return text;
}

static void obey(char *command)
{
    char text[4096];
    double a, b, c;
    if (sscanf(command, "file %4095s", text) == 1) {
        read_file(text);
        printf("{\"streams\":%d,\"senders\":%d}\n", stream_count, sender_count);
    } else if (sscanf(command, "pool %lf %lf %lf", &a, &b, &c) == 3) {
        open_pool((int)a, (int)b, (int)c);
        printf("{}\n");
    } else if (sscanf(command, "delimiter %lf", &a) == 1) {
        delimiter = (char)a;
        printf("{}\n");
    } else if (sscanf(command, "order %4095s", text) == 1) {
        order_key = strdup(text);
        printf("{}\n");
    } else if (sscanf(command, "open %lf %lf %lf", &a, &b, &c) == 3) {
        open_streams((int)a, (int)b, (int)c);
    } else if (sscanf(command, "closed %lf %lf", &a, &b) == 2) {
        run_closed((int)a, b);
    } else if (sscanf(command, "paced %lf %lf %lf", &a, &b, &c) == 3) {
        run_paced(a, b, c);
    } else if (sscanf(command, "await %lf %lf", &a, &b) == 2) {
        run_await((uint64_t)a, b);
    } else if (!strncmp(command, "close", 5)) {
        close_streams();
        printf("{}\n");
    } else {
        printf("{\"error\":\"unknown command\"}\n");
    }
    fflush(stdout);
}

static bool read_commands(void)
{
    ssize_t n = read(0, line + line_length, sizeof line - 1 - line_length);
    if (n <= 0)
        exit(0); /* whoever started us is gone */
    line_length += (size_t)n;
    line[line_length] = 0;
    return strchr(line, '\n') != NULL;
}

/* Serve streams and posters until `until`, or once if that has passed. */
void serve_events(uint64_t until)
{
    struct epoll_event events[512];
    uint64_t now = now_ns();
    uint64_t left = until > now ? until - now : 0;
    /* To the nanosecond: rounding to milliseconds would spin, on a core that others need. */
    struct timespec wait = {(time_t)(left / 1000000000ull), (long)(left % 1000000000ull)};
    int n = epoll_pwait2(epoll, events, 512, &wait, NULL);
    for (int i = 0; i < n; i++) {
        enum kind *source = events[i].data.ptr;
        if (*source == STREAM)
            stream_ready(events[i].data.ptr);
        else if (*source == POSTER)
            poster_ready(events[i].data.ptr);
        else
            read_commands();
    }
}

int main(void)
{
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &commands};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event))
        give_up("epoll");
    for (;;) {
        serve_events(now_ns() + 1000000000ull);
        char *end;
        while ((end = strchr(line, '\n'))) {
            char command[sizeof line];
            *end = 0;
            strcpy(command, line);
            line_length -= (size_t)(end + 1 - line);
            memmove(line, end + 1, line_length + 1);
            obey(command);
        }
    }
}
