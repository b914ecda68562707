/* Posting: HTTP calls over a pool of connections, or stanzas over the sender's own stream. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE = 1 << 18, MOST_DEPTH = 64, ANSWER = 65536 };

struct job {
    int sender;
    uint32_t number;
    uint64_t due;
};

/* A connection with calls under way, answered in their order. */
struct poster {
    enum kind kind;
    int fd, under_way, first;
    struct job jobs[MOST_DEPTH];
    char *answer;
    size_t length;
};

static struct poster *posters;
static int poster_count, depth, pool_port;
static struct job queue[QUEUE];
static unsigned queue_head, queue_tail;

static void connect_poster(struct poster *p)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)pool_port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    p->kind = POSTER;
    p->under_way = p->first = 0;
    p->length = 0;
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&to, sizeof to))
        give_up("connecting to post");
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &event);
}

void open_pool(int port, int count, int calls)
{
    for (int i = 0; i < poster_count; i++) {
        close(posters[i].fd);
        free(posters[i].answer);
    }
    pool_port = port;
    poster_count = count;
    depth = calls < MOST_DEPTH ? calls : MOST_DEPTH;
    posters = realloc(posters, (size_t)count * sizeof *posters);
    for (int i = 0; i < count; i++) {
        connect_poster(&posters[i]);
        posters[i].answer = malloc(ANSWER);
    }
}

static void flush_queue(void)
{
    for (int i = 0; i < poster_count && queue_head != queue_tail; i++) {
        struct poster *p = &posters[i];
        while (p->under_way < depth && queue_head != queue_tail) {
            struct job job = queue[queue_head++ % QUEUE];
            struct sender *s = &senders[job.sender];
            write_marks(s, job.number, job.due);
            p->jobs[(p->first + p->under_way++) % MOST_DEPTH] = job;
            if (send(p->fd, s->request, s->length, MSG_NOSIGNAL) != (ssize_t)s->length)
                give_up("posting");
        }
    }
}

/* Post message `number` (and those after it, where a request brings several) as `sender`: at once,
 * or as soon as a connection is free. */
void post(int sender, uint32_t number, uint64_t due)
{
    struct job job = {sender, number, due};
    struct sender *s = &senders[sender];
    tally.posted += (uint64_t)s->marks;
    tally.last_due = due;
    if (s->via >= 0) {
        write_marks(s, number, due);
        say(&streams[s->via], s->request, s->length);
        accepted(sender); /* XMPP answers nothing: the frames are the proof */
        return;
    }
    queue[queue_tail++ % QUEUE] = job;
    flush_queue();
}

size_t waiting_posts(void)
{
    size_t under_way = queue_tail - queue_head;
    for (int i = 0; i < poster_count; i++)
        under_way += (size_t)posters[i].under_way;
    return under_way;
}

void poster_ready(void *pointer)
{
    struct poster *p = pointer;
    ssize_t n = recv(p->fd, p->answer + p->length, ANSWER - 1 - p->length, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    uint64_t now = now_ns();
    if (n <= 0) { /* what was under way is refused; the rest goes over a new connection */
        for (int i = 0; i < p->under_way; i++)
            tally.refused += (uint64_t)senders[p->jobs[(p->first + i) % MOST_DEPTH].sender].marks;
        close(p->fd);
        connect_poster(p);
        flush_queue();
        return;
    }
    p->length += (size_t)n;
    p->answer[p->length] = 0;
    for (size_t whole; p->under_way && (whole = answer_length(p->answer)) && whole <= p->length;) {
        struct job job = p->jobs[p->first++ % MOST_DEPTH];
        p->first %= MOST_DEPTH;
        p->under_way--;
        note_time(&tally.answer_times, now - job.due);
        if (p->answer[9] == '2')
            accepted(job.sender);
        else
            tally.refused += (uint64_t)senders[job.sender].marks;
        p->length -= whole;
        memmove(p->answer, p->answer + whole, p->length + 1);
    }
    flush_queue();
}
