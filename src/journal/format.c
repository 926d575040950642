#include "journal/format.h"

#include <string.h>

static const uint8_t segment_magic[8] = {'Y', 'W', 'S', 'E', 'G', '\r', '\n', 0x1a};

void yw_record_encode(const struct yw_record *r, uint64_t seed, uint8_t *to) {
    uint64_t total = yw_record_bytes(r->length);
    yw_put_u32(to + 8, r->length);
    to[12] = YW_RECORD_VERSION;
    to[13] = r->direction;
    to[14] = r->domain;
    to[15] = (uint8_t)r->bucket;
    yw_put_u64(to + 16, r->position);
    yw_put_u64(to + 24, (uint64_t)r->arrival);
    yw_put_u64(to + 32, r->link);
    memcpy(to + 40, r->peer.addr, 16);
    yw_put_u16(to + 56, r->peer.port);
    yw_put_u16(to + 58, 0);
    yw_put_u32(to + 60, r->flags);
    yw_put_u32(to + 64, r->register_version);
    yw_put_u32(to + 68, r->device);
    yw_put_u32(to + 72, r->key_id);
    yw_put_u32(to + 76, 0);
    if (r->length > 0) memcpy(to + YW_RECORD_HEADER, r->payload, r->length);
    memset(to + YW_RECORD_HEADER + r->length, 0, total - YW_RECORD_HEADER - r->length);
    yw_put_u64(to, yw_hash64(to + 8, total - 8, seed));
}

static void read_v1(const uint8_t *b, struct yw_record *out) {
    out->position = yw_get_u64(b + 16);
    out->arrival = (int64_t)yw_get_u64(b + 24);
    out->link = yw_get_u64(b + 32);
    memcpy(out->peer.addr, b + 40, 16);
    out->peer.port = yw_get_u16(b + 56);
    out->direction = b[13];
    out->domain = b[14];
    out->bucket = b[15];
    out->flags = yw_get_u32(b + 60);
    out->register_version = yw_get_u32(b + 64);
    out->device = yw_get_u32(b + 68);
    out->key_id = yw_get_u32(b + 72);
    out->payload = b + YW_RECORD_HEADER;
    out->length = yw_get_u32(b + 8);
}

enum yw_parsed yw_record_parse(const uint8_t *bytes, size_t n, uint64_t position, uint64_t seed,
                               struct yw_record *out, uint64_t *need) {
    *need = YW_RECORD_HEADER;
    if (n < YW_RECORD_HEADER) return YW_PARSED_SHORT;
    uint32_t length = yw_get_u32(bytes + 8);
    uint8_t version = bytes[12];
    if (version == 0) {
        for (size_t i = 0; i < YW_RECORD_HEADER; i++)
            if (bytes[i] != 0) return YW_PARSED_BAD;
        return YW_PARSED_NOTHING;
    }
    if (length > YW_RECORD_PAYLOAD_MAX || yw_get_u64(bytes + 16) != position) return YW_PARSED_BAD;
    *need = yw_record_bytes(length);
    if (n < *need) return YW_PARSED_SHORT;
    if (yw_hash64(bytes + 8, *need - 8, seed) != yw_get_u64(bytes)) return YW_PARSED_BAD;
    if (version != 1) return YW_PARSED_VERSION;
    read_v1(bytes, out);
    return YW_PARSED_OK;
}

void yw_segment_encode(const struct yw_segment *s, uint8_t to[YW_SEGMENT_HEADER]) {
    memset(to, 0, YW_SEGMENT_HEADER);
    memcpy(to, segment_magic, sizeof segment_magic);
    yw_put_u32(to + 8, YW_SEGMENT_VERSION);
    yw_put_u32(to + 12, YW_SEGMENT_HEADER);
    memcpy(to + 16, s->id, YW_ID_BYTES);
    memcpy(to + 32, s->name, YW_NAME_BYTES);
    yw_put_u64(to + 48, s->number);
    yw_put_u64(to + 56, s->start);
    yw_put_u64(to + 64, (uint64_t)s->created);
    yw_put_u64(to + 72, (uint64_t)s->arrival);
    yw_put_u64(to + 80, yw_hash64(to, 80, 0));
}

enum yw_code yw_segment_parse(const uint8_t *bytes, size_t n, struct yw_segment *out) {
    size_t zero = 0;
    while (zero < n && bytes[zero] == 0) zero++;
    if (zero == n) return YW_E_NOT_FOUND;
    if (n < 88 || memcmp(bytes, segment_magic, sizeof segment_magic) != 0) return YW_E_CORRUPT;
    if (yw_hash64(bytes, 80, 0) != yw_get_u64(bytes + 80)) return YW_E_CORRUPT;
    if (yw_get_u32(bytes + 8) != 1) return YW_E_VERSION;
    if (yw_get_u32(bytes + 12) != YW_SEGMENT_HEADER) return YW_E_CORRUPT;
    memcpy(out->id, bytes + 16, YW_ID_BYTES);
    memcpy(out->name, bytes + 32, YW_NAME_BYTES);
    out->name[YW_NAME_BYTES - 1] = 0;
    out->number = yw_get_u64(bytes + 48);
    out->start = yw_get_u64(bytes + 56);
    out->created = (int64_t)yw_get_u64(bytes + 64);
    out->arrival = (int64_t)yw_get_u64(bytes + 72);
    if (out->start % YW_RECORD_ALIGN != 0 || out->number == 0) return YW_E_CORRUPT;
    return YW_OK;
}
