/* Answers to calls. */
#define _GNU_SOURCE
#include "load.h"

#include <stdlib.h>
#include <string.h>

/* The length of the answer that `data` begins with, or 0 while it is not whole. */
size_t answer_length(char *data)
{
    char *body = strstr(data, "\r\n\r\n"), *length = strcasestr(data, "content-length:");
    if (!body)
        return 0;
    body += 4;
    if (length && length < body)
        return (size_t)(body - data) + strtoul(length + 15, NULL, 10);
    char *last = strcasestr(data, "chunked") ? strstr(body, "0\r\n\r\n") : body - 5;
    return last ? (size_t)(last + 5 - data) : 0;
}
