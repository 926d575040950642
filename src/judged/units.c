/* What ran when, of units whose values are not (or not alone) in the minute and hour records of the outlet:
 * real-time values of currents, power and conditions (ST 44, 45), those of another outlet, states (2021) and
 * running hours (2041) of facilities. */
#include "judged/judging.h"
#include "store/rules.h"

#include <string.h>

enum { HOURS_MOST = 24 };

struct value { /* the last one of a unit */
    int64_t time;
    double number;
    bool any, live;
};

struct reading {
    const struct yw_site *site;
    struct yw_unit_hour *out; /* unit_n for each hour */
    int64_t from;
    size_t hours;
    uint32_t source;
    uint8_t records; /* of the units that are read */
    enum yw_kind kind;
    int64_t hold;
    bool open[YW_SITE_UNITS][HOURS_MOST]; /* hours that this kind may fill */
    struct value last[YW_SITE_UNITS];
};

static bool takes(const struct reading *x, size_t u) {
    return x->site->units[u].source == x->source && x->site->units[u].records == x->records;
}

/* A unit's value holds until `next`, at most as long as its kind allows. */
static void hold(struct reading *x, size_t u, int64_t next) {
    struct value *v = &x->last[u];
    const struct yw_site_unit *unit = &x->site->units[u];
    int64_t from = v->time, to = v->time + x->hold;
    double number = v->number;
    if (!v->any) return;
    v->any = false;
    if (x->kind == YW_KIND_RUNTIME) { /* hours of a day: only a whole one tells about each of its minutes */
        if (!yw_operation_runtime(unit, number, &number)) return;
        from = yw_china_day_start(yw_china_day(v->time));
        to = from + YW_DAY;
    } else if (next < to && x->kind != YW_KIND_HOUR) {
        to = next;
    }
    if (x->kind == YW_KIND_MINUTE && to > yw_hour_of(from) + YW_HOUR) to = yw_hour_of(from) + YW_HOUR;
    for (size_t h = 0; h < x->hours; h++) {
        int64_t hour = x->from + (int64_t)h * YW_HOUR;
        if (hour < to && hour + YW_HOUR > from && x->open[u][h])
            yw_operation_hold(unit, from, to, number, &x->out[h * x->site->unit_n + u]);
    }
}

/* Numbers as they are; a mark of working conditions (ST 45): N runs, F stands still, others say nothing. */
static bool number_of(const struct yw_value *v, double *number) {
    if (yw_value_f64(v, number)) return true;
    if (!v->is_text || v->text_n != 1 || (v->text[0] != 'N' && v->text[0] != 'F')) return false;
    *number = v->text[0] == 'N' ? 1 : 0;
    return true;
}

static bool is_field(const struct reading *x, const char *field) {
    if (x->records == YW_UNIT_FACILITY) return strcmp(field, "RS") == 0;
    if (x->records == YW_UNIT_RUNTIME) return strcmp(field, "RT") == 0;
    return strcmp(field, "Avg") == 0 || strcmp(field, "Rtd") == 0;
}

/* Rows come in order of time and source. Of one time the later counts, and a live one before a backfilled. */
static bool take_row(void *arg, const struct yw_row *row) {
    struct reading *x = arg;
    bool live = !(row->flags & YW_ROW_BACKFILLED);
    for (size_t i = 0; i < row->count; i++) {
        const struct yw_value *v = &row->values[i];
        double number;
        if (!is_field(x, v->field) || !number_of(v, &number)) continue;
        for (size_t u = 0; u < x->site->unit_n; u++) {
            struct value *last = &x->last[u];
            if (!takes(x, u) || strcmp(x->site->units[u].factor, v->factor) != 0) continue;
            if (last->any && last->time == row->time && last->live && !live) continue;
            if (last->any && last->time != row->time) hold(x, u, row->time);
            *last = (struct value){row->time, number, true, live};
        }
    }
    return true;
}

/* Hours of which nothing is known yet are this kind's to fill; false: there are none. */
static bool open_hours(struct reading *x) {
    bool any = false;
    for (size_t u = 0; u < x->site->unit_n; u++) {
        x->last[u].any = false;
        for (size_t h = 0; h < x->hours; h++) {
            x->open[u][h] = takes(x, u) && x->out[h * x->site->unit_n + u].known == 0;
            any = any || x->open[u][h];
        }
    }
    return any;
}

static enum yw_code read_kind(struct reading *x, const struct yw_store_backend *backend,
                              struct yw_store *store, enum yw_kind kind, int64_t hold_for,
                              struct yw_error *err) {
    int64_t to = x->from + (int64_t)x->hours * YW_HOUR, back = kind == YW_KIND_MINUTE ? 0 : hold_for;
    x->kind = kind;
    x->hold = hold_for;
    if (!open_hours(x)) return YW_OK;
    if (kind == YW_KIND_HOUR) back = 0;
    enum yw_code code = backend->rows(store, x->source, kind, x->from - back, to, take_row, x, err);
    for (size_t u = 0; u < x->site->unit_n; u++) hold(x, u, INT64_MAX);
    return code;
}

enum yw_code yw_units_read(const struct yw_rules *rules, const struct yw_store_backend *backend,
                           struct yw_store *store, uint32_t outlet, const struct yw_site *site, int64_t from,
                           int64_t to, struct yw_unit_hour *out, struct yw_error *err) {
    struct reading x = {.site = site, .out = out, .from = from, .hours = (size_t)((to - from) / YW_HOUR)};
    int32_t day = yw_china_day(from);
    int64_t value_hold = yw_operation_hold_of(rules, day, false);
    int64_t state_hold = yw_operation_hold_of(rules, day, true);
    enum yw_code code = YW_OK;
    if (x.hours > HOURS_MOST) return yw_fail(err, YW_E_RANGE, "more hours than are read at once");
    for (size_t u = 0; code == YW_OK && u < site->unit_n; u++) {
        const struct yw_site_unit *unit = &site->units[u];
        x.source = unit->source;
        x.records = unit->records;
        size_t same = 0;
        while (!takes(&x, same)) same++;
        if (same < u || unit->source == 0) continue; /* read with the first of its source */
        if (unit->records == YW_UNIT_FACILITY) {
            code = read_kind(&x, backend, store, YW_KIND_FACILITY, state_hold, err);
        } else if (unit->records == YW_UNIT_RUNTIME) {
            code = read_kind(&x, backend, store, YW_KIND_RUNTIME, YW_DAY, err);
        } else {
            bool own = unit->source == outlet; /* its minute and hour records were taken with the others */
            if (!own) code = read_kind(&x, backend, store, YW_KIND_MINUTE, value_hold, err);
            if (!own && code == YW_OK) code = read_kind(&x, backend, store, YW_KIND_HOUR, YW_HOUR, err);
            if (code == YW_OK) code = read_kind(&x, backend, store, YW_KIND_REAL, value_hold, err);
        }
    }
    return code;
}

enum yw_code yw_units_look(const struct yw_rules *rules, const struct yw_store_backend *backend,
                           struct yw_store *store, uint32_t outlet, const struct yw_site *site, int64_t from,
                           int64_t to, struct yw_unit_hour *out, struct yw_error *err) {
    struct yw_records *records = yw_records_create();
    enum yw_code code = records ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for what ran");
    for (int64_t at = from, end; code == YW_OK && at < to; at = end) {
        struct yw_unit_hour *day = out + (at - from) / YW_HOUR * site->unit_n;
        end = yw_china_day_start(yw_china_day(at) + 1);
        if (end > to) end = to;
        code = yw_records_read(records, backend, store, outlet, site, at, end, err);
        for (int64_t hour = at; code == YW_OK && hour < end; hour += YW_HOUR) {
            size_t n;
            const struct yw_sample_record *of = yw_records_of(records, hour, &n);
            yw_operation_hour(site, hour, of, n, day + (hour - at) / YW_HOUR * site->unit_n);
        }
        if (code == YW_OK) code = yw_units_read(rules, backend, store, outlet, site, at, end, day, err);
    }
    if (records) yw_records_destroy(records);
    return code;
}

/* How far behind its own time a record can change what ran, by kind. */
int64_t yw_units_reach(enum yw_kind kind) {
    switch (kind) {
    case YW_KIND_FACILITY:
    case YW_KIND_REAL:
        return YW_OPERATION_HOLD_MOST_H * YW_HOUR;
    case YW_KIND_RUNTIME:
        return YW_DAY;
    default:
        return 0;
    }
}
