#include "store_fake.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t fake_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void name_value(struct yw_value *v, const char *factor, const char *field) {
    memset(v, 0, sizeof *v);
    yw_copy(v->factor, sizeof v->factor, factor, strlen(factor));
    yw_copy(v->field, sizeof v->field, field, strlen(field));
}

static void add_number(struct fake_row *r, const char *factor, const char *field, int64_t mantissa,
                       uint8_t scale) {
    struct yw_value *v = &r->values[r->row.count++];
    name_value(v, factor, field);
    v->mantissa = mantissa;
    v->scale = scale;
}

static void add_text(struct fake_row *r, const char *factor, const char *field, const char *text) {
    struct yw_value *v = &r->values[r->row.count];
    name_value(v, factor, field);
    yw_copy(r->texts[r->row.count], sizeof r->texts[0], text, strlen(text));
    v->is_text = true;
    v->text_n = (uint32_t)strlen(r->texts[r->row.count]);
    r->row.count++;
}

/* Pointers are set last: rows are moved about while a set is made. */
static void own(struct fake_row *r) {
    r->row.values = r->values;
    for (size_t i = 0; i < r->row.count; i++) {
        if (r->values[i].is_text) r->values[i].text = r->texts[i];
    }
}

void fake_row_make(struct fake_row *r, uint32_t outlet, enum yw_kind kind, int64_t time, int64_t arrival,
                   uint16_t journal, uint64_t position, int64_t value) {
    memset(r, 0, sizeof *r);
    r->row.outlet = outlet;
    r->row.device = outlet + 100;
    r->row.kind = (uint8_t)kind;
    r->row.time = time;
    r->row.source = (struct yw_source){.arrival = arrival, .journal = journal, .position = position};
    add_number(r, "a21026", "Avg", value, 2);
    add_number(r, "a21026", "Max", value + 17, 2);
    add_text(r, "a21026", "Flag", "N");
    add_number(r, "a21002", "Avg", value / 3, 1);
    add_text(r, "a21002", "Flag", value % 7 == 0 ? "D" : "N");
    own(r);
}

static void wild_values(struct fake_row *r, uint64_t *seed) {
    static const char *const factors[] = {"a21026", "a21002", "w01018", "001", "a34013"};
    static const char *const flags[] = {"N", "N", "N", "D", "C", "", "Tz"};
    size_t n = 1 + fake_random(seed) % 5;
    for (size_t i = 0; i < n; i++) {
        const char *factor = factors[fake_random(seed) % YW_COUNT(factors)];
        uint64_t how = fake_random(seed) % 12;
        int64_t value = (int64_t)(fake_random(seed) % 20000) - 3000;
        if (how == 0)
            add_text(r, factor, "Avg", "---");
        else if (how == 1)
            add_number(r, factor, "Avg", value * 1000000000, 13);
        else
            add_number(r, factor, "Avg", value, (uint8_t)(how % 4));
        if (how % 3 == 0) add_number(r, factor, "Max", value + 5, 2);
        if (how != 7) add_text(r, factor, "Flag", flags[fake_random(seed) % YW_COUNT(flags)]);
    }
    if (fake_random(seed) % 9 == 0) add_text(r, "", "Note", "\xe6\xbc\x94\xe6\xad\xa6");
}

/* One day before the end of October 2026 to a few days into November. */
static int64_t some_time(uint64_t *seed, enum yw_kind kind) {
    int64_t day = FAKE_NOW - 8 * YW_DAY + (int64_t)(fake_random(seed) % 6) * YW_DAY;
    switch (kind) {
    case YW_KIND_MINUTE:
        return day + (int64_t)(fake_random(seed) % 144) * 10 * YW_MINUTE;
    case YW_KIND_HOUR:
        return day + (int64_t)(fake_random(seed) % 24) * YW_HOUR;
    case YW_KIND_DAY:
        return day;
    default:
        return day + (int64_t)(fake_random(seed) % 2880) * 30 * YW_SECOND + (int64_t)(fake_random(seed) % 3);
    }
}

static void fresh_row(struct fake_row *r, uint64_t *seed) {
    enum yw_kind kind = (enum yw_kind)(1 + fake_random(seed) % 4);
    fake_row_make(r, 1 + (uint32_t)(fake_random(seed) % 3), kind, some_time(seed, kind), 0, 0, 0,
                  (int64_t)(fake_random(seed) % 5000));
    if (fake_random(seed) % 3 == 0) {
        r->row.count = 0;
        wild_values(r, seed);
    }
    if (fake_random(seed) % 4 == 0) r->row.flags |= YW_ROW_BACKFILLED;
    if (fake_random(seed) % 8 == 0) r->row.flags |= YW_ROW_SPLIT;
    if (fake_random(seed) % 50 == 0) r->row.time += 400 * YW_DAY; /* odd */
    if (fake_random(seed) % 60 == 0) r->row.time = 1000 * YW_DAY; /* odd */
}

void fake_set_make(struct fake_set *set, uint64_t seed, size_t n) {
    uint64_t state = seed * 2654435761u + 88172645463325252u;
    uint64_t positions[3] = {0};
    int64_t arrival = FAKE_NOW;
    set->rows = calloc(n, sizeof *set->rows);
    set->waiting = calloc(n, sizeof *set->waiting);
    set->waiting_row = calloc(n, sizeof *set->waiting_row);
    set->n = n;
    set->waiting_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct fake_row *r = &set->rows[i];
        uint64_t how = fake_random(&state) % 6;
        if (i > 0 && how <= 1) {
            const struct fake_row *other = &set->rows[fake_random(&state) % i];
            *r = *other; /* a resend ... */
            if (fake_random(&state) % 2) r->row.flags ^= YW_ROW_BACKFILLED;
            if (how == 1)
                r->values[0].mantissa += (int64_t)(fake_random(&state) % 2); /* ... or a correction */
            r->row.device = 200;
        } else {
            fresh_row(r, &state);
        }
        uint16_t journal = (uint16_t)(fake_random(&state) % 3);
        arrival += (int64_t)(fake_random(&state) % 4) * 500000; /* equal ones too */
        positions[journal] += 80 + fake_random(&state) % 900;
        r->row.source =
            (struct yw_source){.arrival = arrival, .journal = journal, .position = positions[journal]};
        own(r);
        if (fake_random(&state) % 10 != 0) continue;
        struct yw_waiting *w = &set->waiting[set->waiting_n];
        set->waiting_row[set->waiting_n++] = i;
        positions[journal] += 300;
        w->mn[0] = (char)('A' + fake_random(&state) % 5);
        w->st[0] = '3', w->st[1] = (char)('1' + fake_random(&state) % 2);
        yw_copy(w->peer, sizeof w->peer, "10.0.0.1:5", 10);
        w->first_seen = w->last_seen = arrival;
        w->packets = 1;
        w->bad_pw = fake_random(&state) % 2;
        w->sample =
            (struct yw_source){.arrival = arrival, .journal = journal, .position = positions[journal]};
    }
}

void fake_set_free(struct fake_set *set) {
    free(set->rows);
    free(set->waiting);
    free(set->waiting_row);
}

char *fake_folder(const char *name) {
    const char *tmp = getenv("TMPDIR");
    struct yw_buf path;
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/yw-%s-XXXXXX", tmp ? tmp : "/tmp", name);
    if (!mkdtemp(path.data)) abort();
    return path.data;
}

void fake_remove(const char *folder) {
    DIR *d = opendir(folder);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL) {
        struct yw_buf path;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        yw_buf_init(&path, 8192);
        yw_buf_printf(&path, "%s/%s", folder, e->d_name);
        if (unlink(path.data) != 0) fake_remove(path.data);
        yw_buf_free(&path);
    }
    if (d) closedir(d);
    rmdir(folder);
}

/* ---- dump ---- */

static void dump_source(struct yw_buf *out, const struct yw_source *s) {
    yw_buf_printf(out, "%" PRId64 "/%u/%" PRIu64, s->arrival, s->journal, s->position);
}

static bool dump_row(void *arg, const struct yw_row *r) {
    struct yw_buf *out = arg;
    yw_buf_printf(out, "%u %s %" PRId64 " dev %u flags %u copies %u ", r->outlet,
                  yw_kind_name((enum yw_kind)r->kind), r->time, r->device, r->flags, r->copies);
    dump_source(out, &r->source);
    for (size_t i = 0; i < r->count; i++) {
        char text[YW_TEXT_MAX + 1];
        yw_value_print(&r->values[i], text, sizeof text);
        yw_buf_printf(out, " %s-%s=%s%s", r->values[i].factor, r->values[i].field,
                      r->values[i].is_text ? "'" : "", text);
    }
    yw_buf_putc(out, '\n');
    return true;
}

static bool dump_latest(void *arg, const struct yw_latest *l) {
    struct yw_buf *lines = arg; /* one a (outlet, kind): in any order */
    yw_buf_printf(&lines[l->outlet * YW_KIND_COUNT + l->kind], "latest %u %u %" PRId64 " ", l->outlet,
                  l->kind, l->time);
    dump_source(&lines[l->outlet * YW_KIND_COUNT + l->kind], &l->source);
    return true;
}

static bool dump_waiting(void *arg, const struct yw_waiting *w) {
    struct yw_buf *lines = arg; /* one an MN */
    struct yw_buf *out = &lines[w->mn[0] & 31];
    yw_buf_printf(out, "waiting %s %s %s %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " ", w->mn, w->st,
                  w->peer, w->first_seen, w->last_seen, w->packets, w->bad_pw);
    dump_source(out, &w->sample);
    return true;
}

static void dump_series(const struct yw_store_backend *b, struct yw_store *s, uint32_t outlet,
                        enum yw_kind kind, const char *factor, int64_t from, int64_t to, size_t most,
                        struct yw_buf *out) {
    struct yw_point *points = calloc(most, sizeof *points);
    size_t n = 0;
    struct yw_error err = {0};
    enum yw_code code = b->series(s, outlet, kind, factor, "Avg", from, to, most, points, &n, &err);
    yw_buf_printf(out, "series %u %u %s %zu: %d %s\n", outlet, kind, factor, most, code, err.text);
    for (size_t i = 0; i < n; i++) {
        const struct yw_point *p = &points[i];
        yw_buf_printf(out,
                      "  %" PRId64 "+%" PRId64 " n%u %.17g %.17g %.17g@%" PRId64 " %.17g@%" PRId64
                      " sum %.6f '%s' %u r%u\n",
                      p->time, p->span, p->n, p->first, p->last, p->min, p->min_time, p->max, p->max_time,
                      p->sum + 0.0, p->flag, p->flags, p->revisions);
    }
    free(points);
}

static void dump_lines(struct yw_buf *lines, size_t n, struct yw_buf *out) {
    for (size_t i = 0; i < n; i++) {
        if (lines[i].len > 0) yw_buf_printf(out, "%s\n", lines[i].data);
        yw_buf_free(&lines[i]);
    }
}

void fake_dump(const struct yw_store_backend *b, struct yw_store *s, struct yw_buf *out) {
    static const struct {
        int64_t from, to;
        size_t most;
    } asked[] = {
        {FAKE_NOW - 10 * YW_DAY, FAKE_NOW + YW_DAY, 100000},
        {FAKE_NOW - 10 * YW_DAY, FAKE_NOW + YW_DAY, 40},
        {FAKE_NOW - 10 * YW_DAY, FAKE_NOW + YW_DAY, 12},
        {FAKE_NOW - 10 * YW_DAY, FAKE_NOW + YW_DAY, 5},
        {FAKE_NOW - 7 * YW_DAY - 5 * YW_HOUR - 7 * YW_SECOND, FAKE_NOW - 4 * YW_DAY + 123 * YW_MINUTE, 50},
        {FAKE_NOW - 7 * YW_DAY, FAKE_NOW - 6 * YW_DAY, 20},
    };
    struct yw_buf lines[4 * YW_KIND_COUNT];
    for (uint32_t outlet = 1; outlet <= 3; outlet++) {
        for (int kind = 1; kind <= 4; kind++) {
            yw_buf_puts(out, "rows\n");
            b->rows(s, outlet, (enum yw_kind)kind, FAKE_NOW - 400 * YW_DAY, FAKE_NOW + 20 * YW_DAY, dump_row,
                    out, NULL);
            yw_buf_puts(out, "recent\n");
            b->recent(s, outlet, (enum yw_kind)kind, FAKE_NOW - 5 * YW_DAY, 9, dump_row, out, NULL);
            b->factors(s, outlet, (enum yw_kind)kind, FAKE_NOW - 7 * YW_DAY, FAKE_NOW - 4 * YW_DAY - YW_HOUR,
                       out, NULL);
            yw_buf_puts(out, "\n");
            for (size_t i = 0; i < YW_COUNT(asked); i++) {
                dump_series(b, s, outlet, (enum yw_kind)kind, "a21026", asked[i].from, asked[i].to,
                            asked[i].most, out);
                dump_series(b, s, outlet, (enum yw_kind)kind, "w01018", asked[i].from, asked[i].to,
                            asked[i].most, out);
            }
        }
    }
    for (size_t i = 0; i < YW_COUNT(lines); i++) yw_buf_init(&lines[i], 4096);
    b->latest(s, 0, dump_latest, lines, NULL);
    dump_lines(lines, YW_COUNT(lines), out);
    for (size_t i = 0; i < 32; i++) yw_buf_init(&lines[i], 4096);
    b->waiting(s, dump_waiting, lines, NULL);
    dump_lines(lines, 32, out);
}
