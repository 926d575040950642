/* Shifts: which one a moment belongs to, their lines in the journal, and the book of them. */
#include "web/shifts.h"

#include "web/policies.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64 << 10, LET_GO = 10000, OPEN_BYTES = YW_SHIFT_OPEN_MAX * 24 };

static const char *const kinds[] = {"", "begin", "entry", "offer", "accept", "refuse", "cancel"};

const char *yw_shift_kind_name(uint8_t kind) {
    return kind < YW_COUNT(kinds) ? kinds[kind] : "";
}

/* ---- which shift ---- */

static void name_shift(struct yw_shift *s, int64_t day_start, bool night, int64_t first, int64_t second) {
    struct yw_civil c;
    yw_time_to_civil(day_start, YW_CHINA, &c);
    s->night = night;
    s->from = day_start + (night ? second : first) * YW_MINUTE;
    s->to = night ? day_start + YW_DAY + first * YW_MINUTE : day_start + second * YW_MINUTE;
    snprintf(s->name, sizeof s->name, "%04u%02u%02u-%c", (unsigned)c.year % 10000, (unsigned)c.month % 100,
             (unsigned)c.day % 100, night ? '2' : '1');
}

void yw_shift_at(int64_t time, int64_t first, int64_t second, struct yw_shift *out) {
    int64_t day = yw_china_day_start(yw_china_day(time));
    if (time < day + first * YW_MINUTE) {
        name_shift(out, day - YW_DAY, true, first, second);
    } else {
        name_shift(out, day, time >= day + second * YW_MINUTE, first, second);
    }
}

bool yw_shift_parse(const char *name, int64_t first, int64_t second, struct yw_shift *out) {
    char digits[16];
    int64_t day;
    if (strlen(name) != 10 || name[8] != '-' || (name[9] != '1' && name[9] != '2')) return false;
    snprintf(digits, sizeof digits, "%.4s-%.2s-%.2s", name, name + 4, name + 6);
    if (!yw_time_parse(digits, strlen(digits), &day)) return false;
    name_shift(out, day, name[9] == '2', first, second);
    return strcmp(out->name, name) == 0;
}

void yw_shift_of(const struct yw_register *r, int64_t time, struct yw_shift *out) {
    int64_t first = yw_policy_of(r, "shift_first_min"), second = yw_policy_of(r, "shift_second_min");
    if (second <= first) first = 480, second = 1200; /* set the wrong way round: as by default */
    yw_shift_at(time, first, second, out);
}

/* ---- lines ---- */

bool yw_shift_line_put(struct yw_buf *b, const struct yw_shift_line *l) {
    yj_open(b, '{');
    yj_key(b, "shift");
    yj_open(b, '{');
    yj_put_i64(b, "id", l->id);
    yj_put_text(b, "kind", yw_shift_kind_name(l->kind));
    yj_put_text(b, "shift", l->shift);
    yj_put_text(b, "unit", l->unit);
    yj_put_i64(b, "at", l->at);
    yj_put_text(b, "by", l->by);
    if (l->to[0] != '\0') yj_put_text(b, "to", l->to);
    if (l->of != 0) yj_put_i64(b, "of", l->of);
    if (l->text[0] != '\0') yj_put_text(b, "text", l->text);
    if (l->open != NULL) yj_put_text(b, "open", l->open);
    yj_close(b, '}');
    yj_close(b, '}');
    return !b->failed;
}

static bool text_of(const json_t *o, const char *name, char *to, size_t size) {
    const char *text = json_string_value(json_object_get(o, name));
    to[0] = '\0';
    return text == NULL || yw_copy(to, size, text, strlen(text));
}

static bool read_members(const json_t *o, struct yw_shift_line *l) {
    const char *kind = json_string_value(json_object_get(o, "kind")),
               *open = json_string_value(json_object_get(o, "open"));
    l->id = json_integer_value(json_object_get(o, "id"));
    l->at = json_integer_value(json_object_get(o, "at"));
    l->of = json_integer_value(json_object_get(o, "of"));
    for (uint8_t k = 1; kind != NULL && k < YW_COUNT(kinds); k++) {
        if (strcmp(kinds[k], kind) == 0) l->kind = k;
    }
    if (l->id <= 0 || l->kind == 0 || !text_of(o, "shift", l->shift, sizeof l->shift) ||
        !text_of(o, "unit", l->unit, sizeof l->unit) || !text_of(o, "by", l->by, sizeof l->by) ||
        !text_of(o, "to", l->to, sizeof l->to) || !text_of(o, "text", l->text, sizeof l->text) ||
        (open != NULL && strlen(open) > OPEN_BYTES))
        return false;
    if (open == NULL) return true;
    l->open = malloc(strlen(open) + 1);
    if (l->open != NULL) memcpy(l->open, open, strlen(open) + 1);
    return l->open != NULL;
}

bool yw_shift_line_read(const char *json, size_t n, struct yw_shift_line *out) {
    static const char begin[] = "{\"shift\":";
    memset(out, 0, sizeof *out);
    if (n < sizeof begin || memcmp(json, begin, sizeof begin - 1) != 0) return false;
    json_t *o = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *l = json_object_get(o, "shift");
    bool good = json_is_object(l) && read_members(l, out);
    json_decref(o);
    return good;
}

/* ---- the book ---- */

struct yw_shifts {
    struct yw_shift_line **at;
    size_t n, cap;
    int64_t last_id;
};

struct yw_shifts *yw_shifts_create(void) {
    return calloc(1, sizeof(struct yw_shifts));
}

static void free_line(struct yw_shift_line *l) {
    if (l == NULL) return;
    free(l->open);
    free(l);
}

void yw_shifts_destroy(struct yw_shifts *s) {
    if (s == NULL) return;
    for (size_t i = 0; i < s->n; i++) free_line(s->at[i]);
    free(s->at);
    free(s);
}

/* Takes l->open over, also when it fails. */
static bool keep(struct yw_shifts *s, const struct yw_shift_line *l) {
    if (s->n == YW_SHIFT_ENTRIES_MAX) {
        for (size_t i = 0; i < LET_GO; i++) free_line(s->at[i]);
        s->n -= LET_GO;
        memmove(s->at, s->at + LET_GO, s->n * sizeof(struct yw_shift_line *));
    }
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 256 : s->cap * 2;
        struct yw_shift_line **more = realloc(s->at, cap * sizeof(struct yw_shift_line *));
        if (more != NULL) {
            s->at = more;
            s->cap = cap;
        }
    }
    struct yw_shift_line *copy = s->n < s->cap && l->id > s->last_id ? malloc(sizeof *copy) : NULL;
    if (copy == NULL) {
        free(l->open);
        return false;
    }
    *copy = *l;
    s->at[s->n++] = copy;
    s->last_id = l->id;
    return true;
}

void yw_shifts_replay(struct yw_shifts *s, const char *json, size_t n) {
    struct yw_shift_line l;
    if (yw_shift_line_read(json, n, &l)) {
        (void)keep(s, &l);
    } else {
        free(l.open);
    }
}

enum yw_code yw_shifts_commit(struct yw_web *w, struct yw_shift_line *l, struct yw_error *err) {
    struct yw_buf b;
    yw_buf_init(&b, LINE_BYTES);
    l->id = w->shifts->last_id + 1;
    enum yw_code code = yw_shift_line_put(&b, l) ? yw_acts_note(w->acts, b.data, b.len, err)
                                                 : yw_fail(err, YW_E_LIMIT, "the entry is too long");
    yw_buf_free(&b);
    if (code == YW_OK) {
        (void)keep(w->shifts, l);
    } else {
        free(l->open);
    }
    return code;
}

size_t yw_shifts_count(const struct yw_shifts *s) {
    return s->n;
}

const struct yw_shift_line *yw_shifts_at(const struct yw_shifts *s, size_t i) {
    return i < s->n ? s->at[i] : NULL;
}

const struct yw_shift_line *yw_shifts_pending(const struct yw_shifts *s, const char *unit) {
    int64_t ended = 0;
    for (size_t i = s->n; i > 0; i--) {
        const struct yw_shift_line *l = s->at[i - 1];
        if (strcmp(l->unit, unit) != 0) continue;
        if (l->kind == YW_SHIFT_OFFER) return l->id == ended ? NULL : l;
        if (l->of != 0 && ended == 0) ended = l->of;
    }
    return NULL;
}
