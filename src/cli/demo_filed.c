/* demo_filed: what people of the demonstration province filed in its last thirty days: marks of stops and
 * faults that the plants really had, calibrations and inspections, and what share/demo/filed.csv tells of
 * single outlets. Acts of the demonstration's own accounts alone, for the outlets they see. */
#include "demo_platform.h"
#include "demo_plants.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"
#include "plant/noise.h"
#include "register/filings.h"
#include "register/marks.h"
#include "register/plans.h"
#include "register/queries.h"
#include "register/sites.h"
#include "web/office.h"

enum { PATH_SIZE = 4096, FILE_MAX = 256 << 10, DAYS = 30, ROWS_MAX = 4000 };
enum {
    WHAT,
    CREDIT,
    OUTLET,
    BY,
    DAYS_AGO,
    AT,
    LASTS,
    SAID_AFTER,
    WORD,
    FACTOR,
    READING,
    NOMINAL,
    FULL_SCALE,
    PASSED,
    REFERENCE,
    MEASURED,
    TEXT,
    DOCUMENT,
    BY_NAME,
    STATE,
    COLUMNS
};

struct filer {
    struct yw_register *r;
    struct yw_journal *acts;
    struct yw_rules *rules;
    struct yw_buf act;
    struct yw_filing_row *rows;      /* of one act */
    uint32_t enterprise, maintainer; /* of the accounts of these names */
    uint64_t mark, query;            /* the last ones */
    int64_t now;
};

/* One act, into the journal and the register. */
static enum yw_code tell(struct filer *f, struct yw_error *err) {
    struct yw_record record = {.arrival = f->now,
                               .direction = YW_DIR_ACT,
                               .domain = YW_DOMAIN_DEMO,
                               .register_version = yw_register_version(f->r),
                               .payload = f->act.data,
                               .length = (uint32_t)f->act.len};
    enum yw_code code = f->act.failed ? yw_fail(err, YW_E_LIMIT, "an act of the demonstration is too long")
                                      : yw_register_apply(f->r, f->act.data, f->act.len, err);
    return code ? code : yw_journal_append(f->acts, &record, err);
}

static const char *account(const struct filer *f, const struct yw_outlet *o, bool of_source) {
    bool works = o->enterprise == f->enterprise, keeps = o->maintainer == f->maintainer && f->maintainer != 0;
    if (works && (of_source || !keeps)) return "enterprise";
    return keeps ? "maintainer" : NULL;
}

static int64_t deadline_of(const struct filer *f, int64_t from) {
    int32_t day = yw_china_day(from);
    double hour = yw_rules_value(f->rules, "marks.deadline", day, "hour", -1, NULL);
    return hour < 0 ? 0 : yw_china_day_start(day + 1) + (int64_t)(hour * (double)YW_HOUR);
}

/* amends: the next version of the last mark. */
static enum yw_code put_mark(struct filer *f, const struct yw_outlet *o, const char *by, const char *word,
                             const char *factors, int64_t from, int64_t to, int64_t said, const char *reason,
                             bool amends, struct yw_error *err) {
    const char *codes[YW_MARK_FACTORS_MAX], *colon = strchr(word, ':');
    char joined[200] = "";
    struct yw_mark_wish m = {.id = yw_register_next_mark(f->r),
                             .outlet = o->id,
                             .version = 1,
                             .from = from - from % YW_MINUTE,
                             .to = to - to % YW_MINUTE + YW_MINUTE,
                             .deadline = deadline_of(f, from),
                             .factors = codes,
                             .role = strcmp(by, "maintainer") == 0 ? 2 : 1};
    if (amends) {
        m.id = f->mark;
        m.version = yw_register_mark(f->r, f->mark)->head.version + 1;
    }
    if (colon == NULL) return yw_fail(err, YW_E_FORMAT, "demo/filed.csv: `%s` is not AXIS:WORD", word);
    m.is_condition = strncmp(word, "condition", 9) == 0;
    if (!(m.is_condition ? yw_condition_parse(colon + 1, &m.value) : yw_equipment_parse(colon + 1, &m.value)))
        return yw_fail(err, YW_E_FORMAT, "demo/filed.csv: `%s` is not a word of marks", word);
    (void)yw_copy(joined, sizeof joined, factors, strlen(factors));
    for (char *p = joined; *p != '\0' && m.factor_n < YW_MARK_FACTORS_MAX;) {
        size_t n = strcspn(p, " ");
        bool last = p[n] == '\0';
        p[n] = '\0';
        codes[m.factor_n++] = p;
        p += n + !last;
    }
    if (said > f->now) said = f->now - YW_MINUTE;
    struct yw_act a = {.by = by, .at = said, .reason = reason};
    yw_buf_clear(&f->act);
    (void)yw_act_mark_put(&f->act, &a, &m);
    f->mark = m.id;
    return tell(f, err);
}

/* ---- what the plants really had ---- */

/* In the morning after, well before noon. */
static int64_t next_morning(int64_t at) {
    return yw_china_day_start(yw_china_day(at) + 1) + 9 * YW_HOUR + 40 * YW_MINUTE;
}

static enum yw_code mark_stop(struct filer *f, const struct yw_outlet *o, const struct demo_plant *p,
                              const struct demo_span *s, struct yw_error *err) {
    const char *by = account(f, o, true);
    int64_t stands = s->since + p->shut_down, starts = s->until - p->start_up, said = next_morning(s->since);
    enum yw_code code = YW_OK;
    if (p->shut_down > 0)
        code = put_mark(f, o, by, "condition:shutdown", "", s->since, stands, said, "按计划停炉", false, err);
    if (!code && starts > stands)
        code = put_mark(f, o, by, "condition:stopped", "", stands, starts, said, "计划检修停运", false, err);
    if (!code && p->start_up > 0 && starts < f->now)
        code = put_mark(f, o, by, "condition:startup", "", starts, s->until, next_morning(starts),
                        "检修后启炉", false, err);
    return code;
}

static struct yw_filing_row *add_row(struct filer *f, size_t *n, const struct yw_outlet *o, uint8_t kind,
                                     uint8_t role, int64_t from, int64_t to) {
    struct yw_filing_row *row = &f->rows[*n];
    *row = (struct yw_filing_row){
        .kind = kind, .role = role, .passed = -1, .reading = NAN, .nominal = NAN, .full_scale = NAN};
    row->head.id = yw_register_next_filing(f->r) + (*n)++;
    row->head.outlet = o->id;
    row->head.version = 1;
    row->from = from - from % YW_SECOND;
    row->to = to - to % YW_SECOND;
    return row;
}

/* Zero and span of each gas analyser, as far from right as such analysers are. */
static void add_calibration(struct filer *f, size_t *n, const struct yw_outlet *o, const struct demo_plant *p,
                            uint8_t role, const struct demo_span *s) {
    for (size_t i = 0; i < p->gas_n; i++) {
        uint64_t bits = yw_noise_bits(p->seed, 900 + i, (uint64_t)(s->since / YW_MINUTE));
        double drift = yw_noise_normal(bits) * 0.004;
        for (int k = 0; k < 2 && *n < ROWS_MAX; k++) {
            struct yw_filing_row *row =
                add_row(f, n, o, k ? YW_FILING_SPAN : YW_FILING_ZERO, role, s->since, s->until);
            memcpy(row->factor, p->gases[i].code, sizeof row->factor);
            row->nominal = k ? p->gases[i].span : 0;
            row->full_scale = p->gases[i].high;
            row->reading = round((row->nominal + drift * (k ? 2 : 1) * p->gases[i].high) * 100) / 100;
            row->passed = 1;
            row->by_name = role == 2 ? "韩序" : "沈工";
        }
    }
}

static enum yw_code file_rounds(struct filer *f, const struct yw_outlet *o, const struct demo_plant *p,
                                struct yw_error *err) {
    const char *by = account(f, o, false);
    uint8_t role = strcmp(by, "maintainer") == 0 ? 2 : 1;
    size_t n = 0;
    for (size_t i = 0; i < p->calibrations.n; i++) {
        if (p->calibrations.at[i].until < f->now) add_calibration(f, &n, o, p, role, &p->calibrations.at[i]);
    }
    for (int32_t day = 7 * (DAYS / 7); day > 0 && n < ROWS_MAX; day -= 7) {
        int64_t at =
            yw_china_day_start(yw_china_day(f->now) - day) + 9 * YW_HOUR + (o->id % 40) * 5 * YW_MINUTE;
        struct yw_filing_row *row = add_row(f, &n, o, YW_FILING_MAINTENANCE, role, at, at + 40 * YW_MINUTE);
        row->text = "例行巡检：检查采样、预处理、分析单元和数采仪，运行正常";
        row->by_name = role == 2 ? "韩序" : "沈工";
        row->state = "done";
    }
    struct yw_act a = {.by = by, .at = f->now - YW_MINUTE};
    yw_buf_clear(&f->act);
    (void)yw_act_filings_put(&f->act, &a, f->rows, n);
    return tell(f, err);
}

static enum yw_code file_of_plant(void *arg, const struct demo_plant *p, struct yw_error *err) {
    struct filer *f = arg;
    const struct yw_device *d = yw_register_device_by_mn(f->r, p->mn, strlen(p->mn));
    const struct yw_outlet *o = d != NULL ? yw_register_outlet(f->r, d->outlet) : NULL;
    enum yw_code code = YW_OK;
    if (o == NULL || account(f, o, true) == NULL) return YW_OK;
    for (size_t i = 0; !code && i < p->stops.n; i++) code = mark_stop(f, o, p, &p->stops.at[i], err);
    for (size_t i = 0; !code && i < p->faults.n; i++) {
        const struct demo_span *s = &p->faults.at[i];
        code = put_mark(f, o, account(f, o, false), "equipment:fault", "", s->since, s->until,
                        s->until + 2 * YW_HOUR, "分析仪故障，已更换备件并校准", false, err);
    }
    return code ? code : file_rounds(f, o, p, err);
}

/* ---- share/demo/filed.csv ---- */

static const struct yw_outlet *find_outlet(const struct yw_register *r, const char *credit,
                                           const char *code) {
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    for (size_t i = 0; i < n; i++) {
        const struct yw_enterprise *e = yw_register_enterprise(r, o[i].enterprise);
        if (e != NULL && strcmp(e->credit_code, credit) == 0 && strcmp(o[i].code, code) == 0) return &o[i];
    }
    return NULL;
}

static double number_of(const char *cell) {
    double v = NAN;
    return cell[0] != '\0' && yw_parse_f64(cell, strlen(cell), &v) ? v : NAN;
}

static size_t numbers_of(const char *cell, double out[YW_CHECK_PAIRS]) {
    size_t n = 0;
    while (*cell != '\0' && n < YW_CHECK_PAIRS) {
        size_t length = strcspn(cell, ";");
        if (!yw_parse_f64(cell, length, &out[n++])) return 0;
        cell += length + (cell[length] == ';');
    }
    return n;
}

static enum yw_code file_row(struct filer *f, const struct yw_outlet *o, const char *const *c, int64_t from,
                             int64_t to, struct yw_error *err) {
    size_t n = 0;
    uint8_t kind, role = strcmp(c[BY], "maintainer") == 0 ? 2 : strcmp(c[BY], "officer") == 0 ? 3 : 1;
    if (!yw_filing_kind_parse(c[WORD], &kind))
        return yw_fail(err, YW_E_FORMAT, "demo/filed.csv: `%s` is not a kind of filing", c[WORD]);
    struct yw_filing_row *row = add_row(f, &n, o, kind, role, from, to);
    (void)yw_copy(row->factor, sizeof row->factor, c[FACTOR], strlen(c[FACTOR]));
    row->reading = number_of(c[READING]);
    row->nominal = number_of(c[NOMINAL]);
    row->full_scale = number_of(c[FULL_SCALE]);
    row->passed = c[PASSED][0] == '\0' ? -1 : strcmp(c[PASSED], "yes") == 0;
    row->pair_n = (uint8_t)numbers_of(c[REFERENCE], row->reference);
    if (numbers_of(c[MEASURED], row->measured) != row->pair_n)
        return yw_fail(err, YW_E_FORMAT, "demo/filed.csv: as many measured as reference values");
    row->text = c[TEXT];
    row->document = c[DOCUMENT];
    row->by_name = c[BY_NAME];
    row->state = c[STATE];
    int64_t said = to + YW_HOUR < f->now ? to + YW_HOUR : f->now - YW_MINUTE;
    struct yw_act a = {.by = c[BY], .at = said};
    yw_buf_clear(&f->act);
    (void)yw_act_filing_put(&f->act, &a, row);
    return tell(f, err);
}

static enum yw_code raise_query(struct filer *f, const struct yw_outlet *o, const char *const *c, int64_t at,
                                int64_t deadline, struct yw_error *err) {
    char number[YW_QUERY_NUMBER];
    struct yw_act a = {.by = c[BY], .at = at};
    f->query = yw_register_next_query(f->r);
    yw_query_number(number, f->query, at);
    yw_buf_clear(&f->act);
    (void)yw_act_query_put(&f->act, &a, f->query, f->mark, NULL, o->id, number, c[TEXT], deadline);
    return tell(f, err);
}

/* A plan of heavy-pollution days: level, measure and the allowed share of power, of flow. */
static enum yw_code put_plan(struct filer *f, const struct yw_outlet *o, const char *const *c, int64_t from,
                             int64_t to, struct yw_error *err) {
    struct yw_plan_entry p = {.id = yw_register_next_plan(f->r),
                              .enterprise = o->enterprise,
                              .plan = {.from = from,
                                       .to = to,
                                       .power_share = number_of(c[READING]),
                                       .flow_share = number_of(c[NOMINAL])}};
    struct yw_act a = {.by = c[BY], .at = from < f->now ? from : f->now};
    if (!yw_copy(p.plan.level, sizeof p.plan.level, c[WORD], strlen(c[WORD])) ||
        !yw_copy(p.plan.measure, sizeof p.plan.measure, c[TEXT], strlen(c[TEXT])))
        return yw_fail(err, YW_E_FORMAT, "demo/filed.csv: level or measure of a plan is too long");
    yw_buf_clear(&f->act);
    (void)yw_act_plan_put(&f->act, &a, &p);
    return tell(f, err);
}

/* What the judge is told of an outlet, as JSON. */
static enum yw_code put_site(struct filer *f, const struct yw_outlet *o, const char *const *c, int64_t at,
                             struct yw_error *err) {
    struct yw_act a = {.by = c[BY], .at = at};
    yw_buf_clear(&f->act);
    (void)yw_act_site_put(&f->act, &a, o->id, c[TEXT]);
    return tell(f, err);
}

static enum yw_code tell_row(struct filer *f, const char *const *c, struct yw_error *err) {
    const struct yw_outlet *o = find_outlet(f->r, c[CREDIT], c[OUTLET]);
    int64_t days, at, lasts = 0, after = 0;
    char text[32];
    if (o == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "demo/filed.csv: no outlet %s of %s", c[OUTLET], c[CREDIT]);
    snprintf(text, sizeof text, "1970-01-02 %.5s", c[AT]);
    if (!yw_parse_i64(c[DAYS_AGO], strlen(c[DAYS_AGO]), &days) || !yw_time_parse(text, strlen(text), &at) ||
        (c[LASTS][0] != '\0' && !yw_parse_i64(c[LASTS], strlen(c[LASTS]), &lasts)) ||
        (c[SAID_AFTER][0] != '\0' && !yw_parse_i64(c[SAID_AFTER], strlen(c[SAID_AFTER]), &after)))
        return yw_fail(err, YW_E_FORMAT,
                       "demo/filed.csv: days_ago, at, lasts_min or said_after_min is wrong");
    int64_t from = yw_china_day_start(yw_china_day(f->now) - (int32_t)days) + (at + YW_CHINA) % YW_DAY;
    int64_t to = from + lasts * YW_MINUTE;
    if (from >= f->now) from = f->now - 2 * YW_MINUTE, to = f->now - YW_MINUTE;
    bool amends = strcmp(c[WHAT], "amend") == 0;
    if (amends && f->mark == 0) return yw_fail(err, YW_E_FORMAT, "demo/filed.csv: no mark to amend");
    if (amends || strcmp(c[WHAT], "mark") == 0)
        return put_mark(f, o, c[BY], c[WORD], c[FACTOR], from, to, to + after * YW_MINUTE, c[TEXT], amends,
                        err);
    if (strcmp(c[WHAT], "plan") == 0) return put_plan(f, o, c, from, to, err);
    if (strcmp(c[WHAT], "site") == 0) return put_site(f, o, c, from, err);
    if (strcmp(c[WHAT], "query") == 0) return raise_query(f, o, c, from, to, err);
    if (strcmp(c[WHAT], "filing") == 0) return file_row(f, o, c, from, to < f->now ? to : f->now, err);
    struct yw_act a = {.by = c[BY], .at = from};
    bool reply = strcmp(c[WHAT], "reply") == 0;
    yw_buf_clear(&f->act);
    (void)yw_act_query_step(&f->act, &a, reply ? "query.reply" : "query.close", f->query, c[TEXT],
                            reply ? c[WORD] : NULL);
    return tell(f, err);
}

static enum yw_code file_of_table(struct filer *f, struct yw_error *err) {
    char path[PATH_SIZE];
    struct yw_buf text;
    const char *const *c;
    size_t count;
    yw_buf_init(&text, FILE_MAX);
    enum yw_code code = yw_share_path("demo/filed.csv", path, sizeof path, err);
    if (!code) code = yw_file_read(path, FILE_MAX - 1, &text, err);
    struct yw_csv *csv = !code ? yw_csv_open(text.data, text.len, err) : NULL;
    if (!code && csv == NULL) code = YW_E_FORMAT;
    if (!code) code = yw_csv_row(csv, &c, &count, err); /* the head */
    while (!code && !(code = yw_csv_row(csv, &c, &count, err))) {
        code = count == COLUMNS ? tell_row(f, c, err)
                                : yw_fail(err, YW_E_FORMAT, "demo/filed.csv, line %zu: not %d fields",
                                          yw_csv_line(csv), COLUMNS);
    }
    yw_csv_close(csv);
    yw_buf_free(&text);
    return code == YW_E_END ? YW_OK : code;
}

static enum yw_code find_accounts(const char *data, struct filer *f, struct yw_error *err) {
    struct yw_office *office = NULL;
    struct yw_user works, keeper;
    enum yw_code code = yw_office_open(data, &office, err);
    if (!code) code = yw_office_user(office, "enterprise", &works, err);
    if (!code) code = yw_office_user(office, "maintainer", &keeper, err);
    yw_office_close(office);
    if (code) return code;
    f->enterprise = works.enterprise;
    f->maintainer = keeper.maintainer;
    return YW_OK;
}

enum yw_code demo_file(const char *data, struct yw_register *r, struct yw_error *err) {
    char folder[PATH_SIZE];
    struct filer f = {.r = r, .now = yw_now(), .rows = calloc(ROWS_MAX, sizeof *f.rows)};
    if (!f.rows) return yw_fail(err, YW_E_NOMEM, "no memory for what was filed");
    yw_buf_init(&f.act, YW_ACT_MAX);
    snprintf(folder, sizeof folder, "%s/journal/acts", data);
    enum yw_code code = find_accounts(data, &f, err);
    if (!code) code = yw_rules_load(&f.rules, err);
    if (!code) code = yw_journal_open_sized(yw_io_system(), folder, "acts", 4 << 20, &f.acts, NULL, err);
    if (!code) code = demo_plants(f.now - DAYS * YW_DAY, f.now, file_of_plant, &f, err);
    if (!code) code = file_of_table(&f, err);
    if (!code) code = yw_journal_commit(f.acts, err); /* all of it, or a folder that counts as half filled */
    if (f.acts) yw_journal_close(f.acts);
    if (f.rules) yw_rules_destroy(f.rules);
    yw_buf_free(&f.act);
    free(f.rows);
    return code;
}
