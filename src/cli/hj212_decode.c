/* yanwu hj212 decode */
#include "hj212_cli.h"

#include <stdlib.h>

enum { LINE_MAX_BYTES = 1 << 20 }; /* of JSON for one packet: six bytes a byte at the worst, and names */

static bool print_line(struct yw_buf *line) {
    if (line->failed) abort();
    yw_buf_putc(line, '\n');
    return fwrite(line->data, 1, line->len, stdout) == line->len;
}

static bool on_packet(void *arg, uint64_t offset, const hj212_packet *p) {
    struct yw_buf *line = arg;
    yw_buf_clear(line);
    hj212_packet_json(line, offset, p);
    return print_line(line);
}

static bool on_garbage(void *arg, uint64_t offset, uint64_t length) {
    struct yw_buf *line = arg;
    yw_buf_clear(line);
    hj212_garbage_json(line, offset, length);
    return print_line(line);
}

int hj212_decode_main(int argc, char **argv) {
    bool strict = false;
    const char *shown_only = NULL; /* --key is taken out before, since it may be repeated */
    const struct yw_opt opts[] = {
        {"key", YW_OPT_TEXT, &shown_only, "KEY",
         "SM4 key, 16 characters or 32 hexadecimal digits; may be repeated"},
        {"strict", YW_OPT_FLAG, &strict, NULL, "whatever offends against the standard makes ok false"},
    };
    const struct yw_command cmd = {
        .name = "yanwu hj212 decode",
        .usage = "[--key KEY]... [--strict] [FILE]",
        .summary =
            "Reads any stream of bytes (standard input without FILE) and prints one JSON object a line for\n"
            "each packet, and for each run of bytes between packets.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 0,
        .most = 1,
    };
    struct hj212_keys keys;
    int count;
    if (!hj212_take_keys(cmd.name, &argc, argv, &keys)) return 2;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    struct yw_buf line;
    yw_buf_init(&line, LINE_MAX_BYTES);
    hj212_options options = {
        .keys = keys.count ? keys.bytes : NULL, .key_count = keys.count, .strict = strict};
    const struct hj212_sink sink = {&line, on_packet, on_garbage};
    int status = hj212_read_stream(cmd.name, count ? argv[1] : NULL, options, &sink);
    yw_buf_free(&line);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot write the output\n", cmd.name);
        return 1;
    }
    return status;
}
