/* The physical limit of one send() for each frame: a WebSocket broadcast in one C epoll loop, which stores nothing.
 * `limit PORT`. Clients ask for /ws/{room}; load.py, its only client, does not check the handshake's answer. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 20000, ROOMS = 256, MEMBERS = 4096, MESSAGE = 64 };

typedef struct {
    int fd, open, room, in_len, out_len, out_cap;
    uint8_t *in, *out;
} Client;

static Client clients[CLIENTS];
static int members[ROOMS][MEMBERS], member_count[ROOMS], epoll_fd;

static void watch(Client *c, uint32_t events) {
    struct epoll_event e = {events, {.fd = c->fd}};
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
        c->out_cap = 2 * (c->out_len + n);
        c->out = realloc(c->out, (size_t)c->out_cap);
    }
    memcpy(c->out + c->out_len, data, (size_t)n);
    c->out_len += n;
    flush(c);
}

static void drop(Client *c) {
    for (int i = 0; c->open && i < member_count[c->room]; i++)
        if (members[c->room][i] == c->fd) {
            members[c->room][i] = members[c->room][--member_count[c->room]];
            break;
        }
    close(c->fd);
    free(c->in);
    free(c->out);
    memset(c, 0, sizeof *c);
}

static void shake_hands(Client *c) {
    c->in[c->in_len] = 0;
    char *head = (char *)c->in, *path = strstr(head, "/ws/");
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: -\r\n\r\n";
    if (!strstr(head, "\r\n\r\n")) return;
    if (!path) {
        drop(c);
        return;
    }
    c->room = atoi(path + 4) % ROOMS;
    c->open = 1;
    members[c->room][member_count[c->room]++] = c->fd;
    c->in_len = 0;
    write_to(c, (const uint8_t *)answer, (int)sizeof answer - 1);
}

static void broadcast(Client *c, const uint8_t *data, const uint8_t *mask, int size) {
    static uint8_t frame[65536 + 4];
    int head = size < 126 ? 2 : 4;
    frame[0] = 0x82;
    frame[1] = (uint8_t)(size < 126 ? size : 126);
    if (head == 4) {
        frame[2] = (uint8_t)(size >> 8);
        frame[3] = (uint8_t)size;
    }
    for (int i = 0; i < size; i++) frame[head + i] = data[i] ^ mask[i & 3];
    for (int i = 0; i < member_count[c->room]; i++) write_to(&clients[members[c->room][i]], frame, head + size);
}

static void receive(Client *c) {
    ssize_t got = recv(c->fd, c->in + c->in_len, (size_t)(65535 - c->in_len), 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) drop(c);
        return;
    }
    c->in_len += (int)got;
    if (!c->open) {
        shake_hands(c);
        return;
    }
    uint8_t *p = c->in, *end = c->in + c->in_len;
    while (end - p >= 6) {
        int size = p[1] & 127, head = 2;
        if (size == 126) {
            if (end - p < 8) break;
            size = p[2] << 8 | p[3];
            head = 4;
        }
        if (end - p < head + 4 + size) break;
        if ((p[0] & 15) == 2 && size >= MESSAGE) broadcast(c, p + head + 4, p + head, size);
        p += head + 4 + size;
    }
    c->in_len = (int)(end - p);
    memmove(c->in, p, (size_t)c->in_len);
}

static void take_connections(int listener) {
    int one = 1, fd;
    while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        clients[fd] = (Client){.fd = fd, .in = malloc(65536)};
        struct epoll_event e = {EPOLLIN, {.fd = fd}};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    at.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 1024)) return 1;
    epoll_fd = epoll_create1(0);
    struct epoll_event e = {EPOLLIN, {.fd = listener}}, events[256];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(epoll_fd, events, 256, -1);
        for (int i = 0; i < n; i++) {
            Client *c = &clients[events[i].data.fd];
            if (events[i].data.fd == listener) {
                take_connections(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT) flush(c);
            if (events[i].events & ~(uint32_t)EPOLLOUT) receive(c);
        }
    }
}
