/* The load generator: thousands of readers and the calls that feed them, on one thread with epoll.
 *
 * A message carries a mark, ~NNNNNNNN.DDDDDDDDDDDDDDDDDDDD~: its number, and the time at which it
 * was due (CLOCK_MONOTONIC, ns). Readers find marks in whatever they are sent, so one program reads
 * event streams and XMPP alike. Latency counts from the time due, not from the time sent.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MARK_LENGTH = 31, BUCKETS = 4096, MAX_STEPS = 8, RUN_MESSAGES = 1 << 16, MOST_MARKS = 16 };

enum kind { STREAM, POSTER, COMMANDS };

/* Times up to the longest, kept within 1.6 %. */
struct histogram {
    uint64_t count[BUCKETS];
};

/* Somebody who reads. Opening is a talk of steps: say this, wait for that. */
struct stream {
    enum kind kind; /* first: it tells what epoll's pointer points at */
    int fd, port, group, step, steps;
    bool dead;  /* opens, and never reads */
    bool polls; /* asks again after each answer, from where that ended */
    bool open, chunked;
    bool gone; /* was open, and ended without our asking: it stays missed in every later run */
    const char *say[MAX_STEPS], *await[MAX_STEPS];
    uint64_t opened_at;
    char *tail; /* what was read of a line that is not whole yet */
    size_t tail_length, chunk_left, chunk_size;
    int64_t position, named; /* in the mailbox: up to here, and of the frame that is being read */
    int64_t order;           /* the last number after the order key */
    uint32_t received, own, last;
    uint64_t sequence; /* a hash of the numbers received, in their order */
    uint8_t *seen;     /* a bit for each message of the run */
};

/* Somebody who posts, over a connection of the pool or, in XMPP, over a stream of theirs. */
struct sender {
    int group, own, via;
    char *request;
    size_t length, copy; /* where the first mark's numbers stand once more, alone, or 0 */
    size_t mark[MOST_MARKS];
    int marks; /* how many messages a request brings */
};

/* What a run counts. */
struct tally {
    uint64_t posted, accepted, refused, frames, expected, lost, doubled, reordered, gaps, strays;
    uint64_t closed, began_at, last_frame_at, last_due;
    struct histogram frame_times, answer_times;
};

extern struct stream *streams;
extern struct sender *senders;
extern int stream_count, sender_count, reading_count, group_count, epoll;
extern struct tally tally;
extern uint32_t first_number; /* of the run: messages count on from run to run */
extern uint32_t *accepted_of; /* by group */
extern char delimiter;
extern const char *order_key;

/* main.c */
uint64_t now_ns(void);
void give_up(const char *what);
char *unescaped(char *text);
void serve_events(uint64_t until);

/* histogram.c */
void note_time(struct histogram *h, uint64_t ns);
void print_histogram(const char *name, const struct histogram *h);

/* definitions.c */
void read_file(const char *path);
void write_marks(struct sender *s, uint32_t first, uint64_t due);

/* opening.c */
void open_streams(int first, int count, int at_once);
void close_streams(void);
void next_step(struct stream *s);
void shake_hands(struct stream *s, char *data, size_t length);
void given_up(void);

/* streams.c */
void start(struct stream *s);
void end(struct stream *s);
void stream_ready(struct stream *s);
void say(struct stream *s, const char *text, size_t length);

/* reading.c */
void take(struct stream *s, char *data, size_t length, size_t kept);

/* chunks.c */
size_t dechunk(struct stream *s, char *data, size_t length);

/* reckoning.c */
void accepted(int sender);
void forget(void);
void reckon(void);
int disagreeing(void);

/* answers.c */
size_t answer_length(char *data);

/* posting.c */
void open_pool(int port, int count, int depth);
void post(int sender, uint32_t number, uint64_t due);
void poster_ready(void *poster);
size_t waiting_posts(void);

/* polling.c */
void poll_ready(struct stream *s, char *data, size_t length);

/* runs.c */
void run_closed(int window, double seconds);
void run_paced(double rate, double seconds, double settle);
void run_await(uint64_t frames, double seconds);
void print_tally(void);

#endif
