/* Who reads and who posts, read from a file.
 *
 * A line of it, its fields separated by tabs, \r and \n escaped:
 *   stream PORT GROUP FLAGS SAY AWAIT [SAY AWAIT ...]   flags: - none, d dead, p polls
 *   sender GROUP OWN VIA REQUEST    OWN: the stream that is not told of it, or -1; VIA: the stream
 *                                   that it goes out by, or -1 for the pool
 */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream *streams;
struct sender *senders;
int stream_count, sender_count, group_count;

static char *field(char **rest)
{
    char *text = strsep(rest, "\t");
    return text ? unescaped(text) : NULL;
}

static void add_stream(char *rest)
{
    streams = realloc(streams, (size_t)(stream_count + 1) * sizeof *streams);
    struct stream *s = &streams[stream_count++];
    memset(s, 0, sizeof *s);
    s->fd = -1;
    s->port = atoi(field(&rest));
    s->group = atoi(field(&rest));
    char *flags = field(&rest);
    s->dead = strchr(flags, 'd');
    s->polls = strchr(flags, 'p');
    while (rest && s->steps < MAX_STEPS) {
        s->say[s->steps] = field(&rest);
        s->await[s->steps++] = rest ? field(&rest) : "";
    }
    group_count = s->group >= group_count ? s->group + 1 : group_count;
}

static void add_sender(char *rest)
{
    senders = realloc(senders, (size_t)(sender_count + 1) * sizeof *senders);
    struct sender *p = &senders[sender_count++];
    p->group = atoi(field(&rest));
    p->own = atoi(field(&rest));
    p->via = atoi(field(&rest));
    p->request = field(&rest);
    p->length = strlen(p->request);
    p->marks = 0;
    for (char *at = p->request; (at = strchr(at, '~')) && p->marks < MOST_MARKS; at += MARK_LENGTH)
        p->mark[p->marks++] = (size_t)(at - p->request);
    char *copy = strstr(p->request, "00000000.0000000000");
    p->copy = copy && copy < p->request + p->mark[0] ? (size_t)(copy - p->request) : 0;
    group_count = p->group >= group_count ? p->group + 1 : group_count;
}

/* Its text is never freed: streams and senders point into it. */
void read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        give_up(path);
    char *line = NULL;
    for (size_t size = 0; getline(&line, &size, file) > 0; line = NULL, size = 0) {
        line[strcspn(line, "\n")] = 0;
        char *rest = line, *what = strsep(&rest, "\t");
        if (!strcmp(what, "stream"))
            add_stream(rest);
        else
            add_sender(rest);
    }
    fclose(file);
    accepted_of = realloc(accepted_of, (size_t)(group_count + 1) * sizeof *accepted_of);
}

/* Write numbers and time over the marks of the request: `number` and those after it. */
void write_marks(struct sender *s, uint32_t first, uint64_t due)
{
    char mark[MARK_LENGTH + 1];
    for (int i = s->marks - 1; i >= 0; i--) {
        uint32_t number = first + (uint32_t)i;
        snprintf(mark, sizeof mark, "~%08u.%020llu~", number, (unsigned long long)due);
        memcpy(s->request + s->mark[i], mark, MARK_LENGTH);
    }
    if (s->copy)
        memcpy(s->request + s->copy, mark + 1, MARK_LENGTH - 2);
}
