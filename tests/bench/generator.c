/* Load for tests/bench: many WebSocket clients in one epoll loop, called through ctypes by load.py.
 *
 * Three dialects. RAW servers give every binary message of 64 bytes or more to everyone in the room, its sender
 * included. KINDRED servers speak docs/protocol.md: a sender gets `accepted`, the others get `entries`.
 * STREAM servers do as RAW ones without WebSocket's frames (XMPP over TCP): stamps are looked for in what comes.
 * Each message carries a stamp: ":RFAN:" room(4 hex) member(4 hex) number(8 hex) time in ns(16 hex).
 * A message is complete when everyone has it (KINDRED: and its sender the answer); `window` of them are under way in
 * each room, or they start at a fixed rate. Everything is checked: twice, lost, out of order, refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RAW = 0, KINDRED = 1, STREAM = 2 };
enum { RING = 65536, STAMP = 38, MAX_OWN = 256, MAX_LATENCIES = 16 << 20 };

typedef struct {
    int fd, room, member;
    uint8_t *in;
    int in_len, in_cap;
    uint8_t *out;
    int out_len, out_cap;
    uint64_t last;          /* seq up to which everything has come */
    uint64_t own[MAX_OWN];  /* accepted ahead of what comes before them */
    int own_len;
    uint32_t unacknowledged;
} Client;

typedef struct {
    double seconds;
    uint64_t deliveries, sent, completed, errors, twice, lost, disordered, frames;
    double p50, p90, p99, p999, max, mean, generator_cpu;
} Result;

typedef struct {
    int dialect, clients, rooms, members, senders, window;
    double rate; /* messages a second and room; 0: by window */
    int acknowledge; /* a cursor (RAW: 12 bytes) after so many deliveries; 0: never */
    double warm, measure, drain;
    const int *fds, *room_of, *member_of;
    uint8_t **messages; /* each client's, as a WebSocket frame */
    const int *message_len, *stamp_at, *id_at;
    uint8_t **cursors; /* each client's, as a WebSocket frame with eight bytes of seq at cursor_at */
    const int *cursor_len, *cursor_at;
    const uint64_t *heads;
} Plan;

static int epoll_fd;
static Client *clients;
static const Plan *plan;
static Result *result;
static int measuring;
static uint16_t *receipts;
static int *in_flight;
static uint32_t *next_number;
static float *latencies;
static size_t latency_count;
static double latency_sum;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double own_cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t from_hex(const uint8_t *p, int n) {
    uint64_t value = 0;
    for (int i = 0; i < n; i++) value = value << 4 | (uint64_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return value;
}

static void to_hex(uint8_t *p, int n, uint64_t value) {
    for (int i = n - 1; i >= 0; i--, value >>= 4) p[i] = (uint8_t) "0123456789abcdef"[value & 15];
}

static uint64_t big_endian(const uint8_t *p, int n) {
    uint64_t value = 0;
    while (n--) value = value << 8 | *p++;
    return value;
}

static void watch(Client *c, uint32_t events) {
    struct epoll_event e = {events, {.u32 = (uint32_t)(c - clients)}};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
}

static void flush(Client *c) {
    while (c->out_len) {
        ssize_t k = send(c->fd, c->out, (size_t)c->out_len, MSG_NOSIGNAL);
        if (k <= 0) {
            watch(c, EPOLLIN | EPOLLOUT);
            return;
        }
        c->out_len -= (int)k;
        memmove(c->out, c->out + k, (size_t)c->out_len);
    }
    watch(c, EPOLLIN);
}

static void write_to(Client *c, const uint8_t *data, int n) {
    if (!c->out_len) {
        ssize_t k = send(c->fd, data, (size_t)n, MSG_NOSIGNAL);
        if (k == n) return;
        if (k < 0) {
            if (errno != EAGAIN) return;
            k = 0;
        }
        data += k;
        n -= (int)k;
    }
    if (c->out_len + n > c->out_cap) {
        c->out_cap = (c->out_len + n) * 2;
        c->out = realloc(c->out, (size_t)c->out_cap);
    }
    memcpy(c->out + c->out_len, data, (size_t)n);
    c->out_len += n;
    flush(c);
}

/* One more of those who must have it does. */
static void receipt(int room, uint32_t number) {
    if (next_number[room] - number > RING) {
        result->errors++;
        return;
    }
    uint16_t *count = &receipts[(size_t)room * RING + (number & (RING - 1))];
    if (*count >= plan->members) {
        result->twice++;
        return;
    }
    if (++*count == plan->members) {
        in_flight[room]--;
        if (measuring) result->completed++;
    }
}

static void acknowledge(Client *c) {
    if (!plan->acknowledge || ++c->unacknowledged < (uint32_t)plan->acknowledge) return;
    c->unacknowledged = 0;
    int i = (int)(c - clients);
    if (plan->dialect == KINDRED)
        for (int b = 0; b < 8; b++) plan->cursors[i][plan->cursor_at[i] + b] = (uint8_t)(c->last >> (56 - 8 * b));
    write_to(c, plan->cursors[i], plan->cursor_len[i]);
}

static void delivered(Client *c, const uint8_t *stamp, uint64_t at) {
    int room = (int)from_hex(stamp + 6, 4), member = (int)from_hex(stamp + 10, 4);
    uint32_t number = (uint32_t)from_hex(stamp + 14, 8);
    uint64_t sent_at = from_hex(stamp + 22, 16);
    if (room != c->room || (plan->dialect == KINDRED && member == c->member)) {
        result->errors++;
        return;
    }
    if (measuring) {
        result->deliveries++;
        if (member != c->member && latency_count < MAX_LATENCIES) {
            float latency = at > sent_at ? (float)(at - sent_at) / 1e6f : 0;
            latencies[latency_count++] = latency;
            latency_sum += latency;
        }
    }
    receipt(room, number);
    acknowledge(c);
}

/* The next seq of the room has come to this client, as an entry or by its own `accepted`. */
static void took(Client *c, uint64_t seq, int own) {
    if (seq != c->last + 1) {
        if (!own || seq <= c->last || c->own_len == MAX_OWN) result->disordered++;
        else c->own[c->own_len++] = seq;
        return;
    }
    c->last = seq;
    for (int i = 0; i < c->own_len; i++)
        if (c->own[i] == c->last + 1) {
            c->last++;
            c->own[i] = c->own[--c->own_len];
            i = -1;
        }
}

static const uint8_t *read_uint(const uint8_t *p, uint64_t *value) {
    if (*p < 0x80) {
        *value = *p;
        return p + 1;
    }
    int n = 1 << (*p - 0xcc);
    *value = big_endian(p + 1, n);
    return p + 1 + n;
}

static const uint8_t *read_bin(const uint8_t *p, const uint8_t **data, uint64_t *size) {
    if (*p == 0xc0) {
        *size = 0;
        return p + 1;
    }
    int n = 1 << (*p - 0xc4);
    *size = big_endian(p + 1, n);
    *data = p + 1 + n;
    return *data + *size;
}

/* {"t": "entries", "room": bin16, "items": [[seq, time, kind, epoch, id, payload, tag, frank, key], ...]} */
static void read_entries(Client *c, const uint8_t *p, uint64_t at) {
    p += 1 + 2 + 8 + 5 + 18 + 6;
    uint64_t count = *p & 15;
    if (*p == 0xdc) {
        count = big_endian(p + 1, 2);
        p += 2;
    }
    p++;
    while (count--) {
        uint64_t seq, ignored, size = 0;
        const uint8_t *data = 0, *other;
        p = read_uint(p + 1, &seq);
        p = read_uint(p, &ignored);
        p = read_uint(p, &ignored);
        p = read_uint(p, &ignored);
        p = read_bin(p, &other, &ignored);
        p = read_bin(p, &data, &size);
        p = read_bin(p, &other, &ignored);
        p = read_bin(p, &other, &ignored);
        p = read_uint(p, &ignored);
        took(c, seq, 0);
        const uint8_t *stamp = memmem(data, size, ":RFAN:", 6);
        if (stamp) delivered(c, stamp, at);
    }
}

static void read_message(Client *c, const uint8_t *p, uint64_t size, uint64_t at) {
    if (measuring) result->frames++;
    if (plan->dialect == RAW) {
        const uint8_t *stamp = memmem(p, size, ":RFAN:", 6);
        if (stamp) delivered(c, stamp, at);
    } else if (size > 40 && !memcmp(p + 3, "\xa7" "entries", 8)) {
        read_entries(c, p, at);
    } else if (size > 40 && !memcmp(p + 3, "\xa8" "accepted", 9)) {
        const uint8_t *id = p + 1 + 2 + 9 + 3 + 2;
        uint64_t seq;
        read_uint(id + 16 + 5 + 18 + 4, &seq);
        took(c, seq, 1);
        receipt(c->room, (uint32_t)big_endian(id + 4, 4));
    } else if (size > 10 && (!memcmp(p + 3, "\xa5" "error", 6) || !memcmp(p + 3, "\xa3" "bye", 4))) {
        result->errors++;
    }
}

static void receive(Client *c) {
    static uint8_t buffer[4 << 20];
    if (c->in_len) memcpy(buffer, c->in, (size_t)c->in_len);
    ssize_t got = recv(c->fd, buffer + c->in_len, sizeof buffer - (size_t)c->in_len, 0);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        result->errors++;
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, 0);
        return;
    }
    uint8_t *p = buffer, *end = buffer + c->in_len + got;
    uint64_t at = now();
    while (plan->dialect == STREAM) {
        uint8_t *stamp = memmem(p, (size_t)(end - p), ":RFAN:", 6);
        if (!stamp) {
            if (end - p > 5) p = end - 5; /* the beginning of one may be here */
            break;
        }
        if (end - stamp < STAMP) {
            p = stamp;
            break;
        }
        if (measuring) result->frames++;
        delivered(c, stamp, at);
        p = stamp + STAMP;
    }
    while (plan->dialect != STREAM && end - p >= 2) {
        uint64_t size = p[1] & 127;
        int head = size == 126 ? 4 : size == 127 ? 10 : 2;
        if (end - p < head) break;
        if (head > 2) size = big_endian(p + 2, head - 2);
        if ((uint64_t)(end - p) < (uint64_t)head + size) break;
        int opcode = p[0] & 15;
        if (opcode == 8) result->errors++;
        if (opcode == 9) {
            uint8_t pong[6 + 125] = {0x8a, (uint8_t)(0x80 | size), 0, 0, 0, 0};
            memcpy(pong + 6, p + head, size);
            write_to(c, pong, 6 + (int)size);
        }
        if (opcode <= 2) read_message(c, p + head, size, at);
        p += head + size;
    }
    int rest = (int)(end - p);
    if (rest > c->in_cap) {
        c->in_cap = rest * 2;
        c->in = realloc(c->in, (size_t)c->in_cap);
    }
    memcpy(c->in, p, (size_t)rest);
    c->in_len = rest;
}

static void start_message(int room, int client, uint64_t stamped) {
    uint32_t number = next_number[room]++;
    uint8_t *frame = plan->messages[client], *stamp = frame + plan->stamp_at[client];
    memcpy(stamp, ":RFAN:", 6);
    to_hex(stamp + 6, 4, (uint64_t)room);
    to_hex(stamp + 10, 4, (uint64_t)clients[client].member);
    to_hex(stamp + 14, 8, number);
    to_hex(stamp + 22, 16, stamped);
    if (plan->dialect == KINDRED)
        for (int b = 0; b < 4; b++) frame[plan->id_at[client] + 4 + b] = (uint8_t)(number >> (24 - 8 * b));
    receipts[(size_t)room * RING + (number & (RING - 1))] = 0;
    in_flight[room]++;
    if (measuring) result->sent++;
    write_to(&clients[client], frame, plan->message_len[client]);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void summarize(void) {
    size_t n = latency_count;
    if (!n) return;
    qsort(latencies, n, sizeof(float), ascending);
    result->p50 = latencies[n / 2];
    result->p90 = latencies[(size_t)((double)n * .9)];
    result->p99 = latencies[(size_t)((double)n * .99)];
    result->p999 = latencies[(size_t)((double)n * .999)];
    result->max = latencies[n - 1];
    result->mean = latency_sum / (double)n;
}

/* `phase` is called with 1 when measuring begins and with 2 when it ends. */
int run(const Plan *given, Result *out, void (*phase)(int)) {
    plan = given;
    result = out;
    memset(result, 0, sizeof *result);
    measuring = 0;
    latency_count = 0;
    latency_sum = 0;
    epoll_fd = epoll_create1(0);
    clients = calloc((size_t)plan->clients, sizeof(Client));
    receipts = calloc((size_t)plan->rooms * RING, 2);
    in_flight = calloc((size_t)plan->rooms, sizeof(int));
    next_number = calloc((size_t)plan->rooms, 4);
    latencies = malloc(MAX_LATENCIES * sizeof(float));
    uint64_t *due = calloc((size_t)plan->rooms, 8);
    int *seats = calloc((size_t)plan->rooms * (size_t)plan->members, sizeof(int));
    for (int i = 0; i < plan->clients; i++) {
        clients[i] = (Client){.fd = plan->fds[i], .room = plan->room_of[i], .member = plan->member_of[i],
                              .in = malloc(65536), .in_cap = 65536, .last = plan->heads[i]};
        seats[plan->room_of[i] * plan->members + plan->member_of[i]] = i;
        struct epoll_event e = {EPOLLIN, {.u32 = (uint32_t)i}};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, plan->fds[i], &e);
    }
    uint64_t begin = now() + (uint64_t)(plan->warm * 1e9), end = 0, give_up = 0;
    uint64_t period = plan->rate > 0 ? (uint64_t)(1e9 / plan->rate) : 0;
    for (int r = 0; r < plan->rooms; r++) due[r] = now() + (period ? period * (uint64_t)r / (uint64_t)plan->rooms : 0);
    double cpu = 0;
    int stage = 0;
    struct epoll_event events[256];
    for (;;) {
        uint64_t t = now();
        if (stage == 0 && t >= begin) {
            stage = 1;
            measuring = 1;
            phase(1);
            cpu = own_cpu();
            begin = now();
            end = begin + (uint64_t)(plan->measure * 1e9);
        } else if (stage == 1 && t >= end) {
            stage = 2;
            measuring = 0;
            result->seconds = (double)(now() - begin) / 1e9;
            result->generator_cpu = own_cpu() - cpu;
            phase(2);
            give_up = now() + (uint64_t)(plan->drain * 1e9);
        } else if (stage == 2) {
            uint64_t left = 0;
            for (int r = 0; r < plan->rooms; r++) left += (uint64_t)in_flight[r];
            if (!left || t >= give_up) {
                result->lost = left;
                break;
            }
        }
        uint64_t next = stage == 0 ? begin : stage == 1 ? end : give_up;
        for (int r = 0; stage < 2 && r < plan->rooms; r++)
            for (;;) {
                if (period ? due[r] > t || in_flight[r] >= RING - 2 : in_flight[r] >= plan->window) break;
                int seat = seats[r * plan->members + (int)(next_number[r] % (uint32_t)plan->senders)];
                start_message(r, seat, period ? due[r] : now());
                due[r] += period;
            }
        for (int r = 0; period && r < plan->rooms; r++)
            if (due[r] < next) next = due[r];
        t = now();
        uint64_t wait = next > t ? next - t : 0;
        struct timespec pause = {0, (long)(wait > 50000000 ? 50000000 : wait)};
        int n = epoll_pwait2(epoll_fd, events, 256, &pause, 0);
        for (int i = 0; i < n; i++) {
            Client *c = &clients[events[i].data.u32];
            if (events[i].events & EPOLLOUT) flush(c);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
        }
    }
    summarize();
    for (int i = 0; i < plan->clients; i++) {
        free(clients[i].in);
        free(clients[i].out);
    }
    free(clients);
    free(receipts);
    free(in_flight);
    free(next_number);
    free(latencies);
    free(due);
    free(seats);
    close(epoll_fd);
    return 0;
}
