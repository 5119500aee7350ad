// A load generator: it connects, sends its lines, waits for the expected bytes, and closes or holds the connection. One thread, epoll, no
// allocation per connection, so that it costs less than any server it measures. Built by bench/load/load.mjs.
//
//   load PORT [--tls] [--in-flight N] [--hold N] [--seconds S] --send HEX --until HEX [--send HEX --until HEX ...]
//
// An exchange is a list of turns: bytes to send (may be empty), then bytes that must arrive before the next turn. First it opens and
// keeps --hold connections, and prints {"held":N}. Then, with --seconds, it waits for a line on stdin, runs with --in-flight
// concurrent exchanges, closing each connection after its last turn, and prints the measurements. It exits when stdin ends.
//
// The bytes ######## in what is sent become the number of the exchange, so that each can have another name.
//
// Times are from connect() until the last expected byte was read, in microseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
static SSL_CTX *tls;
#endif

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { most_turns = 8, most_bytes = 4096, most_wait = 64, longest_ms = 10000, number_length = 8 };

struct turn {
  uint8_t send[most_bytes], until[most_wait];
  int send_length, until_length;
  uint8_t *number; // in send; NULL without one
};

struct exchange {
  int fd, turn, sent, seen;
  int state; // 0 free, 1 connecting, 2 in progress, 3 held
  int holds;
  uint64_t began;
  unsigned number;
  uint8_t tail[most_wait]; // the last bytes read in this turn, to match across two reads
#ifdef WITH_TLS
  SSL *ssl;
  int shaken;
#endif
};

static struct turn turns[most_turns];
static int turn_count, port, in_flight = 64, hold, use_tls;
static double seconds;
static int loop_fd;
static struct exchange *all;
static int *free_list, free_count;
static uint32_t *latencies;
static size_t done, room;
static long not_connected, closed_early, too_late;
static int held;
static uint32_t source;
static unsigned begun_exchanges;
static int spins;

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int from_hex(const char *text, uint8_t *bytes, int most) {
  int length = (int)strlen(text) / 2;
  if (length > most) {
    fprintf(stderr, "load: %d bytes are too many, %d are allowed\n", length, most);
    exit(2);
  }
  for (int at = 0; at < length; at += 1) {
    unsigned byte;
    if (sscanf(text + 2 * at, "%2x", &byte) != 1) {
      fprintf(stderr, "load: %s is not hexadecimal\n", text);
      exit(2);
    }
    bytes[at] = (uint8_t)byte;
  }
  return length;
}

static void begin(int holds) {
  int index = free_list[--free_count];
  struct exchange *one = &all[index];
  memset(one, 0, sizeof *one);
  one->holds = holds;
  one->number = begun_exchanges++;
  one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (one->fd < 0) fail("socket");
  int yes = 1;
  setsockopt(one->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if (use_tls) setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  // Many loopback addresses, so that ports in TIME_WAIT never run out.
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(0x7f000002u + source++ % 64u);
  if (bind(one->fd, (struct sockaddr *)&from, sizeof from) != 0) fail("bind");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  one->began = now_us();
  one->state = 1;
  if (connect(one->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) fail("connect");
#ifdef WITH_TLS
  if (use_tls) {
    one->ssl = SSL_new(tls);
    SSL_set_fd(one->ssl, one->fd);
    SSL_set_connect_state(one->ssl);
  }
#endif
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = (uint32_t)index};
  if (epoll_ctl(loop_fd, EPOLL_CTL_ADD, one->fd, &event) != 0) fail("epoll_ctl");
}

static void end(struct exchange *one) {
#ifdef WITH_TLS
  if (one->ssl) {
    SSL_shutdown(one->ssl);
    SSL_free(one->ssl);
  }
#endif
  close(one->fd);
  one->state = 0;
  free_list[free_count++] = (int)(one - all);
}

// Bytes read or written, 0 at the end, -1 for "later", -2 for an error.
static int transfer(struct exchange *one, int writes, uint8_t *bytes, int length) {
#ifdef WITH_TLS
  if (one->ssl) {
    int moved = writes ? SSL_write(one->ssl, bytes, length) : SSL_read(one->ssl, bytes, length);
    if (moved > 0) return moved;
    int why = SSL_get_error(one->ssl, moved);
    ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return -1;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : -2;
  }
#endif
  ssize_t moved = writes ? send(one->fd, bytes, (size_t)length, MSG_NOSIGNAL) : recv(one->fd, bytes, (size_t)length, 0);
  if (moved >= 0) return (int)moved;
  return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : -2;
}

// Whether the expected bytes have arrived, given the bytes of this turn that were read before.
static int has_come(struct exchange *one, const uint8_t *bytes, int length) {
  const struct turn *turn = &turns[one->turn];
  static uint8_t both[most_wait + 65536];
  memcpy(both, one->tail, (size_t)one->seen);
  memcpy(both + one->seen, bytes, (size_t)length);
  int sum = one->seen + length;
  if (memmem(both, (size_t)sum, turn->until, (size_t)turn->until_length)) return 1;
  one->seen = sum < turn->until_length - 1 ? sum : turn->until_length - 1;
  if (one->seen < 0) one->seen = 0;
  memcpy(one->tail, both + sum - one->seen, (size_t)one->seen);
  return 0;
}

static void finish(struct exchange *one) {
  if (one->holds) {
    one->state = 3;
    held += 1;
    return;
  }
  if (done == room) {
    room = room ? room * 2 : 1 << 20;
    latencies = realloc(latencies, room * sizeof *latencies);
    if (!latencies) fail("memory");
  }
  latencies[done++] = (uint32_t)(now_us() - one->began);
  end(one);
}

static void lost(struct exchange *one, long *count) {
  *count += 1;
  if (one->holds) {
    fprintf(stderr, "load: opening a connection to hold failed\n");
    exit(1);
  }
  end(one);
}

static void go_on(struct exchange *one) {
  static uint8_t bytes[65536];
  if (one->state == 1) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
      lost(one, &not_connected);
      return;
    }
    one->state = 2;
  }
#ifdef WITH_TLS
  if (one->ssl && !one->shaken) {
    int result = SSL_do_handshake(one->ssl);
    if (result != 1) {
      int why = SSL_get_error(one->ssl, result);
      ERR_clear_error();
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) lost(one, &not_connected);
      return;
    }
    one->shaken = 1;
  }
#endif
  while (one->state == 2) {
    struct turn *turn = &turns[one->turn];
    if (one->sent < turn->send_length) {
      if (turn->number) {
        char digits[number_length + 1];
        snprintf(digits, sizeof digits, "%08u", one->number % 100000000u);
        memcpy(turn->number, digits, number_length);
      }
      int moved = transfer(one, 1, turn->send + one->sent, turn->send_length - one->sent);
      if (moved == -1) return;
      if (moved < 0) {
        lost(one, &closed_early);
        return;
      }
      one->sent += moved;
      continue;
    }
    int moved = transfer(one, 0, bytes, sizeof bytes);
    if (moved == -1) return;
    if (moved <= 0) {
      lost(one, &closed_early);
      return;
    }
    if (!has_come(one, bytes, moved)) continue;
    one->turn += 1;
    one->sent = one->seen = 0;
    if (one->turn == turn_count) {
      finish(one);
      return;
    }
  }
}

static void turn_of_loop(void) {
  struct epoll_event events[256];
  int count = epoll_wait(loop_fd, events, 256, spins ? 0 : 100);
  for (int at = 0; at < count; at += 1) {
    struct exchange *one = &all[events[at].data.u32];
    if (one->state == 3) {
      // Data for a held connection is read and dropped, so that the server does not have to buffer it.
      static uint8_t bytes[65536];
      int moved;
      while ((moved = transfer(one, 0, bytes, sizeof bytes)) > 0);
      if (moved == 0 || moved == -2) {
        fprintf(stderr, "load: the server closed a connection that was held\n");
        exit(1);
      }
      continue;
    }
    if (one->state != 0) go_on(one);
  }
  static uint64_t looked;
  uint64_t at = now_us();
  if (at - looked < 1000000u) return;
  looked = at;
  for (int index = 0; index < hold + in_flight; index += 1) {
    struct exchange *one = &all[index];
    if ((one->state == 1 || one->state == 2) && at - one->began > longest_ms * 1000ull) lost(one, &too_late);
  }
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static double share(double part) {
  if (done == 0) return 0;
  size_t at = (size_t)(part * (double)(done - 1));
  return latencies[at] / 1000.0;
}

static void measure(void) {
  // It never sleeps while it measures: waking it would cost the server time.
  spins = 1;
  uint64_t start = now_us(), stop = start + (uint64_t)(seconds * 1e6);
  while (now_us() < stop) {
    while (free_count > 0) begin(0);
    turn_of_loop();
  }
  size_t whole = done;
  double took = (double)(now_us() - start) / 1e6;
  // Finishes the open exchanges, so that the next round starts clean.
  while (free_count < in_flight) {
    turn_of_loop();
    if (now_us() > stop + 2ull * longest_ms * 1000) break;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  qsort(latencies, done, sizeof *latencies, by_size);
  printf("{\"exchanges\":%zu,\"inTime\":%zu,\"seconds\":%.4f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"notConnected\":%ld,\"closedEarly\":%ld,"
         "\"tooLate\":%ld,\"loadCpu\":%.3f}\n",
         done, whole, took, share(0.5), share(0.99), share(1), not_connected, closed_early, too_late, cpu);
  fflush(stdout);
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: load PORT [--tls] [--in-flight N] [--hold N] [--seconds S] --send HEX --until HEX ...\n");
    return 2;
  }
  port = atoi(arguments[1]);
  for (int at = 2; at < count; at += 1) {
    const char *name = arguments[at], *value = at + 1 < count ? arguments[at + 1] : "";
    if (!strcmp(name, "--tls")) {
      use_tls = 1;
      continue;
    }
    at += 1;
    if (!strcmp(name, "--in-flight")) in_flight = atoi(value);
    else if (!strcmp(name, "--hold")) hold = atoi(value);
    else if (!strcmp(name, "--seconds")) seconds = atof(value);
    else if (!strcmp(name, "--send") && turn_count < most_turns) {
      struct turn *turn = &turns[turn_count];
      turn->send_length = from_hex(value, turn->send, most_bytes);
      turn->number = memmem(turn->send, (size_t)turn->send_length, "########", number_length);
    }
    else if (!strcmp(name, "--until") && turn_count < most_turns) {
      turns[turn_count].until_length = from_hex(value, turns[turn_count].until, most_wait);
      turn_count += 1;
    } else {
      fprintf(stderr, "load: %s is not known\n", name);
      return 2;
    }
  }
#ifdef WITH_TLS
  if (use_tls) {
    tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(tls, SSL_VERIFY_NONE, NULL);
  }
#else
  if (use_tls) {
    fprintf(stderr, "load: built without TLS\n");
    return 2;
  }
#endif
  loop_fd = epoll_create1(0);
  all = calloc((size_t)(hold + in_flight), sizeof *all);
  free_list = malloc((size_t)(hold + in_flight) * sizeof *free_list);
  if (!all || !free_list) fail("memory");
  // Held connections have separate slots: the others are for exchanges in flight.
  for (int index = hold + in_flight - 1; index >= hold; index -= 1) free_list[free_count++] = index;
  if (hold > 0) {
    int begun = 0;
    int flight_free = free_count;
    while (held < hold) {
      while (begun < hold && begun - held < 64) {
        // Takes a separate slot, not one for exchanges.
        free_list[free_count++] = begun;
        begin(1);
        begun += 1;
      }
      turn_of_loop();
    }
    free_count = flight_free;
    printf("{\"held\":%d}\n", held);
    fflush(stdout);
  }
  char byte;
  if (seconds > 0) {
    if (hold > 0 && read(0, &byte, 1) <= 0) return 0;
    measure();
  }
  // Held connections stay open until this process exits; their data is read meanwhile.
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  if (hold > 0)
    for (;;) {
      ssize_t got = read(0, &byte, 1);
      if (got == 0 || (got < 0 && errno != EAGAIN)) return 0;
      turn_of_loop();
    }
  return 0;
}
