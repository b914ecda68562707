/* Long polls: each answer says where the next question begins. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct token {
    const char *key; /* in the answer, in front of what is copied */
    char end;        /* behind it */
};

/* Placeholders of the request, and what takes their place. */
static const struct token tokens[] = {{"\"cursor\":\"", '"'},
                                      {"\"next_batch\":\"", '"'},
                                      {"Last-Modified: ", '\r'},
                                      {"Etag: ", '\r'}};
static const char *const places[] = {"{cursor}", "{next_batch}", "{modified}", "{etag}"};
enum { TOKENS = 4, ASKING = 8192 };

static char asking[ASKING];

/* The request with what `answer` says in its places. */
static size_t fill(const char *request, const char *answer)
{
    size_t length = 0;
    while (*request && length < ASKING - 256) {
        int which = 0;
        while (which < TOKENS && strncmp(request, places[which], strlen(places[which])))
            which++;
        if (which == TOKENS) {
            asking[length++] = *request++;
            continue;
        }
        request += strlen(places[which]);
        const char *from = strstr(answer, tokens[which].key);
        if (!from)
            continue;
        for (from += strlen(tokens[which].key); *from && *from != tokens[which].end; from++)
            asking[length++] = *from;
    }
    asking[length] = 0;
    return length;
}

/* `data` is all of the answer that has come; ask again once it is whole. */
void poll_ready(struct stream *s, char *data, size_t length)
{
    data[length] = 0;
    size_t whole = answer_length(data);
    if (!whole || whole > length) {
        s->tail = realloc(s->tail, length);
        memcpy(s->tail, data, length);
        s->tail_length = length;
        return;
    }
    size_t asked = fill(s->say[s->steps - 1], data);
    data[length - 1] = delimiter; /* of the JSON's last brace nothing is counted */
    take(s, data, length, 0);
    s->tail_length = 0;
    say(s, asking, asked);
}
