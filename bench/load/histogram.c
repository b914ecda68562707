/* Times in buckets: 64 for each doubling. */
#include "load.h"

#include <stdio.h>

void note_time(struct histogram *h, uint64_t ns)
{
    if (ns < 64)
        ns = 64;
    int doublings = 63 - __builtin_clzll(ns);
    h->count[doublings * 64 + (ns >> (doublings - 6) & 63)]++;
}

/* As [bucket, count] pairs: most are empty. */
void print_histogram(const char *name, const struct histogram *h)
{
    const char *comma = "";
    printf(",\"%s\":[", name);
    for (int bucket = 0; bucket < BUCKETS; bucket++)
        if (h->count[bucket]) {
            printf("%s[%d,%llu]", comma, bucket, (unsigned long long)h->count[bucket]);
            comma = ",";
        }
    printf("]");
}
