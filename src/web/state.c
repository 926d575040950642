/* What is known of outlets at the moment, kept in memory so that the first page needs no search. */
#include "web/web_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256, CHUNKS = 1 << 14, DEVICES_PER_OUTLET = 16 };

/* An outlet is on line while data come in three times their interval (at least 3 minutes), then late, and
 * silent after ten times (at least 1 hour). Without a stated interval 60 s is taken. */
#define INTERVAL_S_DEFAULT 60
#define ONLINE_LEAST       (3 * YW_MINUTE)
#define LATE_LEAST         YW_HOUR

struct yw_states {
    pthread_mutex_t lock;
    struct yw_outlet_state *chunk[CHUNKS]; /* by outlet id */
};

struct yw_states *yw_states_create(void) {
    struct yw_states *s = calloc(1, sizeof *s);
    if (s != NULL) pthread_mutex_init(&s->lock, NULL);
    return s;
}

void yw_states_destroy(struct yw_states *s) {
    if (s == NULL) return;
    for (size_t i = 0; i < CHUNKS; i++) free(s->chunk[i]);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct yw_outlet_state *at(struct yw_states *s, uint32_t outlet, bool make) {
    size_t c = outlet / CHUNK;
    if (c >= CHUNKS) return NULL;
    if (s->chunk[c] == NULL && make) {
        s->chunk[c] = calloc(CHUNK, sizeof **s->chunk);
        for (size_t i = 0; s->chunk[c] != NULL && i < CHUNK; i++) {
            for (size_t h = 0; h < 24; h++) s->chunk[c][i].spark[h] = NAN;
        }
    }
    return s->chunk[c] != NULL ? &s->chunk[c][outlet % CHUNK] : NULL;
}

void yw_states_latest(struct yw_states *s, const struct yw_latest *l) {
    /* What people or web hooks tell of a station room is no sign of life of its device. */
    if (l->kind >= YW_KIND_COUNT || l->kind == YW_KIND_STATION) return;
    pthread_mutex_lock(&s->lock);
    struct yw_outlet_state *o = at(s, l->outlet, true);
    if (o != NULL) {
        o->last_time[l->kind] = l->time;
        o->source[l->kind] = l->source;
        if (l->source.arrival > o->last_arrival) o->last_arrival = l->source.arrival;
    }
    pthread_mutex_unlock(&s->lock);
}

void yw_states_get(struct yw_states *s, uint32_t outlet, struct yw_outlet_state *out) {
    pthread_mutex_lock(&s->lock);
    struct yw_outlet_state *o = at(s, outlet, false);
    if (o != NULL) {
        *out = *o;
    } else {
        memset(out, 0, sizeof *out);
        for (size_t h = 0; h < 24; h++) out->spark[h] = NAN;
    }
    pthread_mutex_unlock(&s->lock);
}

void yw_states_set_main(struct yw_states *s, uint32_t outlet, const struct yw_main_value *m, int64_t of) {
    pthread_mutex_lock(&s->lock);
    struct yw_outlet_state *o = at(s, outlet, true);
    if (o != NULL) {
        o->main = *m;
        o->main_of = of;
    }
    pthread_mutex_unlock(&s->lock);
}

void yw_states_set_spark(struct yw_states *s, uint32_t outlet, const double spark[24], int64_t now) {
    pthread_mutex_lock(&s->lock);
    struct yw_outlet_state *o = at(s, outlet, true);
    if (o != NULL) {
        memcpy(o->spark, spark, sizeof o->spark);
        o->spark_read = now;
    }
    pthread_mutex_unlock(&s->lock);
}

void yw_states_set_judged(struct yw_states *s, uint32_t outlet, const struct yw_last_judged *j) {
    pthread_mutex_lock(&s->lock);
    struct yw_outlet_state *o = at(s, outlet, true);
    if (o != NULL) o->judged = *j;
    pthread_mutex_unlock(&s->lock);
}

/* ---- state of the link ---- */

const char *yw_online_name(enum yw_online s) {
    static const char *const names[] = {"never", "silent", "late", "online"};
    return names[s];
}

enum yw_online yw_online_state(const struct yw_register *r, const struct yw_outlet *o,
                               const struct yw_outlet_state *s, int64_t now) {
    if (s->last_arrival == 0) return YW_STATE_NEVER;
    const struct yw_device *d[DEVICES_PER_OUTLET];
    size_t n = yw_register_devices_of(r, o->id, d, DEVICES_PER_OUTLET);
    int64_t interval = INTERVAL_S_DEFAULT;
    for (size_t i = 0; i < n; i++) {
        if (d[i]->state == YW_DEVICE_ADMITTED && d[i]->rtd_interval_s != 0) interval = d[i]->rtd_interval_s;
    }
    int64_t age = now - s->last_arrival, online = 3 * interval * YW_SECOND, late = 10 * interval * YW_SECOND;
    if (age <= (online > ONLINE_LEAST ? online : ONLINE_LEAST)) return YW_STATE_ONLINE;
    return age <= (late > LATE_LEAST ? late : LATE_LEAST) ? YW_STATE_LATE : YW_STATE_SILENT;
}

/* ---- the value shown for an outlet ---- */

const struct yw_factor_rule *yw_main_factor(const struct yw_register *r, uint32_t outlet) {
    size_t n;
    const struct yw_factor_rule *f = yw_register_factors(r, outlet, &n);
    for (size_t i = 0; i < n; i++) {
        if (!isnan(f[i].limit)) return &f[i];
    }
    return n > 0 ? &f[0] : NULL;
}

struct search {
    const struct yw_factor_rule *rule;
    const char *field;
    struct yw_main_value *out;
    bool found;
    struct yw_row best; /* values gone; only to compare */
};

static bool look(void *arg, const struct yw_row *row) {
    struct search *s = arg;
    const struct yw_value *value = NULL, *flag = NULL;
    for (size_t i = 0; i < row->count; i++) {
        if (strcmp(row->values[i].factor, s->rule->code) != 0) continue;
        if (strcmp(row->values[i].field, s->field) == 0) value = &row->values[i];
        if (strcmp(row->values[i].field, "Flag") == 0) flag = &row->values[i];
    }
    if (value == NULL || (s->found && !yw_row_counts_over(row, &s->best))) return true;
    s->found = true;
    s->best = *row;
    s->out->flag[0] = '\0';
    yw_copy(s->out->factor, sizeof s->out->factor, s->rule->code, strlen(s->rule->code));
    yw_value_print(value, s->out->text, sizeof s->out->text);
    if (flag != NULL) yw_value_print(flag, s->out->flag, sizeof s->out->flag);
    s->out->time = row->time;
    return true;
}

void yw_states_refresh_main(struct yw_states *s, struct yw_store *store, const struct yw_register *r,
                            const struct yw_outlet *o, struct yw_outlet_state *state) {
    enum yw_kind kind =
        state->last_time[YW_KIND_REAL] >= state->last_time[YW_KIND_MINUTE] ? YW_KIND_REAL : YW_KIND_MINUTE;
    int64_t newest = state->last_time[kind];
    const struct yw_factor_rule *rule = yw_main_factor(r, o->id);
    if (store == NULL || rule == NULL || newest == 0 || state->main_of == newest) return;
    struct yw_main_value m = {0};
    struct search search = {.rule = rule, .field = kind == YW_KIND_REAL ? "Rtd" : "Avg", .out = &m};
    if (yw_store_sqlite.rows(store, o->id, kind, newest, newest + 1, look, &search, NULL) != YW_OK) return;
    if (!search.found) m = state->main; /* the record does not hold that factor: what was shown stays */
    state->main = m;
    state->main_of = newest;
    yw_states_set_main(s, o->id, &m, newest);
}

void yw_put_main(struct yw_buf *b, const struct yw_register *r, uint32_t outlet,
                 const struct yw_main_value *m) {
    const struct yw_factor_rule *rule = yw_main_factor(r, outlet);
    yj_key(b, "main");
    if (rule == NULL || m->factor[0] == '\0' || strcmp(rule->code, m->factor) != 0) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    yj_put_text(b, "factor", m->factor);
    yj_put_text(b, "unit", rule->unit);
    yj_put_text(b, "value", m->text);
    yj_put_text_or_null(b, "flag", m->flag);
    yj_put_time(b, "time", m->time);
    yj_put_f64(b, "limit", rule->limit);
    yj_close(b, '}');
}
