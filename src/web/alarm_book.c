/* The book of alarms: entries of lines applied one after the other, and found again by number and by key. */
#include "web/alarms.h"

#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 16, STEPS_FIRST = 4, LINE_BYTES = 1 << 20, LET_GO = 1000 };

struct yw_alarms {
    struct yw_alarm **at; /* in order of id */
    size_t n, cap;
    struct yw_alarm *bucket[BUCKETS];
    int64_t last_id;
    int32_t last_day; /* of the last number, and how many that day has had */
    uint32_t last_n;
    struct yw_alarm_entry *read; /* YW_ALARM_MANY, for replay */
};

struct yw_alarms *yw_alarms_create(void) {
    struct yw_alarms *a = calloc(1, sizeof *a);
    if (a == NULL) return NULL;
    a->read = calloc(YW_ALARM_MANY, sizeof *a->read);
    if (a->read != NULL) return a;
    free(a);
    return NULL;
}

static void free_alarm(struct yw_alarm *a) {
    for (uint32_t i = 0; i < a->step_n; i++) free((void *)(uintptr_t)a->steps[i].by);
    free(a->steps);
    free(a);
}

void yw_alarms_destroy(struct yw_alarms *a) {
    if (a == NULL) return;
    for (size_t i = 0; i < a->n; i++) free_alarm(a->at[i]);
    free(a->at);
    free(a->read);
    free(a);
}

/* ---- finding ---- */

static size_t bucket_of(const struct yw_episode *e) {
    unsigned char key[24] = {0};
    yw_put_u32(key, e->outlet);
    key[4] = e->kind, key[5] = e->basis, key[6] = e->period;
    (void)yw_copy((char *)key + 7, sizeof e->factor, e->factor, strnlen(e->factor, sizeof e->factor));
    return (size_t)(yw_hash64(key, sizeof key, 0) % BUCKETS);
}

bool yw_alarm_is_of(const struct yw_alarm *a, const struct yw_episode *key) {
    const struct yw_episode *e = &a->episode;
    return e->outlet == key->outlet && e->kind == key->kind && e->basis == key->basis &&
           e->period == key->period && strcmp(e->factor, key->factor) == 0;
}

struct yw_alarm *yw_alarms_of(const struct yw_alarms *a, const struct yw_episode *key,
                              const struct yw_alarm *after) {
    struct yw_alarm *x = after == NULL ? a->bucket[bucket_of(key)] : after->next;
    while (x != NULL && !yw_alarm_is_of(x, key)) x = x->next;
    return x;
}

size_t yw_alarms_count(const struct yw_alarms *a) {
    return a->n;
}

struct yw_alarm *yw_alarms_at(const struct yw_alarms *a, size_t i) {
    return i < a->n ? a->at[i] : NULL;
}

static struct yw_alarm *by_id(const struct yw_alarms *a, int64_t id) {
    size_t low = 0, high = a->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->at[middle]->id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < a->n && a->at[low]->id == id ? a->at[low] : NULL;
}

/* "BJ20261123-0147" -> day and place of that day; numbers grow with ids, so they are searched like them. */
static bool number_parts(const char *number, uint32_t *day, uint32_t *n) {
    return strlen(number) >= 15 && strncmp(number, "BJ", 2) == 0 && number[10] == '-' &&
           yw_parse_u32(number + 2, 8, UINT32_MAX, day) &&
           yw_parse_u32(number + 11, strlen(number + 11), UINT32_MAX, n);
}

static int compare_numbers(const char *a, const char *b) {
    uint32_t day[2] = {0}, n[2] = {0};
    (void)number_parts(a, &day[0], &n[0]);
    (void)number_parts(b, &day[1], &n[1]);
    return day[0] != day[1] ? (day[0] < day[1] ? -1 : 1) : (n[0] > n[1]) - (n[0] < n[1]);
}

struct yw_alarm *yw_alarms_find(const struct yw_alarms *a, const char *number) {
    size_t low = 0, high = a->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_numbers(a->at[middle]->number, number) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < a->n && strcmp(a->at[low]->number, number) == 0 ? a->at[low] : NULL;
}

/* ---- changing ---- */

static void unlink_key(struct yw_alarms *a, struct yw_alarm *x) {
    struct yw_alarm **p = &a->bucket[bucket_of(&x->episode)];
    while (*p != NULL && *p != x) p = &(*p)->next;
    if (*p != NULL) *p = x->next;
}

/* The oldest closed ones leave the book; the journal keeps them. */
static void let_go(struct yw_alarms *a) {
    size_t kept = 0, gone = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (gone < LET_GO && a->at[i]->state.stage == YW_STAGE_CLOSED) {
            unlink_key(a, a->at[i]);
            free_alarm(a->at[i]);
            gone++;
        } else {
            a->at[kept++] = a->at[i];
        }
    }
    a->n = kept;
}

static struct yw_alarm *add_alarm(struct yw_alarms *a, const struct yw_alarm_entry *e) {
    uint32_t day, n;
    if (e->id <= a->last_id || !number_parts(e->number, &day, &n)) return NULL;
    if (a->n == YW_ALARMS_MAX) let_go(a);
    if (a->n == a->cap) {
        size_t cap = a->cap == 0 ? 1024 : a->cap * 2;
        struct yw_alarm **more = realloc(a->at, cap * sizeof(struct yw_alarm *));
        if (more == NULL) return NULL;
        a->at = more;
        a->cap = cap;
    }
    struct yw_alarm *x = calloc(1, sizeof *x);
    if (x == NULL || a->n == YW_ALARMS_MAX) {
        free(x);
        return NULL;
    }
    x->id = e->id;
    x->raised = e->step.at;
    x->past = strcmp(e->step.result, "past") == 0;
    memcpy(x->number, e->number, sizeof x->number);
    x->episode = e->episode;
    size_t b = bucket_of(&x->episode);
    x->next = a->bucket[b];
    a->bucket[b] = x;
    a->at[a->n++] = x;
    a->last_id = e->id;
    a->last_day = (int32_t)day;
    a->last_n = n;
    return x;
}

/* The texts of a step in one piece; `by` is its beginning. */
static bool keep_step(struct yw_alarm *x, const struct yw_alarm_step *s) {
    if (x->step_n >= YW_ALARM_STEPS_MAX) return false;
    if (x->step_n == 0 || (x->step_n >= STEPS_FIRST && (x->step_n & (x->step_n - 1)) == 0)) {
        size_t cap = x->step_n == 0 ? STEPS_FIRST : (size_t)x->step_n * 2;
        struct yw_kept_step *more = realloc(x->steps, cap * sizeof *more);
        if (more == NULL) return false;
        x->steps = more;
    }
    const char *from[5] = {s->by, s->unit, s->to_unit, s->result, s->text}, *to[5];
    size_t bytes = 0;
    for (size_t i = 0; i < 5; i++) bytes += strlen(from[i]) + 1;
    char *texts = malloc(bytes);
    if (texts == NULL) return false;
    for (size_t i = 0, at = 0; i < 5; i++) {
        size_t n = strlen(from[i]) + 1;
        to[i] = memcpy(texts + at, from[i], n);
        at += n;
    }
    x->steps[x->step_n++] = (struct yw_kept_step){s->kind, s->at, to[0], to[1], to[2], to[3], to[4]};
    return true;
}

static struct yw_alarm *apply(struct yw_alarms *a, const struct yw_alarm_entry *e) {
    bool raises = e->has_step && e->step.kind == YW_STEP_RAISE;
    struct yw_alarm *x = raises && e->has_episode ? add_alarm(a, e) : by_id(a, e->id);
    if (x == NULL || strcmp(x->number, e->number) != 0) return NULL;
    if (e->has_episode && yw_alarm_is_of(x, &e->episode)) {
        x->episode = e->episode;
        memcpy(x->verdict, e->verdict, sizeof x->verdict);
        memcpy(x->measure, e->measure, sizeof x->measure);
        x->converted = e->converted;
    }
    if (e->has_step && yw_step_allowed(&x->state, &e->step, NULL) && keep_step(x, &e->step))
        (void)yw_step_apply(&x->state, &e->step);
    return x;
}

void yw_alarms_replay(struct yw_alarms *a, const char *json, size_t n) {
    size_t count;
    if (!yw_alarm_line_read(json, n, a->read, &count)) return;
    for (size_t i = 0; i < count; i++) (void)apply(a, &a->read[i]);
}

/* ---- committing ---- */

static uint32_t day_number(int64_t at) {
    struct yw_civil c;
    yw_time_to_civil(at, YW_CHINA, &c);
    return (uint32_t)(c.year * 10000 + c.month * 100 + c.day);
}

/* Numbers only ever grow, whatever the clock does. */
static void give_number(const struct yw_alarms *a, struct yw_alarm_entry *e, size_t before) {
    uint32_t day = day_number(e->step.at), last = (uint32_t)a->last_day;
    uint32_t n = day > last ? 0 : a->last_n;
    if (day < last) day = last;
    e->id = a->last_id + 1 + (int64_t)before;
    snprintf(e->number, sizeof e->number, "BJ%08u-%04u", day, n + 1 + (uint32_t)before);
}

enum yw_code yw_alarms_commit(struct yw_web *w, struct yw_alarm_entry *e, size_t n, struct yw_error *err) {
    struct yw_alarms *a = w->alarms;
    size_t raised = 0;
    for (size_t i = 0; i < n; i++) {
        if (e[i].has_step && e[i].step.kind == YW_STEP_RAISE) give_number(a, &e[i], raised++);
    }
    struct yw_buf line;
    yw_buf_init(&line, LINE_BYTES);
    enum yw_code code = yw_alarm_line_put(&line, e, n)
                            ? yw_acts_note(w->acts, line.data, line.len, err)
                            : yw_fail(err, YW_E_LIMIT, "the line is too long: do it in parts");
    yw_buf_free(&line);
    for (size_t i = 0; code == YW_OK && i < n; i++) (void)apply(a, &e[i]);
    return code;
}
