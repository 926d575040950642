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

/* ---- commands and devices ---- */

static struct yw_source some_source(uint64_t *seed, uint16_t journal) {
    return (struct yw_source){.arrival = FAKE_NOW + (int64_t)(fake_random(seed) % 5000) * YW_SECOND,
                              .journal = journal,
                              .position = fake_random(seed) % 100000};
}

/* What act and events say of command k; the act says the same whenever it is said. */
static struct yw_asked some_part(uint64_t *seed) {
    static const uint16_t commands[] = {1011, 1012, 2051, 3020};
    static const char *const clocks[] = {"SystemTime=20261107000010", "SystemTime=20261107003000", "nothing"};
    unsigned k = (unsigned)(fake_random(seed) % 12);
    struct yw_asked a = yw_asked_part(FAKE_NOW + k * 7);
    struct yw_source source = some_source(seed, (uint16_t)(k % 3));
    switch (fake_random(seed) % 6) {
    case 0:
        a.device = 1 + k % 4;
        a.outlet = 1 + k % 3;
        a.cn = commands[k % 4];
        a.version = 2017;
        a.answer = (uint8_t)(k % 3);
        a.origin = (uint8_t)(1 + k % 3);
        a.at = FAKE_NOW + k * 7;
        a.valid_until = a.at + 600 * YW_SECOND;
        memcpy(a.qn, "20261107000000000", 18);
        yw_copy(a.by, sizeof a.by, "li", 2);
        yw_copy(a.cp, sizeof a.cp, "PolId=a21026", 12);
        break;
    case 1:
        a.sent = a.first = source;
        a.attempts = (uint16_t)(1 + fake_random(seed) % 4);
        a.until = source.arrival + 40 * YW_SECOND;
        break;
    case 2:
        a.accepted = source;
        a.qnrtn = 1;
        break;
    case 3:
    case 4: {
        const char *cp = clocks[fake_random(seed) % 3];
        a.answers[0] = source;
        a.answer_n = 1;
        yw_copy(a.answer_cp, sizeof a.answer_cp, cp, strlen(cp));
        break;
    }
    default:
        if (k % 2) break;
        a.ended = source;
        a.outcome = (uint8_t)(1 + fake_random(seed) % 6);
        a.exertn = (int16_t)(fake_random(seed) % 3);
        a.uploads = (uint32_t)(fake_random(seed) % 9);
    }
    return a;
}

static void some_fact(struct yw_device_fact *f, uint64_t *seed) {
    static const char *const names[] = {"SO2", "NOx", "q1", "q2", "q3", "q4",
                                        "q5",  "q6",  "q7", "q8", "q9", "a1,q55"};
    *f = (struct yw_device_fact){.device = 1 + (uint32_t)(fake_random(seed) % 4)};
    f->first = some_source(seed, (uint16_t)(fake_random(seed) % 3));
    f->last = f->first;
    f->last.arrival += 1000;
    f->last.position += 500;
    f->packets = 1 + fake_random(seed) % 5;
    f->crc_lower = fake_random(seed) % 2;
    f->version[fake_random(seed) % 3] = f->packets;
    f->findings[fake_random(seed) % 64] = 1;
    if (fake_random(seed) % 3 == 0) {
        f->encrypted = 1;
        f->key_id = (uint32_t)(f->last.position % 50);
        f->key_last = f->last;
    }
    const char *name = names[fake_random(seed) % YW_COUNT(names)];
    yw_copy(f->names, sizeof f->names, name, strlen(name));
}

static void some_day(struct yw_device_day *d, uint64_t *seed) {
    struct yw_source last = some_source(seed, (uint16_t)(fake_random(seed) % 3));
    int64_t ms = (int64_t)(fake_random(seed) % 5000) - 1000;
    *d = (struct yw_device_day){.device = 1 + (uint32_t)(fake_random(seed) % 4), .last = last, .last_ms = ms};
    d->day = yw_china_day(FAKE_NOW) - (int32_t)(fake_random(seed) % 3);
    if (fake_random(seed) % 5 == 0) {
        d->odd_n = 1;
    } else {
        d->n = 2;
        d->sum_ms = 2 * ms + 10;
        d->min_ms = ms;
        d->max_ms = ms + 10;
    }
}

static void some_link(struct yw_device_link *l, uint64_t *seed) {
    *l = (struct yw_device_link){.device = 1 + (uint32_t)(fake_random(seed) % 4),
                                 .journal = (uint16_t)(fake_random(seed) % 2),
                                 .link = 1 + fake_random(seed) % 3};
    yw_copy(l->peer, sizeof l->peer, fake_random(seed) % 2 ? "10.0.0.1:5" : "10.0.0.2:5", 10);
    l->first = FAKE_NOW + (int64_t)(fake_random(seed) % 1000) * YW_SECOND;
    l->last = l->first + (int64_t)(fake_random(seed) % 1000) * YW_SECOND;
    l->packets = fake_random(seed) % 4;
    l->refused = l->packets == 0 ? 1 : 0;
    l->position = fake_random(seed) % 100000;
}

static void some_notice(struct yw_notice *n, uint64_t *seed) {
    uint16_t cn = (uint16_t)(fake_random(seed) % 2 ? 1013 : 1001);
    *n = (struct yw_notice){.cn = cn, .count = 1 + fake_random(seed) % 2};
    n->device = cn == 1013 ? 1 + (uint32_t)(fake_random(seed) % 4) : 0;
    if (cn == 1001) n->hardware[0] = (char)('A' + fake_random(seed) % 3);
    n->last = some_source(seed, (uint16_t)(fake_random(seed) % 3));
    n->cp[0] = (char)('a' + n->last.position % 26);
    n->peer[0] = (char)('a' + n->last.position % 25);
}

static void some_word(struct fake_word *w, uint64_t *seed) {
    memset(w, 0, sizeof *w);
    w->what = "ccccccsfffdddlllnn"[fake_random(seed) % 18];
    if (w->what == 's') w->start = some_source(seed, (uint16_t)(fake_random(seed) % 3));
    if (w->what == 's') w->start.position /= 8; /* most commands were sent behind it */
    if (w->what == 'c') w->asked = some_part(seed);
    if (w->what == 'f') some_fact(&w->fact, seed);
    if (w->what == 'd') some_day(&w->day, seed);
    if (w->what == 'l') some_link(&w->link, seed);
    if (w->what == 'n') some_notice(&w->notice, seed);
}

enum yw_code fake_put_word(const struct yw_store_backend *b, struct yw_store *s, const struct fake_word *w,
                           struct yw_error *err) {
    switch (w->what) {
    case 's':
        return b->put_start(s, &w->start, err);
    case 'c':
        return b->put_command(s, &w->asked, err);
    case 'f':
        return b->put_fact(s, &w->fact, err);
    case 'd':
        return b->put_clock(s, &w->day, err);
    case 'l':
        return b->put_link(s, &w->link, err);
    default:
        return b->put_notice(s, &w->notice, err);
    }
}

void fake_set_make(struct fake_set *set, uint64_t seed, size_t n) {
    uint64_t words_seed = seed * 40503 + 977;
    set->words_n = n / 3;
    set->words = calloc(set->words_n + 1, sizeof *set->words);
    for (size_t i = 0; i < set->words_n; i++) some_word(&set->words[i], &words_seed);
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
    free(set->words);
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

static bool dump_asked(void *arg, const struct yw_asked *a) {
    struct yw_buf *out = arg;
    yw_buf_printf(out,
                  "command %" PRId64 " %u %u %u %u %u %u %u %s %s %s '%s' %s %s %" PRId64 " %" PRId64 " ",
                  a->id, a->device, a->outlet, a->cn, a->version, a->flow, a->answer, a->origin, a->qn, a->by,
                  a->key, a->cp, a->reason, a->target, a->at, a->valid_until);
    const struct yw_source *sources[] = {&a->sent, &a->first, &a->accepted, &a->ended};
    for (size_t i = 0; i < YW_COUNT(sources); i++) {
        dump_source(out, sources[i]);
        yw_buf_putc(out, ' ');
    }
    yw_buf_printf(out, "%" PRId64 " %u %d %d %u %d %u:", a->until, a->attempts, a->qnrtn, a->exertn,
                  a->outcome, a->lost, a->uploads);
    for (size_t i = 0; i < a->answer_n; i++) {
        yw_buf_putc(out, ' ');
        dump_source(out, &a->answers[i]);
    }
    yw_buf_printf(out, " '%s'\n", a->answer_cp);
    return true;
}

static bool dump_fact(void *arg, const struct yw_device_fact *f) {
    struct yw_buf *out = arg;
    yw_buf_printf(out,
                  "fact %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %u '%s' ",
                  f->device, f->packets, f->encrypted, f->crc_lower, f->version[0], f->version[1],
                  f->version[2], f->key_id, f->names);
    for (size_t i = 0; i < YW_COUNT(f->findings); i++) yw_buf_printf(out, "%" PRIu64 ",", f->findings[i]);
    dump_source(out, &f->first);
    yw_buf_putc(out, ' ');
    dump_source(out, &f->last);
    yw_buf_putc(out, ' ');
    dump_source(out, &f->key_last);
    yw_buf_putc(out, '\n');
    return true;
}

static bool dump_day(void *arg, const struct yw_device_day *d) {
    struct yw_buf *out = arg;
    yw_buf_printf(out, "clock %u %d %u %u %u %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " ",
                  d->device, d->day, d->n, d->asked_n, d->odd_n, d->sum_ms, d->min_ms, d->max_ms, d->last_ms,
                  d->asked_ms);
    dump_source(out, &d->last);
    yw_buf_putc(out, ' ');
    dump_source(out, &d->asked_last);
    yw_buf_putc(out, '\n');
    return true;
}

static bool dump_link(void *arg, const struct yw_device_link *l) {
    yw_buf_printf(
        arg, "link %u p%u %" PRIu64 " %s %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
        l->device, l->journal, l->link, l->peer, l->first, l->last, l->packets, l->refused, l->position);
    return true;
}

static bool dump_notice(void *arg, const struct yw_notice *n) {
    struct yw_buf *out = arg;
    yw_buf_printf(out, "notice %u '%s' %u %" PRIu64 " '%s' %s ", n->device, n->hardware, n->cn, n->count,
                  n->cp, n->peer);
    dump_source(out, &n->last);
    yw_buf_putc(out, '\n');
    return true;
}

static bool dump_time(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    yw_buf_printf(arg, "%" PRId64 " %" PRId64 " %u\n", time, arrival, flags);
    return true;
}

static void dump_devices(const struct yw_store_backend *b, struct yw_store *s, struct yw_buf *out) {
    static const struct yw_asked_filter filters[] = {
        {0},
        {.device = 2},
        {.outlet = 1, .since = FAKE_NOW + 20},
        {.cn = 1011},
        {.open = true},
        {.device = 1, .open = true, .before = FAKE_NOW + 60},
        {.device = 2, .cn = 1012},
        {.id = FAKE_NOW + 14},
        {.before = FAKE_NOW + 40},
    };
    for (size_t i = 0; i < YW_COUNT(filters); i++) {
        yw_buf_printf(out, "commands %zu\n", i);
        b->commands(s, &filters[i], i == 0 ? 1000 : 4, dump_asked, out, NULL);
    }
    for (uint32_t device = 0; device < 4; device += 2) {
        b->facts(s, device, dump_fact, out, NULL);
        b->clocks(s, device, yw_china_day(FAKE_NOW) - 400, dump_day, out, NULL);
        b->clocks(s, device, yw_china_day(FAKE_NOW) - 1, dump_day, out, NULL);
        b->links(s, device, 0, dump_link, out, NULL);
        b->links(s, device, FAKE_NOW + 900 * YW_SECOND, dump_link, out, NULL);
    }
    b->notices(s, 0, dump_notice, out, NULL);
    b->notices(s, FAKE_NOW + 2500 * YW_SECOND, dump_notice, out, NULL);
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
        for (int kind = 1; kind < YW_KIND_COUNT; kind++) {
            if (kind > 4 && kind != YW_KIND_STATION) continue;
            yw_buf_puts(out, "rows\n");
            b->rows(s, outlet, (enum yw_kind)kind, FAKE_NOW - 400 * YW_DAY, FAKE_NOW + 20 * YW_DAY, dump_row,
                    out, NULL);
            yw_buf_puts(out, "times\n");
            b->times(s, outlet, (enum yw_kind)kind, FAKE_NOW - 400 * YW_DAY, FAKE_NOW + 20 * YW_DAY,
                     dump_time, out, NULL);
            b->times(s, outlet, (enum yw_kind)kind, FAKE_NOW - 6 * YW_DAY + YW_HOUR,
                     FAKE_NOW - 4 * YW_DAY - YW_HOUR, dump_time, out, NULL);
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
    dump_devices(b, s, out);
}
