/* Filings as acts, looked up, and as the judge takes them. */
#include "register/filings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "register/acts.h"
#include "register/marks.h"
#include "register/members.h"

enum { REASON_MAX = 600, DAYS_MAX = 400 };

static const struct yw_filing_word words[YW_FILING_KINDS] = {{"", "", ""},
#define X(id, name, zh, en) {name, zh, en},
                                                             YW_FILING_TABLE(X)
#undef X
};
static const char *const roles[] = {"", "enterprise", "maintainer", "officer", "operator"};

const struct yw_filing_word *yw_filing_word(uint8_t kind) {
    return &words[kind < YW_FILING_KINDS ? kind : 0];
}

bool yw_filing_kind_parse(const char *text, uint8_t *out) {
    for (uint8_t k = 1; k < YW_FILING_KINDS; k++) {
        if (strcmp(text, words[k].name) != 0 && strcmp(text, words[k].zh) != 0 &&
            strcmp(text, words[k].en) != 0)
            continue;
        *out = k;
        return true;
    }
    return false;
}

/* ---- folding ---- */

static enum yw_code read_pairs(const json_t *act, const char *name, double *to, size_t *n,
                               struct yw_error *err) {
    const json_t *array = json_object_get(act, name);
    *n = json_array_size(array);
    if ((array != NULL && !json_is_array(array)) || *n > YW_CHECK_PAIRS)
        return yw_fail(err, YW_E_LIMIT, "filing.%s: at most %d numbers", name, YW_CHECK_PAIRS);
    for (size_t i = 0; i < *n; i++) {
        const json_t *v = json_array_get(array, i);
        if (!json_is_number(v) || !(fabs(json_number_value(v)) <= 1e12))
            return yw_fail(err, YW_E_FORMAT, "filing.%s[%zu]: not a number", name, i);
        to[i] = json_number_value(v);
    }
    return YW_OK;
}

static enum yw_code read_numbers(const json_t *act, struct yw_filing_row *f, struct yw_error *err) {
    size_t reference = 0, measured = 0;
    const json_t *passed = json_object_get(act, "passed");
    f->reading = f->nominal = f->full_scale = NAN;
    f->passed = !json_is_boolean(passed) ? -1 : json_is_true(passed) ? 1 : 0;
    enum yw_code code = yw_act_f64(act, "filing", "reading", &f->reading, err);
    if (code == YW_OK) code = yw_act_f64(act, "filing", "nominal", &f->nominal, err);
    if (code == YW_OK) code = yw_act_f64(act, "filing", "full_scale", &f->full_scale, err);
    if (code == YW_OK) code = read_pairs(act, "reference", f->reference, &reference, err);
    if (code == YW_OK) code = read_pairs(act, "measured", f->measured, &measured, err);
    if (code != YW_OK) return code;
    f->pair_n = (uint8_t)reference;
    if (reference != measured)
        return yw_fail(err, YW_E_FORMAT, "filing.measured: as many numbers as in reference must be there");
    if (passed != NULL && !json_is_boolean(passed) && !json_is_null(passed))
        return yw_fail(err, YW_E_FORMAT, "filing.passed: not true or false");
    return YW_OK;
}

static enum yw_code read_words(const json_t *act, const json_t *o, struct yw_filing_row *f,
                               struct yw_error *err) {
    const char *kind = json_string_value(json_object_get(o, "kind"));
    const char *role = json_string_value(json_object_get(act, "role"));
    const json_t *factor = json_object_get(o, "factor");
    if (kind == NULL || !yw_filing_kind_parse(kind, &f->kind) || strcmp(kind, words[f->kind].name) != 0)
        return yw_fail(err, YW_E_FORMAT, "filing.kind: not a known word");
    for (uint8_t k = 1; role != NULL && k < YW_COUNT(roles); k++) {
        if (strcmp(role, roles[k]) == 0) f->role = k;
    }
    if (json_string_length(factor) == 0) return YW_OK;
    if (!yw_copy(f->factor, sizeof f->factor, json_string_value(factor), json_string_length(factor)) ||
        !yw_chars_fit(YW_CHARS_CODE, f->factor, strlen(f->factor)))
        return yw_fail(err, YW_E_FORMAT, "filing.factor: takes 1 to 12 letters and digits");
    return YW_OK;
}

static enum yw_code read_texts(const json_t *act, const json_t *o, struct yw_filing_row *f,
                               struct yw_error *err) {
    struct yw_texts t;
    yw_texts_begin(&t);
    enum yw_code code = yw_texts_read(&t, act, "filing", "by", YW_ACT_BY_MAX, true, err);
    if (code == YW_OK) code = yw_texts_read(&t, act, "filing", "reason", REASON_MAX, false, err);
    if (code == YW_OK) code = yw_texts_read(&t, o, "filing", "text", YW_FILING_TEXT_MAX, false, err);
    if (code == YW_OK) code = yw_texts_read(&t, o, "filing", "document", YW_FILING_DOCUMENT_MAX, false, err);
    if (code == YW_OK) code = yw_texts_read(&t, o, "filing", "by_name", YW_FILING_BY_NAME_MAX, false, err);
    if (code == YW_OK) code = yw_texts_read(&t, o, "filing", "state", YW_FILING_STATE_MAX, false, err);
    if (code == YW_OK)
        code = yw_texts_codes(&t, o, "filing", "evidence", YW_MARK_EVIDENCE_MAX, YW_DIGEST_TEXT, true,
                              &f->evidence_n, err);
    const char **const places[] = {&f->by,      &f->reason, &f->text,    &f->document,
                                   &f->by_name, &f->state,  &f->evidence};
    char *memory = yw_texts_end(&t, places, code == YW_OK ? YW_COUNT(places) : 0);
    if (code == YW_OK && memory == NULL) code = yw_fail(err, YW_E_NOMEM, "filing: out of memory");
    if (code != YW_OK) {
        free(memory);
        return code;
    }
    f->head.texts = memory;
    return YW_OK;
}

static bool judged_by(uint8_t kind) {
    return kind <= YW_FILING_VERIFICATION;
}

struct before {
    const struct yw_filing_row *of;
    int64_t at;
};

static bool look_before(void *arg, const void *row) {
    struct before *b = arg;
    const struct yw_filing_row *f = row;
    if (f->head.id == b->of->head.id || !judged_by(f->kind) || f->withdrawn || f->to >= b->of->to ||
        strcmp(f->factor, b->of->factor) != 0)
        return true;
    b->at = f->to;
    return false;
}

/* A failed check reaches back to the last that passed, so what changes begins at the check before. Any
 * earlier one will do: too early is judged once more for nothing, and looking through all of them would cost
 * more. */
static void note(struct yw_register *r, const struct yw_filing_row *f) {
    if (!judged_by(f->kind)) return;
    struct before b = {f, INT64_MIN};
    yw_versions_of(&r->filings, f->head.outlet, look_before, &b);
    yw_note_judgement(r, f->head.outlet, f->kind == YW_FILING_MANUAL ? f->from : b.at);
}

static enum yw_code read_filing(const struct yw_register *r, const json_t *act, const json_t *o,
                                struct yw_filing_row *f, struct yw_error *err) {
    int64_t id = 0, outlet = 0, version = 1;
    enum yw_code code = yw_act_i64(o, "filing", "id", 1, INT64_MAX, true, &id, err);
    if (code == YW_OK) code = yw_act_i64(o, "filing", "outlet", 1, UINT32_MAX, true, &outlet, err);
    if (code == YW_OK)
        code = yw_act_i64(o, "filing", "version", 1, YW_FILING_VERSIONS_MAX, false, &version, err);
    if (code == YW_OK) code = yw_act_span(o, "filing", DAYS_MAX, false, &f->from, &f->to, err);
    if (code == YW_OK) code = yw_act_flag(o, "filing", "withdrawn", &f->withdrawn, err);
    if (code == YW_OK) code = read_words(act, o, f, err);
    if (code == YW_OK) code = read_numbers(o, f, err);
    if (code != YW_OK) return code;
    f->head = (struct yw_version){
        .id = (uint64_t)id, .outlet = (uint32_t)outlet, .version = (uint32_t)version, .at = yw_act_at(act)};
    if (yw_register_outlet(r, f->head.outlet) == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "filing.outlet: there is no outlet %u", f->head.outlet);
    return read_texts(act, o, f, err);
}

/* One that is put cannot fail any more. */
static void put_filing(struct yw_register *r, struct yw_filing_row *f) {
    const struct yw_filing_row *old = yw_register_filing(r, f->head.id);
    struct yw_filing_row was = {0};
    if (old != NULL) was = *old;
    (void)yw_versions_put(&r->filings, f, "filing", NULL);
    note(r, f);
    if (was.head.id != 0) note(r, &was);
}

/* The act is one filing, or `filings` is an array of them that come in together or not at all. */
enum yw_code yw_fold_filing_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    const json_t *array = json_object_get(act, "filings");
    size_t n = array != NULL ? json_array_size(array) : 1, read = 0;
    if (n == 0 || n > YW_FILINGS_ACT_MAX)
        return yw_fail(err, YW_E_LIMIT, "filings: 1 to %d at a time", YW_FILINGS_ACT_MAX);
    struct yw_filing_row *rows = calloc(n, sizeof *rows);
    if (rows == NULL) return yw_fail(err, YW_E_NOMEM, "filings: out of memory");
    enum yw_code code = YW_OK;
    for (; read < n && code == YW_OK; read++) {
        code = read_filing(r, act, array != NULL ? json_array_get(array, read) : act, &rows[read], err);
    }
    if (code == YW_OK) code = yw_versions_fit(&r->filings, rows, n, "filing", err);
    for (size_t i = 0; i < n; i++) {
        if (code == YW_OK) {
            put_filing(r, &rows[i]);
        } else {
            free(rows[i].head.texts);
        }
    }
    free(rows);
    return code;
}

/* ---- look-ups ---- */

const struct yw_filing_row *yw_register_filing(const struct yw_register *r, uint64_t id) {
    return yw_versions_get(&r->filings, id);
}

uint64_t yw_register_next_filing(const struct yw_register *r) {
    return yw_versions_next(&r->filings);
}

struct search {
    uint8_t kind;
    int64_t from, to;
    bool with_withdrawn;
    bool (*each)(void *arg, const struct yw_filing_row *f);
    void *arg;
};

static bool look(void *arg, const void *row) {
    const struct search *s = arg;
    const struct yw_filing_row *f = row;
    if ((s->kind != 0 && f->kind != s->kind) || (f->withdrawn && !s->with_withdrawn)) return true;
    bool instant = f->from == f->to;
    if (f->from >= s->to || (instant ? f->to < s->from : f->to <= s->from)) return true;
    return s->each(s->arg, f);
}

void yw_register_filings(const struct yw_register *r, uint32_t outlet, uint8_t kind, int64_t from, int64_t to,
                         bool with_withdrawn, bool (*each)(void *arg, const struct yw_filing_row *f),
                         void *arg) {
    struct search s = {kind, from, to, with_withdrawn, each, arg};
    yw_versions_of(&r->filings, outlet, look, &s);
}

size_t yw_register_filing_versions(const struct yw_register *r, uint64_t id, const struct yw_filing_row **out,
                                   size_t max) {
    size_t n = 0;
    for (const void *row = yw_versions_get(&r->filings, id); row != NULL && n < max;
         row = yw_versions_before(&r->filings, row))
        out[n++] = row;
    return n;
}

bool yw_filing_check(const struct yw_filing_row *f, struct yw_check *out) {
    static const uint8_t kinds[YW_FILING_KINDS] = {
        [YW_FILING_ENFORCEMENT] = YW_CHECK_ENFORCEMENT,
        [YW_FILING_COMPARISON] = YW_CHECK_COMPARISON,
        [YW_FILING_STANDARD] = YW_CHECK_STANDARD,
        [YW_FILING_ZERO] = YW_CHECK_ZERO,
        [YW_FILING_SPAN] = YW_CHECK_SPAN,
        [YW_FILING_CALIBRATION] = YW_CHECK_CALIBRATION,
        [YW_FILING_FULL_SYSTEM] = YW_CHECK_FULL_SYSTEM,
        [YW_FILING_VERIFICATION] = YW_CHECK_VERIFICATION,
    };
    if (f->withdrawn || f->kind >= YW_FILING_KINDS || kinds[f->kind] == 0 || f->factor[0] == '\0')
        return false;
    *out = (struct yw_check){.time = f->to,
                             .kind = kinds[f->kind],
                             .said = f->passed,
                             .reading = f->reading,
                             .nominal = f->nominal,
                             .full_scale = f->full_scale,
                             .pair_n = f->pair_n};
    memcpy(out->factor, f->factor, sizeof out->factor);
    memcpy(out->reference, f->reference, sizeof out->reference);
    memcpy(out->measured, f->measured, sizeof out->measured);
    (void)yw_copy(out->by, sizeof out->by, f->by, strlen(f->by));
    (void)yw_copy(out->document, sizeof out->document, f->document, strlen(f->document));
    return true;
}

bool yw_filing_manual(const struct yw_filing_row *f, struct yw_manual *out) {
    if (f->withdrawn || f->kind != YW_FILING_MANUAL || f->factor[0] == '\0' || isnan(f->reading))
        return false;
    *out = (struct yw_manual){.time = f->from, .value = f->reading};
    memcpy(out->factor, f->factor, sizeof out->factor);
    return true;
}

/* ---- writing ---- */

static void put_number(struct yw_buf *b, const char *name, double v) {
    if (isnan(v)) return;
    yw_put_name(b, name);
    yw_buf_printf(b, "%.17g", v);
}

static void put_text(struct yw_buf *b, const char *name, const char *text) {
    if (text != NULL && text[0] != '\0') yw_put_text(b, name, text);
}

static void put_pairs(struct yw_buf *b, const char *name, const double *v, size_t n) {
    if (n == 0) return;
    yw_put_name(b, name);
    for (size_t i = 0; i < n; i++) yw_buf_printf(b, "%c%.17g", i == 0 ? '[' : ',', v[i]);
    yw_buf_putc(b, ']');
}

static void put_members(struct yw_buf *out, const struct yw_filing_row *f) {
    yw_buf_printf(out, "\"id\":%llu,\"outlet\":%u,\"version\":%u,\"from\":%lld,\"to\":%lld",
                  (unsigned long long)f->head.id, f->head.outlet, f->head.version, (long long)f->from,
                  (long long)f->to);
    yw_put_text(out, "kind", words[f->kind].name);
    put_text(out, "factor", f->factor);
    put_number(out, "reading", f->reading);
    put_number(out, "nominal", f->nominal);
    put_number(out, "full_scale", f->full_scale);
    if (f->passed >= 0) yw_buf_puts(out, f->passed == 1 ? ",\"passed\":true" : ",\"passed\":false");
    put_pairs(out, "reference", f->reference, f->pair_n);
    put_pairs(out, "measured", f->measured, f->pair_n);
    put_text(out, "text", f->text);
    put_text(out, "document", f->document);
    put_text(out, "by_name", f->by_name);
    put_text(out, "state", f->state);
    if (f->evidence != NULL && f->evidence[0] != '\0') {
        yw_put_name(out, "evidence");
        yw_buf_puts(out, "[\"");
        for (const char *p = f->evidence; *p != '\0'; p++)
            *p == ' ' ? yw_buf_puts(out, "\",\"") : yw_buf_putc(out, *p);
        yw_buf_puts(out, "\"]");
    }
    if (f->withdrawn) yw_buf_puts(out, ",\"withdrawn\":true");
}

static void begin(struct yw_buf *out, const struct yw_act *a, uint8_t role) {
    yw_act_begin(out, "filing.put", a);
    if (role > 0 && role < YW_COUNT(roles)) yw_put_text(out, "role", roles[role]);
}

bool yw_act_filing_put(struct yw_buf *out, const struct yw_act *a, const struct yw_filing_row *f) {
    begin(out, a, f->role);
    yw_buf_putc(out, ',');
    put_members(out, f);
    return yw_act_end(out);
}

bool yw_act_filings_put(struct yw_buf *out, const struct yw_act *a, const struct yw_filing_row *f, size_t n) {
    begin(out, a, n > 0 ? f[0].role : 0);
    yw_put_name(out, "filings");
    for (size_t i = 0; i < n; i++) {
        yw_buf_puts(out, i == 0 ? "[{" : ",{");
        put_members(out, &f[i]);
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
    return yw_act_end(out);
}
