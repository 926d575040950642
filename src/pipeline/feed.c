#include "pipeline/feed.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct journal {
    struct yw_reader *reader;
    uint16_t number;
    uint64_t position; /* behind the last record that went into a batch */
    uint64_t tallied;  /* packets before it were counted in an earlier life */
    bool holds;        /* record was read and waits for acts */
    struct yw_record record;
};

struct line { /* of the acts journal: where it lies, and the register's version there */
    uint64_t position;
    uint32_t version;
};

struct yw_feed {
    char *data;
    struct yw_register *reg;
    struct yw_reader *acts;
    struct line *lines; /* seen and not yet in a batch: from lines_at on */
    size_t lines_n, lines_cap, lines_at;
    uint64_t lines_from; /* the store has those before it; known once discovered */
    bool discovered, has_secret;
    uint8_t secret[32];
    struct yw_keyring *ring;
    struct journal journals[YW_BATCH_JOURNALS];
    size_t n;
    struct yw_feed_count count;
    struct yw_folded folded;
};

/* Without the key data are stored all the same, but for encrypted packets. */
static void make_keyring(struct yw_feed *f, const char *master_key) {
    char path[4096];
    if (yw_master_path(f->data, master_key, path, sizeof path, NULL) == YW_OK)
        f->ring = yw_keyring_create(path);
}

enum yw_code yw_feed_open(const char *data, const char *master_key, struct yw_feed **out,
                          struct yw_error *err) {
    struct yw_feed *f = calloc(1, sizeof *f);
    *out = NULL;
    if (f) {
        f->data = strdup(data);
        f->reg = yw_register_create();
        f->folded.values = calloc(YW_VALUES_MAX, sizeof *f->folded.values);
        f->folded.text_size = 64 << 10;
        f->folded.text = malloc(f->folded.text_size);
        f->folded.plain = malloc(HJ212_FRAME_MAX);
    }
    if (!f || !f->data || !f->reg || !f->folded.values || !f->folded.text || !f->folded.plain) {
        yw_feed_close(f);
        return yw_fail(err, YW_E_NOMEM, "no memory to read the journals");
    }
    make_keyring(f, master_key);
    *out = f;
    return YW_OK;
}

void yw_feed_close(struct yw_feed *f) {
    if (!f) return;
    for (size_t i = 0; i < f->n; i++) yw_reader_close(f->journals[i].reader);
    if (f->acts) yw_reader_close(f->acts);
    if (f->reg) yw_register_destroy(f->reg);
    yw_keyring_destroy(f->ring);
    sodium_memzero(f->secret, sizeof f->secret);
    free(f->folded.values);
    free(f->folded.text);
    free(f->folded.plain);
    free(f->lines);
    free(f->data);
    free(f);
}

const char *yw_feed_why_locked(const struct yw_feed *f) {
    return f->ring ? yw_keyring_why(f->ring) : "there is no master key";
}

const struct yw_register *yw_feed_register(const struct yw_feed *f) {
    return f->reg;
}

const struct yw_feed_count *yw_feed_counts(const struct yw_feed *f) {
    return &f->count;
}

static enum yw_code open_reader(struct yw_feed *f, const char *name, struct yw_reader **out,
                                struct yw_error *err) {
    struct yw_buf folder, blocks;
    yw_buf_init(&folder, 4096);
    yw_buf_init(&blocks, 4096);
    yw_buf_printf(&folder, "%s/journal/%s", f->data, name);
    yw_buf_printf(&blocks, "%s/blocks/%s", f->data, name);
    enum yw_code code = folder.failed || blocks.failed
                            ? yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long")
                            : yw_reader_open(folder.data, blocks.data, out, err);
    yw_buf_free(&folder);
    yw_buf_free(&blocks);
    return code;
}

/* What is no act is kept in mind until a batch takes it. */
static enum yw_code note_line(struct yw_feed *f, uint64_t position, struct yw_error *err) {
    if (f->discovered && position < f->lines_from) return YW_OK;
    if (f->lines_at > 0 && f->lines_at == f->lines_n) f->lines_at = f->lines_n = 0;
    if (f->lines_n == f->lines_cap) {
        size_t cap = f->lines_cap ? f->lines_cap * 2 : 256;
        struct line *more = realloc(f->lines, cap * sizeof *more);
        if (!more) return yw_fail(err, YW_E_NOMEM, "no memory for the lines of the acts journal");
        f->lines = more;
        f->lines_cap = cap;
    }
    f->lines[f->lines_n++] = (struct line){position, yw_register_version(f->reg)};
    return YW_OK;
}

enum yw_code yw_feed_acts(struct yw_feed *f, bool *any, struct yw_error *err) {
    struct yw_error why = {0};
    *any = false;
    if (!f->acts) {
        enum yw_code code = open_reader(f, "acts", &f->acts, &why);
        if (code == YW_E_NOT_FOUND) return YW_OK; /* nobody has acted yet */
        if (code != YW_OK) {
            if (err) *err = why;
            return code;
        }
    }
    for (;;) {
        struct yw_record r;
        enum yw_code code = yw_reader_next(f->acts, &r, &why);
        if (code == YW_E_END) return YW_OK;
        if (code != YW_OK) return yw_fail(err, code, "journal acts: %s", why.text);
        if (r.direction != YW_DIR_ACT) continue;
        code = yw_register_apply(f->reg, r.payload, r.length, &why);
        if (code == YW_E_NOT_FOUND) {
            code = note_line(f, r.position, err);
            if (code != YW_OK) return code;
            continue;
        }
        if (code != YW_OK) f->count.acts_rejected++;
        *any = true;
    }
}

static struct yw_fold_with with_of(const struct yw_feed *f) {
    return (struct yw_fold_with){f->reg, f->ring, f->has_secret ? f->secret : NULL};
}

enum yw_code yw_feed_lines(struct yw_feed *f, size_t most, struct yw_batch *b, size_t *got,
                           struct yw_error *err) {
    /* The program that makes it may have begun after this one. */
    if (!f->has_secret && f->lines_at < f->lines_n)
        f->has_secret = yw_secret_find(f->data, f->secret, NULL) == YW_OK;
    const struct yw_fold_with with = with_of(f);
    *got = 0;
    for (; f->discovered && *got < most && f->lines_at < f->lines_n && !yw_batch_is_full(b); f->lines_at++) {
        const struct line *l = &f->lines[f->lines_at];
        struct yw_record r;
        struct yw_asked asked;
        struct yw_error why = {0};
        if (l->position < f->lines_from) continue;
        enum yw_code code = yw_reader_get(f->acts, l->position, &r, &why);
        if (code != YW_OK) return yw_fail(err, code, "journal acts: %s", why.text);
        enum yw_line what = yw_fold_line(&r, l->version, &with, &asked, &f->folded);
        if (what == YW_LINE_COMMAND) yw_batch_asked(b, &asked);
        if (what == YW_LINE_STATION) yw_batch_row(b, &f->folded.row);
        if (b->packets++ == 0 || r.arrival < b->first_arrival) b->first_arrival = r.arrival;
        yw_batch_reached(b, YW_JOURNAL_ACTS, l->position + 1);
        f->count.lines++;
        ++*got;
    }
    return YW_OK;
}

static bool journal_number(const char *name, uint16_t *out) {
    return name[0] == 'p' && (name[1] != '0' || name[2] == 0) &&
           yw_parse_u16(name + 1, strlen(name + 1), out) && *out != YW_JOURNAL_ACTS;
}

static enum yw_code add_journal(struct yw_feed *f, const char *name, uint16_t number,
                                const struct yw_store_backend *backend, struct yw_store *store,
                                struct yw_error *err) {
    struct yw_error why = {0};
    struct journal *j = &f->journals[f->n];
    if (f->n == YW_BATCH_JOURNALS)
        return yw_fail(err, YW_E_LIMIT, "more than %d packet journals", YW_BATCH_JOURNALS);
    *j = (struct journal){.number = number};
    enum yw_code code = open_reader(f, name, &j->reader, &why);
    if (code == YW_E_NOT_FOUND || code == YW_E_STATE) return YW_OK; /* its owner is just making it */
    if (code == YW_OK) code = backend->checkpoint(store, number, &j->position, &why);
    if (code == YW_OK) code = backend->tallied(store, number, &j->tallied, &why);
    if (code == YW_OK && j->position > yw_reader_committed(j->reader))
        code = yw_fail(
            &why, YW_E_CORRUPT,
            "journal %s ends at %llu, but the store has read it up to %llu: the journal was put back from an "
            "older copy or cut; run yanwu rebuild",
            name, (unsigned long long)yw_reader_committed(j->reader), (unsigned long long)j->position);
    if (code == YW_OK) code = yw_reader_seek(j->reader, j->position, &why);
    if (code == YW_OK) {
        f->n++;
        return YW_OK;
    }
    if (j->reader) yw_reader_close(j->reader);
    return yw_fail(err, code, "journal %s: %s", name, why.text);
}

enum yw_code yw_feed_discover(struct yw_feed *f, const struct yw_store_backend *backend,
                              struct yw_store *store, struct yw_error *err) {
    struct yw_buf path;
    if (!f->discovered) {
        enum yw_code code = backend->checkpoint(store, YW_JOURNAL_ACTS, &f->lines_from, err);
        if (code != YW_OK) return code;
        f->discovered = true;
    }
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/journal", f->data);
    DIR *d = path.failed ? NULL : opendir(path.data);
    enum yw_code code = d || errno == ENOENT ? YW_OK : yw_fail_errno(err, errno, "%s/journal", f->data);
    for (struct dirent *e; d && code == YW_OK && (e = readdir(d)) != NULL;) {
        uint16_t number;
        bool known = false;
        if (!journal_number(e->d_name, &number)) continue;
        for (size_t i = 0; i < f->n; i++) known = known || f->journals[i].number == number;
        if (!known) code = add_journal(f, e->d_name, number, backend, store, err);
    }
    if (d) closedir(d);
    yw_buf_free(&path);
    return code;
}

size_t yw_feed_journals(const struct yw_feed *f) {
    return f->n;
}

/* The packet that an event tells of lies before it in the same journal. One that cannot be read any more
 * leaves the event to stand for it. */
static void look_up_packet(struct yw_feed *f, struct journal *j, uint64_t position, struct yw_asked *asked) {
    const struct yw_fold_with with = with_of(f);
    struct yw_record r;
    bool locked;
    if (yw_reader_get(j->reader, position, &r, NULL) != YW_OK) return;
    bool opened =
        asked->answer_n > 0 && yw_fold_open(&r, &with, false, f->folded.plain, &f->folded.packet, &locked);
    yw_fold_event_packet(asked, &r, j->number, opened ? &f->folded.packet : NULL);
}

static void take_event(struct yw_feed *f, struct journal *j, struct yw_batch *b) {
    const struct yw_record *r = &j->record;
    const struct yw_source source = {r->arrival, j->number, r->position};
    struct yw_asked asked;
    uint64_t position = 0;
    enum yw_event what = yw_fold_event(r, j->number, &asked, &position);
    if (what == YW_EVENT_START) yw_batch_start(b, &source);
    if (what == YW_EVENT_PACKET) look_up_packet(f, j, position, &asked);
    if (what == YW_EVENT_PACKET || what == YW_EVENT_COMMAND) yw_batch_asked(b, &asked);
}

static void take_record(struct yw_feed *f, struct journal *j, struct yw_batch *b) {
    const struct yw_record *r = &j->record;
    const struct yw_fold_with with = with_of(f);
    enum yw_fold what = yw_fold_record(r, j->number, &with, &f->folded);
    if (r->direction == YW_DIR_EVENT) take_event(f, j, b);
    if (r->position >= j->tallied) yw_fold_device(r, j->number, &f->folded, &b->tally);
    if (what == YW_FOLD_ROW) {
        f->folded.row.outlet = yw_register_outlet_at(f->reg, r->device, r->register_version);
        if (f->folded.row.outlet == 0) what = YW_FOLD_NOTHING;
    }
    switch (what) {
    case YW_FOLD_ROW:
        f->count.rows++;
        yw_batch_row(b, &f->folded.row);
        break;
    case YW_FOLD_WAITING:
        f->count.unadmitted++;
        yw_batch_waiting(b, &f->folded.waiting);
        break;
    case YW_FOLD_NOT_DATA:
        f->count.not_data++;
        break;
    case YW_FOLD_UNREADABLE:
        f->count.unreadable++;
        break;
    case YW_FOLD_LOCKED:
        f->count.locked++;
        break;
    case YW_FOLD_NOTHING:
        break;
    }
    if (b->packets++ == 0 || r->arrival < b->first_arrival) b->first_arrival = r->arrival;
    f->count.packets++;
}

enum yw_code yw_feed_read(struct yw_feed *f, size_t journal, size_t most, struct yw_batch *b, size_t *got,
                          bool *waits, struct yw_error *err) {
    struct journal *j = &f->journals[journal];
    enum yw_code code = YW_OK;
    struct yw_error why = {0};
    *got = 0;
    *waits = false;
    while (*got < most && !yw_batch_is_full(b)) {
        if (!j->holds) code = yw_reader_next(j->reader, &j->record, &why);
        if (code != YW_OK) break;
        j->holds = j->record.register_version > yw_register_version(f->reg);
        if (j->holds) {
            *waits = true;
            break;
        }
        take_record(f, j, b);
        j->position = yw_reader_position(j->reader);
        ++*got;
    }
    if (*got > 0) yw_batch_reached(b, j->number, j->position);
    if (code == YW_OK || code == YW_E_END) return YW_OK;
    return yw_fail(err, code, "journal p%u: %s", j->number, why.text);
}

enum yw_code yw_feed_pass_over(struct yw_feed *f, size_t journal, struct yw_batch *b, uint64_t *lost,
                               struct yw_error *err) {
    struct journal *j = &f->journals[journal];
    enum yw_code code = yw_reader_skip(j->reader, lost, err);
    if (code != YW_OK && code != YW_E_END) return code;
    j->position = yw_reader_position(j->reader);
    b->packets++; /* the place reached must be kept even if nothing follows */
    yw_batch_reached(b, j->number, j->position);
    return YW_OK;
}

uint64_t yw_feed_unread(struct yw_feed *f) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < f->n; i++) {
        uint64_t committed = yw_reader_committed(f->journals[i].reader);
        if (committed > f->journals[i].position) bytes += committed - f->journals[i].position;
    }
    return bytes;
}
