#include "cli/journal.h"

#include <arpa/inet.h>
#include <string.h>

struct filter {
    int64_t from, to; /* arrival, from <= a < to */
    const char *mn;   /* NULL: any */
    int direction;    /* -1: any */
    bool one;         /* only the record at `position` */
    uint64_t position;
    uint32_t limit; /* 0: none */
    uint32_t printed;
    bool raw;
    struct opener *opener; /* NULL: encrypted packets stay shut */
};

static const char *const directions[] = {"in", "out", "act", "event"};
static const char *const domains[] = {"none", "real", "training", "demo"};

/* Whether the packet's header names this MN: "MN=" at its beginning or behind a ';' or the '##LLLL'. */
static bool has_mn(const struct yw_record *r, const char *mn) {
    char field[64];
    int n = snprintf(field, sizeof field, "MN=%s", mn);
    if (n <= 0 || n >= (int)sizeof field) return false;
    const char *at = r->payload, *end = at + r->length;
    while ((at = memmem(at, (size_t)(end - at), field, (size_t)n))) {
        const char *behind = at + n;
        if (behind == end || *behind == ';' || *behind == '&') return true;
        at++;
    }
    return false;
}

static bool wanted(const struct filter *f, const struct yw_record *r) {
    if (f->direction >= 0 && r->direction != f->direction) return false;
    if (r->arrival < f->from || r->arrival >= f->to) return false;
    return !f->mn || has_mn(r, f->mn);
}

static void put_peer(struct yw_buf *b, const struct yw_peer *p) {
    static const uint8_t v4[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, none[16] = {0};
    char text[INET6_ADDRSTRLEN] = "";
    if (p->port == 0 && memcmp(p->addr, none, sizeof none) == 0) {
        yw_buf_puts(b, "null");
    } else if (memcmp(p->addr, v4, sizeof v4) == 0) {
        inet_ntop(AF_INET, p->addr + 12, text, sizeof text);
        yw_buf_printf(b, "\"%s:%u\"", text, p->port);
    } else {
        inet_ntop(AF_INET6, p->addr, text, sizeof text);
        yw_buf_printf(b, "\"[%s]:%u\"", text, p->port);
    }
}

static void put_flags(struct yw_buf *b, uint32_t flags) {
    static const char *const names[] = {"admitted", "unknown", "bad_pw",  "bad_crc", "garbage",
                                        "acked",    "asked",   "command", "twin"};
    yw_buf_putc(b, '[');
    bool any = false;
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        if (!(flags & (1u << i))) continue;
        yw_buf_printf(b, "%s\"%s\"", any ? "," : "", names[i]);
        any = true;
    }
    yw_buf_putc(b, ']');
}

static bool print_json(const struct filter *f, struct yw_buf *b, const char *journal,
                       const struct yw_record *r) {
    char arrival[40];
    yw_time_text(r->arrival, arrival);
    yw_buf_clear(b);
    yw_buf_puts(b, "{\"journal\":");
    yw_buf_json(b, journal, strlen(journal));
    yw_buf_printf(b, ",\"position\":\"%llu\",\"arrival\":\"%s\",\"link\":%llu,\"peer\":",
                  (unsigned long long)r->position, arrival, (unsigned long long)r->link);
    put_peer(b, &r->peer);
    yw_buf_printf(b, ",\"direction\":\"%s\",\"domain\":\"%s\",\"bucket\":%u,\"flags\":",
                  r->direction < YW_COUNT(directions) ? directions[r->direction] : "other",
                  r->domain < YW_COUNT(domains) ? domains[r->domain] : "other", r->bucket);
    put_flags(b, r->flags);
    yw_buf_printf(b, ",\"register_version\":%u,\"device\":%u,\"key_id\":%u,\"length\":%u,",
                  r->register_version, r->device, r->key_id, r->length);
    bool text = yw_utf8_valid(r->payload, r->length) && !memchr(r->payload, 0, r->length);
    yw_buf_puts(b, text ? "\"text\":" : "\"hex\":\"");
    if (text)
        yw_buf_json(b, r->payload, r->length);
    else
        yw_buf_hex(b, r->payload, r->length);
    if (!text) yw_buf_putc(b, '"');
    if (f->opener != NULL && r->key_id != 0) opener_put(f->opener, b, r);
    yw_buf_puts(b, "}\n");
    return !b->failed && fwrite(b->data, 1, b->len, stdout) == b->len;
}

static enum yw_code print_record(struct filter *f, struct yw_buf *b, const char *journal,
                                 const struct yw_record *r, struct yw_error *err) {
    f->printed++;
    bool ok = f->raw ? fwrite(r->payload, 1, r->length, stdout) == r->length : print_json(f, b, journal, r);
    return ok ? YW_OK
              : yw_fail(err, YW_E_SYSTEM, "cannot write the record at %llu", (unsigned long long)r->position);
}

struct start {
    int64_t from;
    uint64_t position;
};

static bool pass_block(void *arg, const struct yw_block *b) {
    struct start *s = arg;
    if (b->last_arrival >= s->from) return false;
    s->position = b->to;
    return true;
}

static enum yw_code cat_all(struct filter *f, struct yw_buf *b, const struct place *p,
                            struct yw_reader *reader, struct yw_error *err) {
    struct start start = {.from = f->from};
    enum yw_code code = YW_OK;
    if (p->has_blocks) code = yw_blocks_each(p->blocks, pass_block, &start, err);
    if (code == YW_OK) code = yw_reader_seek(reader, start.position, err);
    while (code == YW_OK && (f->limit == 0 || f->printed < f->limit)) {
        struct yw_record r;
        code = yw_reader_next(reader, &r, err);
        if (code == YW_E_CORRUPT) {
            uint64_t lost;
            fprintf(stderr, "yanwu journal: %s\n", err->text);
            code = yw_reader_skip(reader, &lost, err);
            fprintf(stderr, "yanwu journal: %llu bytes are left out\n", (unsigned long long)lost);
            continue;
        }
        if (code == YW_OK && r.arrival >= f->to) return YW_OK; /* arrival never runs backwards */
        if (code == YW_OK && wanted(f, &r)) code = print_record(f, b, p->name, &r, err);
    }
    return code == YW_E_END ? YW_OK : code;
}

static enum yw_code cat_place(struct filter *f, struct yw_buf *b, const struct place *p,
                              struct yw_error *err) {
    struct yw_reader *reader;
    enum yw_code code = yw_reader_open(p->folder, place_blocks(p), &reader, err);
    if (code != YW_OK) return code;
    if (f->one) {
        struct yw_record r;
        code = yw_reader_get(reader, f->position, &r, err);
        if (code == YW_OK) code = print_record(f, b, p->name, &r, err);
    } else {
        code = cat_all(f, b, p, reader, err);
    }
    yw_reader_close(reader);
    return code;
}

static bool read_direction(const char *text, int *out) {
    *out = -1;
    if (!text) return true;
    for (size_t i = 0; i < YW_COUNT(directions); i++)
        if (strcmp(text, directions[i]) == 0) *out = (int)i;
    return *out >= 0;
}

int journal_cat(int argc, char **argv) {
    struct filter f = {.from = INT64_MIN, .to = INT64_MAX};
    const char *only = NULL, *blocks = NULL, *direction = NULL, *position = NULL, *data = NULL,
               *master = NULL;
    const struct yw_opt opts[] = {
        {"from", YW_OPT_TIME, &f.from, "TIME", "records that arrived at TIME or later"},
        {"to", YW_OPT_TIME, &f.to, "TIME", "records that arrived before TIME"},
        {"mn", YW_OPT_TEXT, &f.mn, "MN", "packets of one device"},
        {"direction", YW_OPT_TEXT, &direction, "WORD", "in, out, act or event"},
        {"position", YW_OPT_TEXT, &position, "N", "the one record at this position"},
        {"limit", YW_OPT_U32, &f.limit, "N", "stop after N records"},
        {"data", YW_OPT_TEXT, &data, "DIR", "open encrypted packets with the keys of this data folder"},
        {"master-key", YW_OPT_TEXT, &master, "FILE", "the master key for them (default: DIR.master.key)"},
        {"raw", YW_OPT_FLAG, &f.raw, NULL, "the bytes as they came instead of JSON lines"},
        {"journal", YW_OPT_TEXT, &only, "NAME", "only this journal of a data folder"},
        {"blocks", YW_OPT_TEXT, &blocks, "FOLDER", "where the blocks of a single journal are"},
    };
    const struct yw_command cmd = {.name = "yanwu journal cat",
                                   .usage = "[OPTION...] FOLDER",
                                   .summary = "Prints records, oldest first, journal after journal.",
                                   .opts = opts,
                                   .opt_count = YW_COUNT(opts),
                                   .least = 1,
                                   .most = 1};
    int count;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    f.one = position != NULL;
    if (!read_direction(direction, &f.direction)) {
        fprintf(stderr, "yanwu journal cat: --direction is in, out, act or event, not %s\n", direction);
        return 2;
    }
    if (position && !yw_parse_u64(position, strlen(position), &f.position)) {
        fprintf(stderr, "yanwu journal cat: --position is a whole number, not %s\n", position);
        return 2;
    }
    struct places places;
    struct yw_error err = {0};
    if (places_find(argv[1], only, blocks, &places, &err) != YW_OK) return journal_failed(&err);
    if (f.one && places.count > 1) {
        fputs("yanwu journal cat: a position is one in a journal: name it with --journal\n", stderr);
        places_free(&places);
        return 2;
    }
    if (data != NULL && opener_create(data, master, &f.opener, &err) != YW_OK) {
        places_free(&places);
        return journal_failed(&err);
    }
    struct yw_buf b;
    yw_buf_init(&b, 8 * (size_t)YW_RECORD_PAYLOAD_MAX);
    int status = 0;
    for (size_t i = 0; i < places.count; i++)
        if (cat_place(&f, &b, &places.items[i], &err) != YW_OK) status = journal_failed(&err);
    yw_buf_free(&b);
    opener_destroy(f.opener);
    places_free(&places);
    return status;
}
