/* yanwu hj212: what its commands share. */
#ifndef YW_HJ212_CLI_H
#define YW_HJ212_CLI_H

#include "base/base.h"
#include "hj212.h"

enum { HJ212_KEYS_MAX = 64 };

struct hj212_keys {
    uint8_t bytes[HJ212_KEYS_MAX * 16];
    size_t count;
};
/* Takes every --key KEY (16 characters, or 32 hexadecimal digits) out of argv (it may stand several times).
 * Says on stderr what is wrong; false then.
 */
bool hj212_take_keys(const char *command, int *argc, char **argv, struct hj212_keys *keys);

/* A stream of bytes, cut into packets and runs of garbage. Memory is bounded, whatever the stream's length.
 */
struct hj212_sink {
    void *arg;
    bool (*packet)(void *arg, uint64_t offset, const hj212_packet *p); /* false stops */
    bool (*garbage)(void *arg, uint64_t offset, uint64_t length);
};
/* path NULL or "-": standard input. Afterwards 0, or 1 with the reason on stderr. */
int hj212_read_stream(const char *command, const char *path, hj212_options options,
                      const struct hj212_sink *sink);

/* One line of JSON for a packet, and for garbage; without the line end. */
void hj212_packet_json(struct yw_buf *out, uint64_t offset, const hj212_packet *p);
void hj212_garbage_json(struct yw_buf *out, uint64_t offset, uint64_t length);

/* A line of JSON -> a frame. Returns its length; 0 with a sentence in err. out holds HJ212_FRAME_MAX bytes.
 */
size_t hj212_json_to_frame(const char *line, size_t n, const uint8_t *key, bool printed, uint8_t *out,
                           struct yw_error *err);

/* What the standards demand where a finding was made, in one sentence. */
const char *hj212_rule_text(int finding);

int hj212_decode_main(int argc, char **argv);
int hj212_encode_main(int argc, char **argv);
int hj212_check_main(int argc, char **argv);
int hj212_probe_main(int argc, char **argv);

#endif
