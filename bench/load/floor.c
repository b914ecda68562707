/* The floor: what the kernel allows. Holds streams, and sends each body that is posted to all of
 * them with one send(2) each: no framework, no list of who is told, nothing kept.
 *
 *   floor PORT        GET opens a stream, POST sends its body
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, ROOM = 65536 };
static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";
static const char done[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
static int readers[MOST], reader_count, publisher = -1;
static char request[ROOM + 1];
static size_t held;

static void leave(int fd)
{
    for (int i = 0; i < reader_count; i++)
        if (readers[i] == fd)
            readers[i--] = readers[--reader_count];
    if (fd == publisher)
        held = 0;
    close(fd);
}

static void send_to_all(const char *body, size_t length)
{
    char frame[ROOM + 128];
    /* A chunk of an event with an id, as the others send it. */
    char event[ROOM + 64];
    int n = snprintf(event, sizeof event, "id: e1-1\nevent: m\ndata: %.*s\n\n", (int)length, body);
    int size = snprintf(frame, sizeof frame, "%x\r\n%s\r\n", (unsigned)n, event);
    for (int i = 0; i < reader_count; i++)
        if (send(readers[i], frame, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            continue; /* a reader that is full loses it, and the run is void */
}

/* Serve the calls that are whole; the rest of the bytes stays. */
static void publish(int fd)
{
    for (;;) {
        request[held] = 0;
        char *body = strstr(request, "\r\n\r\n"), *said = strcasestr(request, "content-length:");
        if (!body || !said)
            return;
        size_t length = strtoul(said + 15, NULL, 10), before = (size_t)(body + 4 - request);
        if (held < before + length)
            return;
        for (char *line = body + 4, *end = line + length; line < end;) {
            char *stop = memchr(line, '\n', (size_t)(end - line));
            size_t size = stop ? (size_t)(stop - line) : (size_t)(end - line);
            send_to_all(line, size);
            line += size + 1;
        }
        if (send(fd, done, sizeof done - 1, MSG_NOSIGNAL) < 0)
            return;
        held -= before + length;
        memmove(request, request + before + length, held);
    }
}

static void serve(int fd)
{
    char *at = fd == publisher ? request + held : request;
    ssize_t n = recv(fd, at, ROOM - (fd == publisher ? held : 0), 0);
    if (n <= 0) {
        leave(fd);
        return;
    }
    if (fd != publisher && !memcmp(at, "GET", 3)) {
        if (reader_count < MOST && send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0)
            readers[reader_count++] = fd;
        return;
    }
    if (fd != publisher) {
        publisher = fd;
        held = 0;
    }
    held += (size_t)n;
    publish(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    own.sin_port = htons((unsigned short)atoi(argc > 1 ? argv[1] : "0"));
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, queue = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, 4096)) {
        perror("floor");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[256];
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int n = epoll_wait(queue, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.fd != listener) {
                serve(ready[i].data.fd);
                continue;
            }
            event.data.fd = accept(listener, NULL, NULL);
            if (event.data.fd < 0)
                continue;
            setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            epoll_ctl(queue, EPOLL_CTL_ADD, event.data.fd, &event);
        }
    }
}
