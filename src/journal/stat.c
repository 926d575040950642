/* What a journal holds: blocks are counted by their descriptions, the rest by reading it. */
#include "journal/block.h"
#include "journal/reader.h"

#include <string.h>

struct sums {
    struct yw_journal_stat *out;
    bool any;
};

static bool add_block(void *arg, const struct yw_block *b) {
    struct sums *s = arg;
    struct yw_journal_stat *o = s->out;
    if (!s->any) {
        o->first = b->from;
        o->first_arrival = b->first_arrival;
    } else {
        o->lost += b->from - o->sealed;
    }
    s->any = true;
    o->last_arrival = b->last_arrival;
    o->records += b->records;
    o->bytes += b->to - b->from;
    o->block_bytes += b->to - b->from;
    o->stored_bytes += b->stored;
    o->blocks++;
    o->sealed = b->to;
    return true;
}

static enum yw_code count_segments(const char *folder, struct yw_journal_stat *out, uint64_t *first,
                                   struct yw_error *err) {
    struct yw_segments list;
    *first = UINT64_MAX;
    enum yw_code code = yw_segments_list(yw_io_system(), folder, &list, err);
    if (code != YW_OK) return code == YW_E_NOT_FOUND ? YW_OK : code;
    for (size_t i = 0; i < list.count; i++) {
        out->segments++;
        out->segment_bytes += (uint64_t)list.items[i].size;
        if (list.items[i].state == YW_OK && *first == UINT64_MAX) *first = list.items[i].head.start;
    }
    yw_segments_free(&list);
    return YW_OK;
}

static enum yw_code count_rest(struct yw_reader *reader, struct sums *s, struct yw_error *err) {
    enum yw_code code;
    struct yw_record record;
    while ((code = yw_reader_next(reader, &record, err)) != YW_E_END) {
        uint64_t n;
        if (code == YW_E_CORRUPT) {
            code = yw_reader_skip(reader, &n, err);
            s->out->lost += n;
            if (code == YW_OK) continue;
            return code == YW_E_END ? YW_OK : code;
        }
        if (code != YW_OK) return code;
        yw_reader_raw(reader, &n);
        if (!s->any) s->out->first_arrival = record.arrival;
        s->any = true;
        s->out->last_arrival = record.arrival;
        s->out->records++;
        s->out->bytes += n;
    }
    return YW_OK;
}

enum yw_code yw_journal_stat(const char *folder, const char *blocks, struct yw_journal_stat *out,
                             struct yw_error *err) {
    *out = (struct yw_journal_stat){0};
    struct sums sums = {.out = out};
    struct yw_reader *reader;
    uint64_t first;
    enum yw_code code = yw_reader_open(folder, blocks, &reader, err);
    if (code != YW_OK) return code;
    out->info = *yw_reader_info(reader);
    code = count_segments(folder, out, &first, err);
    if (code == YW_OK && blocks) code = yw_blocks_each(blocks, add_block, &sums, err);
    if (code == YW_OK) {
        if (!sums.any && first != UINT64_MAX) out->first = first;
        code = yw_reader_seek(reader, sums.any ? out->sealed : out->first, err);
    }
    if (code == YW_OK) code = count_rest(reader, &sums, err);
    yw_reader_close(reader);
    return code;
}
