/* The chunk framing of HTTP/1.1. */
#include "load.h"

#include <string.h>

/* Take the chunk framing of HTTP/1.1 out of `data`, in place; the length that is left. */
size_t dechunk(struct stream *s, char *data, size_t length)
{
    char *to = data, *from = data, *end = data + length;
    while (from < end) {
        if (s->chunk_left > 2) { /* what is left includes the line end behind it */
            size_t n = s->chunk_left - 2;
            n = n < (size_t)(end - from) ? n : (size_t)(end - from);
            memmove(to, from, n);
            to += n;
            from += n;
            s->chunk_left -= n;
        } else if (s->chunk_left) {
            from++;
            s->chunk_left--;
        } else {
            char c = *from++;
            if (c == '\n') {
                s->chunk_left = s->chunk_size + 2;
                s->chunk_size = 0;
            } else if (c != '\r') {
                s->chunk_size = s->chunk_size * 16 + (size_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
            }
        }
    }
    return (size_t)(to - data);
}
