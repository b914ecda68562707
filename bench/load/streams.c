/* Streams: their sockets, read whenever something came. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 22, BUFFER = 262144 };

int reading_count;
static char buffer[ROOM + BUFFER + 1];

void start(struct stream *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->kind = STREAM;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        give_up("socket");
    int on = 1, small = 4096;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (s->dead)
        setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    /* A reset at the end: thousands of waiting ends would use up the ports. */
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    s->opened_at = now_ns();
    s->step = -1;
    s->open = s->chunked = s->gone = false;
    s->chunk_left = s->chunk_size = s->tail_length = 0;
    s->position = s->named = s->order = -1;
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
        give_up("connect");
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = s};
    epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event);
}

void end(struct stream *s)
{
    if (s->fd < 0)
        return;
    close(s->fd);
    s->fd = -1;
    free(s->tail);
    s->tail = NULL;
    s->tail_length = 0;
    if (s->open && !s->dead) {
        reading_count--;
        s->gone = true;
    } else if (!s->open) {
        given_up();
    }
    s->open = false;
}

void say(struct stream *s, const char *text, size_t length)
{
    if (send(s->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length)
        end(s);
}

void stream_ready(struct stream *s)
{
    if (s->step < 0 && s->fd >= 0)
        next_step(s);
    while (s->fd >= 0 && !(s->dead && s->open)) {
        if (s->tail_length > ROOM) { /* nothing that is measured here is so long */
            end(s);
            return;
        }
        char *at = buffer + ROOM - s->tail_length;
        memcpy(at, s->tail, s->tail_length);
        ssize_t n = recv(s->fd, buffer + ROOM, BUFFER, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            end(s);
            return;
        }
        size_t kept = s->tail_length;
        s->tail_length = 0;
        if (!s->open)
            shake_hands(s, at, kept + (size_t)n);
        else if (s->polls)
            poll_ready(s, at, kept + (size_t)n);
        else
            take(s, at, (size_t)n, kept);
        if (n < BUFFER)
            return; /* whatever comes after this wakes us anew */
    }
}
