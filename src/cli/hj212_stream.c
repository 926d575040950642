/* Reading a stream of bytes packet by packet. */
#include "hj212_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 18 }; /* many times the longest frame */

bool hj212_take_keys(const char *command, int *argc, char **argv, struct hj212_keys *keys) {
    int kept = 1;
    keys->count = 0;
    for (int i = 1; i < *argc; i++) {
        bool alone = strcmp(argv[i], "--key") == 0;
        if (!alone && strncmp(argv[i], "--key=", 6) != 0) {
            argv[kept++] = argv[i];
            continue;
        }
        const char *text = alone ? (i + 1 < *argc ? argv[++i] : "") : argv[i] + 6;
        size_t n = strlen(text);
        uint8_t key[16];
        /* As registered and as NewSK carries it, 16 characters; or their bytes. */
        bool characters = n == sizeof key;
        if (characters) memcpy(key, text, n);
        if (!characters && (!yw_parse_hex(text, n, key, sizeof key, &n) || n != sizeof key)) {
            fprintf(stderr, "%s: --key takes an SM4 key of 16 characters or 32 hexadecimal digits\n",
                    command);
            return false;
        }
        if (keys->count == HJ212_KEYS_MAX) {
            fprintf(stderr, "%s: at most %d keys\n", command, HJ212_KEYS_MAX);
            return false;
        }
        memcpy(keys->bytes + 16 * keys->count++, key, 16);
    }
    *argc = kept;
    return true;
}

struct reader {
    const struct hj212_sink *sink;
    hj212_options options;
    uint64_t offset;  /* of the buffer's first byte */
    uint64_t garbage; /* bytes right before it that belong to no packet and were not told yet */
    size_t n;
    char bytes[BUFFER];
    char plain[HJ212_FRAME_MAX];
};

static bool tell_garbage(struct reader *r) {
    uint64_t n = r->garbage;
    r->garbage = 0;
    return n == 0 || r->sink->garbage(r->sink->arg, r->offset - n, n);
}

/* Takes everything off the buffer that is decided; false if the sink wants no more. */
static bool drain(struct reader *r) {
    size_t at = 0;
    uint64_t begin = r->offset;
    bool go_on = true;
    while (go_on && at < r->n) {
        hj212_packet p;
        hj212_result result = hj212_decode(&r->options, r->bytes + at, r->n - at, &p);
        if (result.status == HJ212_INCOMPLETE) break;
        r->offset = begin + at;
        if (result.status == HJ212_GARBAGE)
            r->garbage += result.consumed;
        else
            go_on = tell_garbage(r) && r->sink->packet(r->sink->arg, r->offset, &p);
        at += result.consumed;
        r->offset = begin + at;
    }
    memmove(r->bytes, r->bytes + at, r->n - at);
    r->n -= at;
    return go_on;
}

int hj212_read_stream(const char *command, const char *path, hj212_options options,
                      const struct hj212_sink *sink) {
    bool is_file = path && strcmp(path, "-") != 0;
    int fd = is_file ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0) {
        fprintf(stderr, "%s: cannot read %s: %s\n", command, path, strerror(errno));
        return 1;
    }
    struct reader *r = malloc(sizeof *r);
    if (!r) abort();
    r->sink = sink;
    r->options = options;
    r->options.plain = r->plain;
    r->offset = r->garbage = r->n = 0;
    int status = 0;
    bool go_on = true;
    while (go_on && !r->options.at_end) {
        ssize_t got = read(fd, r->bytes + r->n, BUFFER - r->n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            fprintf(stderr, "%s: cannot read %s: %s\n", command, is_file ? path : "standard input",
                    strerror(errno));
            status = 1;
        }
        if (got > 0)
            r->n += (size_t)got;
        else
            r->options.at_end = true;
        go_on = drain(r);
        fflush(stdout); /* whoever follows a live stream sees each packet at once */
    }
    if (go_on && !tell_garbage(r)) status = 1;
    free(r);
    if (is_file) close(fd);
    return status;
}
