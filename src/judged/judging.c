/* One outlet judged: which hours, their records, step one; then step two over each year that they touch. */
#include "judged/judging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HISTORY_HOURS 2160 /* before a year, for replacement: HJ 75 looks back this far */
#define AHEAD_HOURS   26 /* clocks may be a day ahead: what is behind `now` is shown as far as it has come */
enum { RESULTS_MOST = 4000000 };

struct list { /* of results, of one struct */
    char *at;
    size_t n, cap, size;
    bool failed;
};

struct yw_judging {
    struct yw_records *records;
    struct yw_mean *hours, *before; /* factor_n for each hour; before: as step one made them */
    uint64_t *prints;
    size_t cap;                                /* of each */
    struct yw_unit_hour *units, *units_before; /* unit_n for each hour */
    size_t unit_cap;
    struct list means, verdicts, tallies, blocks;
    struct yw_judging_count count;
    /* of the outlet at work */
    const struct yw_judging_with *w;
    uint32_t outlet;
    struct yw_site site;
    struct yw_rules *rules; /* with the site's own corrections */
    struct yw_judge *judge;
    const struct yw_stretch_of_time *again;
    size_t again_n;
    bool all, other_site; /* other_site: rows of another one are there */
    int64_t first, until, now;
};

enum yw_code yw_judging_create(struct yw_judging **out, struct yw_error *err) {
    struct yw_judging *g = calloc(1, sizeof *g);
    if (g) g->records = yw_records_create();
    *out = g;
    if (g && g->records) {
        g->means.size = g->blocks.size = sizeof(struct yw_mean);
        g->verdicts.size = sizeof(struct yw_verdict);
        g->tallies.size = sizeof(struct yw_tally_row);
        return YW_OK;
    }
    free(g);
    *out = NULL;
    return yw_fail(err, YW_E_NOMEM, "no memory to judge");
}

void yw_judging_destroy(struct yw_judging *g) {
    if (!g) return;
    yw_records_destroy(g->records);
    free(g->hours);
    free(g->before);
    free(g->prints);
    free(g->units);
    free(g->units_before);
    free(g->means.at);
    free(g->verdicts.at);
    free(g->tallies.at);
    free(g->blocks.at);
    free(g);
}

const struct yw_judging_count *yw_judging_counts(const struct yw_judging *g) {
    return &g->count;
}

static void add(struct list *l, const void *item) {
    if (l->n == l->cap && !l->failed) {
        size_t cap = l->cap ? l->cap * 2 : 1024;
        char *more = cap <= RESULTS_MOST ? realloc(l->at, cap * l->size) : NULL;
        l->failed = !more;
        if (more) l->at = more, l->cap = cap;
    }
    if (!l->failed) memcpy(l->at + l->n++ * l->size, item, l->size);
}

static void on_mean(void *arg, const struct yw_mean *m) {
    struct yw_judging *g = arg;
    /* hours are in the array that was handed over */
    if (m->period != YW_PERIOD_HOUR && m->period != YW_PERIOD_5MIN) add(&g->means, m);
}
static void on_verdict(void *arg, const struct yw_verdict *v) {
    add(&((struct yw_judging *)arg)->verdicts, v);
}
static void on_tally(void *arg, const struct yw_tally_row *t) {
    add(&((struct yw_judging *)arg)->tallies, t);
}

static bool stopped(const struct yw_judging *g) {
    return g->w->stop && *g->w->stop;
}

static int64_t year_start(int year) {
    int64_t t = 0;
    yw_time_from_civil(&(struct yw_civil){.year = year, .month = 1, .day = 1}, YW_CHINA, &t);
    return t;
}

static int year_of(int64_t time) {
    struct yw_civil c;
    yw_time_to_civil(time, YW_CHINA, &c);
    return c.year;
}

/* ---- which hours ---- */

static bool is_again(const struct yw_judging *g, int64_t from, int64_t to) {
    if (g->all || to > g->until) return true;
    for (size_t i = 0; i < g->again_n; i++)
        if (g->again[i].from < to && g->again[i].to > from) return true;
    return false;
}

static enum yw_code make_room(struct yw_judging *g, size_t hours, struct yw_error *err) {
    size_t n = hours * g->site.factor_n;
    if (n <= g->cap) return YW_OK;
    free(g->hours);
    free(g->before);
    free(g->prints);
    g->hours = malloc(n * sizeof *g->hours);
    g->before = malloc(n * sizeof *g->before);
    g->prints = malloc(n * sizeof *g->prints);
    g->cap = g->hours && g->before && g->prints ? n : 0;
    return g->cap ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for the hours of a year");
}

static enum yw_code make_unit_room(struct yw_judging *g, size_t hours, struct yw_error *err) {
    size_t n = hours * g->site.unit_n;
    if (n <= g->unit_cap) return YW_OK;
    free(g->units);
    free(g->units_before);
    g->units = malloc(n * sizeof *g->units);
    g->units_before = malloc(n * sizeof *g->units_before);
    g->unit_cap = g->units && g->units_before ? n : 0;
    return g->unit_cap ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for what ran in a year");
}

/* Step one of the hours [from, to), into means and units (NULL: not wanted); their blocks into the list. */
static enum yw_code judge_hours(struct yw_judging *g, int64_t from, int64_t to, struct yw_mean *means,
                                struct yw_unit_hour *units, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (int64_t at = from, end; code == YW_OK && at < to; at = end) {
        end = yw_china_day_start(yw_china_day(at) + 1);
        if (end > to) end = to;
        if (stopped(g)) return yw_fail(err, YW_E_STATE, "asked to stop");
        code = yw_records_read(g->records, g->w->backend, g->w->store, g->outlet, &g->site, at, end, err);
        g->count.records += code == YW_OK ? yw_records_count(g->records) : 0;
        for (int64_t hour = at; code == YW_OK && hour < end; hour += YW_HOUR) {
            struct yw_mean blocks[12];
            size_t n;
            const struct yw_sample_record *records = yw_records_of(g->records, hour, &n);
            yw_judge_hour(g->judge, hour, records, n, means + (hour - from) / YW_HOUR * g->site.factor_n);
            if (units && g->site.unit_n > 0)
                yw_operation_hour(&g->site, hour, records, n,
                                  units + (hour - from) / YW_HOUR * g->site.unit_n);
            g->count.hours++;
            if (g->site.profile != YW_PROFILE_INCINERATION) continue;
            n = yw_judge_blocks(g->judge, hour, records, n, blocks);
            for (size_t i = 0; i < n; i++) add(&g->blocks, &blocks[i]);
        }
        if (code == YW_OK && units && g->site.unit_n > 0)
            code = yw_units_read(g->rules, g->w->backend, g->w->store, g->outlet, &g->site, at, end,
                                 units + (at - from) / YW_HOUR * g->site.unit_n, err);
    }
    return code;
}

static bool known_block(void *arg, const struct yw_judged_mean *m) {
    struct yw_judging *g = arg;
    struct yw_mean block = m->mean;
    int f = yw_site_factor(&g->site, m->factor);
    block.factor = f < 0 ? 0 : (uint8_t)f;
    add(&g->blocks, &block);
    return true;
}

/* Hours [lo, hi) of the year from year0 on: those known, and step one of the others. */
static enum yw_code gather(struct yw_judging *g, int64_t lo, int64_t year0, int64_t hi,
                           struct yw_error *err) {
    size_t factors = g->site.factor_n, n = (size_t)((hi - lo) / YW_HOUR);
    struct yw_judged *j = g->w->judged;
    enum yw_code code = make_room(g, n, err);
    if (code == YW_OK) code = yw_judged_hours(j, g->outlet, &g->site, lo, n, g->before, g->prints, err);
    if (code == YW_OK) code = make_unit_room(g, n, err);
    if (code == YW_OK) code = yw_judged_units(j, g->outlet, &g->site, lo, n, g->units_before, err);
    if (code == YW_OK && g->site.unit_n > 0)
        memcpy(g->units, g->units_before, n * g->site.unit_n * sizeof *g->units);
    g->blocks.n = 0;
    for (size_t h = 0, end; code == YW_OK && h < n; h = end) {
        int64_t from = lo + (int64_t)h * YW_HOUR;
        bool history = from < year0 && g->prints[h * factors] != 0;
        bool work = !history && (g->prints[h * factors] == 0 || is_again(g, from, from + YW_HOUR));
        for (end = h + 1; end < n; end++) {
            int64_t next = lo + (int64_t)end * YW_HOUR;
            bool next_history = next < year0 && g->prints[end * factors] != 0;
            if (work !=
                (!next_history && (g->prints[end * factors] == 0 || is_again(g, next, next + YW_HOUR))))
                break;
        }
        if (work) {
            code = judge_hours(g, from, lo + (int64_t)end * YW_HOUR, g->before + h * factors,
                               g->site.unit_n > 0 ? g->units + h * g->site.unit_n : NULL, err);
        } else if (g->site.profile == YW_PROFILE_INCINERATION) {
            const struct yw_judged_filter f = {.outlet = g->outlet,
                                               .period = YW_PERIOD_5MIN,
                                               .from = from,
                                               .to = lo + (int64_t)end * YW_HOUR};
            code = yw_judged_means(j, &f, known_block, g, err);
        }
    }
    return code;
}

/* ---- one year ---- */

static enum yw_code begin(struct yw_judging *g, struct yw_error *err) {
    if (g->w->writing) pthread_mutex_lock(g->w->writing);
    enum yw_code code = yw_judged_begin(g->w->judged, err);
    if (code != YW_OK && g->w->writing) pthread_mutex_unlock(g->w->writing);
    return code;
}

static enum yw_code end(struct yw_judging *g, enum yw_code code, struct yw_error *err) {
    if (code == YW_OK) code = yw_judged_commit(g->w->judged, err);
    if (code != YW_OK) yw_judged_rollback(g->w->judged);
    if (g->w->writing) pthread_mutex_unlock(g->w->writing);
    return code;
}

/* Hours from lo to hi, of which those from `from` on are the year's own. */
static enum yw_code write_year(struct yw_judging *g, int64_t lo, int64_t from, int64_t hi, int64_t year0,
                               int64_t year1, struct yw_error *err) {
    const unsigned periods = 1u << YW_PERIOD_8H | 1u << YW_PERIOD_DAY | 1u << YW_PERIOD_MONTH |
                             1u << YW_PERIOD_QUARTER | 1u << YW_PERIOD_YEAR;
    struct yw_judged *j = g->w->judged;
    size_t factors = g->site.factor_n, n = (size_t)((hi - lo) / YW_HOUR) * factors;
    enum yw_code code = begin(g, err);
    if (code != YW_OK) return code;
    for (size_t i = (size_t)((from - lo) / YW_HOUR) * factors; code == YW_OK && i < n; i++)
        code = yw_judged_put_hour(j, g->outlet, &g->site, &g->before[i], &g->hours[i], g->prints[i], err);
    size_t units = g->site.unit_n;
    for (size_t i = (size_t)((from - lo) / YW_HOUR) * units; code == YW_OK && i < n / factors * units; i++) {
        const struct yw_unit_hour *u = &g->units[i], *was = &g->units_before[i];
        if (u->known != was->known || u->running != was->running || u->alarm != was->alarm ||
            memcmp(&u->mean, &was->mean, sizeof u->mean))
            code = yw_judged_put_unit(j, g->outlet, g->site.units[i % units].id, u, err);
    }
    struct yw_mean *blocks = (void *)g->blocks.at;
    size_t old = 0;
    while (old < g->blocks.n && blocks[old].from < from) old++;
    if (code == YW_OK && (g->site.profile == YW_PROFILE_INCINERATION || g->other_site))
        code = yw_judged_put_means(j, g->outlet, &g->site, 1u << YW_PERIOD_5MIN, from, hi, blocks + old,
                                   g->blocks.n - old, err);
    if (code == YW_OK)
        code = yw_judged_put_means(j, g->outlet, &g->site, periods, year0, year1, (void *)g->means.at,
                                   g->means.n, err);
    if (code == YW_OK)
        code = yw_judged_put_verdicts(j, g->outlet, &g->site, year0, year1, (void *)g->verdicts.at,
                                      g->verdicts.n, err);
    if (code == YW_OK)
        code = yw_judged_put_tallies(j, g->outlet, &g->site, year0, year1, (void *)g->tallies.at,
                                     g->tallies.n, err);
    return end(g, code, err);
}

/* Results that begin before the year belong to the one before, and days before the first data to nobody. */
static void keep_own(struct yw_judging *g, int64_t year0) {
    struct yw_mean *m = (void *)g->means.at;
    struct yw_tally_row *t = (void *)g->tallies.at;
    struct yw_verdict *v = (void *)g->verdicts.at;
    size_t kept = 0;
    for (size_t i = 0; i < g->means.n; i++)
        if (m[i].from >= year0 && m[i].to > g->first) m[kept++] = m[i];
    g->means.n = kept;
    kept = 0;
    for (size_t i = 0; i < g->tallies.n; i++)
        if (t[i].from >= year0 && t[i].to > g->first) t[kept++] = t[i];
    g->tallies.n = kept;
    kept = 0;
    for (size_t i = 0; i < g->verdicts.n; i++)
        if (v[i].from >= year0 && v[i].to > g->first) v[kept++] = v[i];
    g->verdicts.n = kept;
}

/* Is there anything that production could be held against? */
static bool has_operation(const struct yw_judging *g) {
    bool any = g->site.unit_n > 0 || g->site.plan_n > 0;
    for (size_t i = 0; !any && i < g->site.mark_n; i++)
        any = g->site.marks[i].is_condition && g->site.marks[i].value == YW_COND_STOPPED;
    return any;
}

static enum yw_code judge_year(struct yw_judging *g, int year, struct yw_error *err) {
    int64_t year0 = year_start(year), year1 = year_start(year + 1);
    int64_t lo = year0 - HISTORY_HOURS * YW_HOUR, hi = year1 < g->now ? year1 : g->now;
    if (lo < g->first) lo = g->first;
    int64_t from = year0 > g->first ? year0 : g->first; /* first hour that is written */
    if (hi <= from || !is_again(g, lo, hi)) return YW_OK;
    enum yw_code code = gather(g, lo, year0, hi, err);
    if (code != YW_OK) return code;
    size_t n = (size_t)((hi - lo) / YW_HOUR);
    memcpy(g->hours, g->before, n * g->site.factor_n * sizeof *g->hours);
    g->means.n = g->verdicts.n = g->tallies.n = 0;
    const struct yw_judge_sink sink = {g, on_mean, on_verdict, on_tally};
    code =
        yw_judge_stretch(g->judge, g->hours, n, (void *)g->blocks.at, g->blocks.n, year0, g->now, &sink, err);
    if (code == YW_OK && has_operation(g))
        yw_operation_judge(g->rules, &g->site, g->units, g->hours, n, lo, year0, g->now, &sink);
    if (code == YW_OK && (g->means.failed || g->verdicts.failed || g->tallies.failed || g->blocks.failed))
        code = yw_fail(err, YW_E_LIMIT, "outlet %u: more results than can be held", g->outlet);
    if (code != YW_OK) return code;
    keep_own(g, year0);
    return write_year(g, lo, from, hi, year0, year1, err);
}

/* The hours from `now` on, as far as they have come: shown, and no part of anything else yet. */
static enum yw_code show_running(struct yw_judging *g, struct yw_error *err) {
    size_t factors = g->site.factor_n;
    int64_t from = g->now, to = g->now + AHEAD_HOURS * YW_HOUR;
    enum yw_code code = make_room(g, AHEAD_HOURS, err);
    g->blocks.n = 0;
    if (code == YW_OK) code = judge_hours(g, from, to, g->hours, NULL, err);
    if (code == YW_OK) code = begin(g, err);
    if (code != YW_OK) return code;
    code = yw_judged_clear_hours(g->w->judged, g->outlet, from, INT64_MAX, err);
    for (int64_t hour = from; code == YW_OK && hour < to; hour += YW_HOUR) {
        struct yw_mean *m = g->hours + (hour - from) / YW_HOUR * factors;
        for (size_t f = 0; code == YW_OK && f < factors; f++) {
            if (m[f].validity == YW_VALIDITY_NO_DATA) continue;
            m[f].validity = YW_VALIDITY_PARTIAL;
            code = yw_judged_put_hour(g->w->judged, g->outlet, &g->site, &m[f], &m[f], 0, err);
        }
    }
    return end(g, code, err);
}

/* ---- the outlet ---- */

/* The digest of a site whose outlet is judged by its units alone begins with this and not with a figure. */
enum { BY_UNITS = 'u' };

static enum yw_code forget_outlet(struct yw_judging *g, struct yw_error *err) {
    struct yw_judged_outlet o;
    if (yw_judged_outlet(g->w->judged, g->outlet, &o, NULL) != YW_OK) return YW_OK;
    enum yw_code code = begin(g, err);
    return code == YW_OK ? end(g, yw_judged_forget(g->w->judged, g->outlet, err), err) : code;
}

/* An outlet is judged from its first record on; one that sent none, from when its units first said something,
 * until records come: then what was there is forgotten, as it begins where they begin. */
static enum yw_code first_hour(struct yw_judging *g, bool look, bool *by_units, bool *forgotten,
                               struct yw_error *err) {
    const struct yw_judging_with *w = g->w;
    *forgotten = false;
    if (!look && !*by_units) return YW_OK;
    enum yw_code code = yw_records_first(w->backend, w->store, g->outlet, &g->first, err);
    if (code == YW_OK && *by_units) {
        *by_units = false;
        *forgotten = true;
        return forget_outlet(g, err);
    }
    if (code != YW_E_NOT_FOUND || !yw_units_said(w->reg, g->outlet)) return code;
    *by_units = true;
    return look ? yw_units_first(w->reg, w->backend, w->store, g->outlet, &g->first, err) : YW_OK;
}

static enum yw_code look_at_outlet(struct yw_judging *g, char digest[17], struct yw_error *err) {
    struct yw_judged_outlet o = {0};
    enum yw_code code = yw_judged_outlet(g->w->judged, g->outlet, &o, NULL);
    bool fresh = code == YW_E_NOT_FOUND, forgotten;
    if (code != YW_OK && !fresh) return yw_judged_outlet(g->w->judged, g->outlet, &o, err);
    bool by_units = o.site[0] == BY_UNITS, earlier = g->all || fresh;
    for (size_t i = 0; i < g->again_n; i++) earlier = earlier || g->again[i].from < o.first;
    g->first = o.first;
    code = first_hour(g, earlier, &by_units, &forgotten, err);
    if (code != YW_OK) return code;
    fresh = fresh || forgotten;
    g->until = fresh ? 0 : o.until;
    code =
        yw_site_build(g->w->reg, g->w->rules, g->w->backend, g->w->store, g->outlet, g->first, &g->site, err);
    if (code != YW_OK) return code;
    yw_site_digest(&g->site, digest);
    if (by_units) digest[0] = BY_UNITS;
    g->other_site = !fresh && strcmp(digest, o.site) != 0;
    g->all = g->all || fresh || g->other_site;
    return YW_OK;
}

static enum yw_code note_outlet(struct yw_judging *g, const char digest[17], struct yw_error *err) {
    struct yw_judged_outlet o = {.outlet = g->outlet, .first = g->first, .until = g->now};
    memcpy(o.site, digest, sizeof o.site);
    enum yw_code code = begin(g, err);
    if (code != YW_OK) return code;
    if (g->other_site) code = yw_judged_settle_site(g->w->judged, g->outlet, &g->site, err);
    if (code == YW_OK) code = yw_judged_put_outlet(g->w->judged, &o, err);
    return end(g, code, err);
}

enum yw_code yw_judging_outlet(struct yw_judging *g, const struct yw_judging_with *w, uint32_t outlet,
                               const struct yw_stretch_of_time *again, size_t n, bool all, int64_t now,
                               struct yw_error *err) {
    char digest[17];
    g->w = w;
    g->outlet = outlet;
    g->again = again;
    g->again_n = n;
    g->all = all;
    g->now = now;
    enum yw_code code = look_at_outlet(g, digest, err);
    if (code == YW_E_NOT_FOUND) return forget_outlet(g, err);
    if (code != YW_OK) return code;
    code = yw_site_rules(&g->site, w->rules, &g->rules, err);
    if (code == YW_OK && !(g->judge = yw_judge_create(g->rules, &g->site, err))) code = YW_E_FORMAT;
    bool hours_done = g->until >= now && !g->all && !is_again(g, INT64_MIN, now);
    for (int year = year_of(g->first); code == YW_OK && !hours_done && year <= year_of(now); year++)
        code = judge_year(g, year, err);
    if (code == YW_OK) code = show_running(g, err);
    if (code == YW_OK && !hours_done) code = note_outlet(g, digest, err);
    if (code == YW_OK) g->count.outlets++;
    if (g->judge) yw_judge_destroy(g->judge);
    if (g->rules) yw_rules_destroy(g->rules);
    g->judge = NULL;
    g->rules = NULL;
    yw_site_free(&g->site);
    return code;
}

/* ---- what all outlets share ---- */

static bool note_arrival(void *arg, const struct yw_latest *l) {
    int64_t *newest = arg;
    if (l->kind != YW_KIND_STATION && l->source.arrival > *newest) *newest = l->source.arrival;
    return true;
}

enum yw_code yw_judging_now(const struct yw_store_backend *backend, struct yw_store *store, int64_t *now,
                            struct yw_error *err) {
    int64_t newest = 0;
    enum yw_code code = backend->latest(store, 0, note_arrival, &newest, err);
    *now = newest - newest % YW_HOUR;
    return code;
}
