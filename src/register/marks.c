/* Marks as acts, and looked up. Only the enterprise and its maintainer can be the author of one. */
#include "register/marks.h"

#include <stdlib.h>
#include <string.h>

#include "register/acts.h"
#include "register/members.h"

enum { FACTOR_CODE = 12, ROLE_ENTERPRISE = 1, ROLE_MAINTAINER = 2 };

/* ---- folding ---- */

static enum yw_code read_role(const json_t *act, uint8_t *role, struct yw_error *err) {
    const char *text = json_string_value(json_object_get(act, "role"));
    *role = text == NULL                      ? 0
            : strcmp(text, "enterprise") == 0 ? ROLE_ENTERPRISE
            : strcmp(text, "maintainer") == 0 ? ROLE_MAINTAINER
                                              : 0;
    if (*role == 0)
        return yw_fail(err, YW_E_FORMAT, "mark.role: a mark is made by the enterprise or its maintainer");
    return YW_OK;
}

static enum yw_code read_value(const json_t *act, struct yw_mark_row *m, struct yw_error *err) {
    const char *axis = json_string_value(json_object_get(act, "axis"));
    const char *value = json_string_value(json_object_get(act, "value"));
    bool condition = axis != NULL && strcmp(axis, "condition") == 0;
    if (!condition && (axis == NULL || strcmp(axis, "equipment") != 0))
        return yw_fail(err, YW_E_FORMAT, "mark.axis: condition or equipment");
    m->is_condition = condition;
    if (value == NULL ||
        !(condition ? yw_condition_parse(value, &m->value) : yw_equipment_parse(value, &m->value)))
        return yw_fail(err, YW_E_FORMAT, "mark.value: not a word of the axis %s", axis);
    return YW_OK;
}

static enum yw_code read_texts(const json_t *act, struct yw_mark_row *m, struct yw_error *err) {
    struct yw_texts t;
    yw_texts_begin(&t);
    enum yw_code code = yw_texts_read(&t, act, "mark", "by", YW_ACT_BY_MAX, true, err);
    if (code == YW_OK) code = yw_texts_read(&t, act, "mark", "reason", YW_MARK_REASON_MAX, true, err);
    if (code == YW_OK)
        code = yw_texts_codes(&t, act, "mark", "factors", YW_MARK_FACTORS_MAX, FACTOR_CODE, false,
                              &m->factor_n, err);
    if (code == YW_OK)
        code = yw_texts_codes(&t, act, "mark", "evidence", YW_MARK_EVIDENCE_MAX, YW_DIGEST_TEXT, true,
                              &m->evidence_n, err);
    const char **const places[] = {&m->by, &m->reason, &m->factors, &m->evidence};
    m->head.texts = yw_texts_end(&t, places, code == YW_OK ? YW_COUNT(places) : 0);
    if (code != YW_OK) {
        free(m->head.texts);
        m->head.texts = NULL;
        return code;
    }
    return m->head.texts != NULL ? YW_OK : yw_fail(err, YW_E_NOMEM, "mark: out of memory");
}

static enum yw_code read_head(const json_t *act, struct yw_version *h, struct yw_error *err) {
    int64_t id = 0, outlet = 0, version = 1;
    enum yw_code code = yw_act_i64(act, "mark", "id", 1, INT64_MAX, true, &id, err);
    if (code == YW_OK) code = yw_act_i64(act, "mark", "outlet", 1, UINT32_MAX, false, &outlet, err);
    if (code == YW_OK)
        code = yw_act_i64(act, "mark", "version", 1, YW_MARK_VERSIONS_MAX, false, &version, err);
    h->id = (uint64_t)id;
    h->outlet = (uint32_t)outlet;
    h->version = (uint32_t)version;
    h->at = yw_act_at(act);
    return code;
}

static enum yw_code read_mark(const struct yw_register *r, const json_t *act, struct yw_mark_row *m,
                              struct yw_error *err) {
    enum yw_code code = read_head(act, &m->head, err);
    if (code == YW_OK) code = read_role(act, &m->role, err);
    if (code == YW_OK) code = read_value(act, m, err);
    if (code == YW_OK) code = yw_act_span(act, "mark", YW_MARK_DAYS_MAX, true, &m->from, &m->to, err);
    if (code == YW_OK) code = yw_act_flag(act, "mark", "counts", &m->counts, err);
    if (code == YW_OK) code = yw_act_flag(act, "mark", "automatic", &m->automatic, err);
    if (code == YW_OK) code = yw_act_i64(act, "mark", "deadline", 0, YW_MOMENT_MAX, false, &m->deadline, err);
    if (code != YW_OK) return code;
    if (yw_register_outlet(r, m->head.outlet) == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "mark.outlet: there is no outlet %u", m->head.outlet);
    m->late = m->deadline > 0 && m->head.at > m->deadline;
    return read_texts(act, m, err);
}

static enum yw_code put_mark(struct yw_register *r, struct yw_mark_row *m, const struct yw_mark_row *old,
                             struct yw_error *err) {
    int64_t from = yw_mark_changes_from(m, old); /* before putting may move the old row */
    enum yw_code code = yw_versions_put(&r->marks, m, "mark", err);
    if (code != YW_OK) {
        free(m->head.texts);
    } else if (from < INT64_MAX) {
        yw_note_judgement(r, m->head.outlet, from);
    }
    return code;
}

enum yw_code yw_fold_mark_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_mark_row m = {0};
    enum yw_code code = read_mark(r, act, &m, err);
    if (code == YW_OK && m.head.version != 1) {
        free(m.head.texts);
        code = yw_fail(err, YW_E_FORMAT, "mark.version: a new mark is version 1");
    }
    return code == YW_OK ? put_mark(r, &m, NULL, err) : code;
}

static enum yw_code find_old(const struct yw_register *r, uint64_t id, const struct yw_mark_row **old,
                             struct yw_error *err) {
    *old = yw_register_mark(r, id);
    if (*old == NULL) return yw_fail(err, YW_E_NOT_FOUND, "mark: there is none with this id");
    if ((*old)->withdrawn) return yw_fail(err, YW_E_STATE, "mark: it was withdrawn");
    return YW_OK;
}

enum yw_code yw_fold_mark_amend(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_mark_row m = {0};
    const struct yw_mark_row *old;
    enum yw_code code = read_mark(r, act, &m, err);
    if (code != YW_OK) return code;
    code = find_old(r, m.head.id, &old, err);
    if (code != YW_OK) {
        free(m.head.texts);
        return code;
    }
    m.open_queries = old->open_queries;
    /* What was late once stays known as such; a better reason alone comes at any time. */
    m.late = old->late || (m.late && yw_mark_changes_from(&m, old) < INT64_MAX);
    return put_mark(r, &m, old, err);
}

enum yw_code yw_fold_mark_withdraw(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_version head = {0};
    const struct yw_mark_row *old;
    uint8_t role = 0;
    enum yw_code code = read_head(act, &head, err);
    if (code == YW_OK) code = read_role(act, &role, err);
    if (code == YW_OK) code = find_old(r, head.id, &old, err);
    if (code != YW_OK) return code;
    struct yw_mark_row m = *old, said = {0};
    code = read_texts(act, &said, err); /* by and reason of the act; factors and evidence stay */
    if (code != YW_OK) return code;
    struct yw_texts t;
    yw_texts_begin(&t);
    yw_texts_add(&t, said.by);
    yw_texts_add(&t, said.reason);
    yw_texts_add(&t, old->factors);
    yw_texts_add(&t, old->evidence);
    free(said.head.texts);
    const char **const places[] = {&m.by, &m.reason, &m.factors, &m.evidence};
    m.head = head;
    m.head.outlet = old->head.outlet;
    m.head.texts = yw_texts_end(&t, places, YW_COUNT(places));
    if (m.head.texts == NULL) return yw_fail(err, YW_E_NOMEM, "mark: out of memory");
    m.role = role;
    m.withdrawn = true;
    return put_mark(r, &m, old, err);
}

/* ---- look-ups ---- */

const struct yw_mark_row *yw_register_mark(const struct yw_register *r, uint64_t id) {
    return yw_versions_get(&r->marks, id);
}

uint64_t yw_register_next_mark(const struct yw_register *r) {
    return yw_versions_next(&r->marks);
}

struct search {
    int64_t from, to;
    bool with_withdrawn;
    bool (*each)(void *arg, const struct yw_mark_row *m);
    void *arg;
};

static bool look(void *arg, const void *row) {
    const struct search *s = arg;
    const struct yw_mark_row *m = row;
    if (m->from >= s->to || m->to <= s->from || (m->withdrawn && !s->with_withdrawn)) return true;
    return s->each(s->arg, m);
}

void yw_register_marks(const struct yw_register *r, uint32_t outlet, int64_t from, int64_t to,
                       bool with_withdrawn, bool (*each)(void *arg, const struct yw_mark_row *m), void *arg) {
    struct search s = {from, to, with_withdrawn, each, arg};
    yw_versions_of(&r->marks, outlet, look, &s);
}

size_t yw_register_mark_versions(const struct yw_register *r, uint64_t id, const struct yw_mark_row **out,
                                 size_t max) {
    size_t n = 0;
    for (const void *row = yw_versions_get(&r->marks, id); row != NULL && n < max;
         row = yw_versions_before(&r->marks, row))
        out[n++] = row;
    return n;
}

int64_t yw_mark_changes_from(const struct yw_mark_row *now, const struct yw_mark_row *before) {
    if (before == NULL) return now->from;
    int64_t first = now->from < before->from ? now->from : before->from;
    bool same = now->withdrawn == before->withdrawn && now->is_condition == before->is_condition &&
                now->value == before->value && now->counts == before->counts &&
                strcmp(now->factors, before->factors) == 0;
    if (!same || now->from != before->from) return first;
    if (now->to != before->to) return now->to < before->to ? now->to : before->to;
    return INT64_MAX; /* reason or evidence alone */
}

/* At a border of characters. */
static void copy_cut(char *to, size_t size, const char *from) {
    size_t n = strlen(from);
    if (n >= size) n = size - 1;
    while (n > 0 && ((unsigned char)from[n] & 0xC0) == 0x80) n--;
    memcpy(to, from, n);
    to[n] = '\0';
}

bool yw_mark_of(const struct yw_mark_row *m, const struct yw_site *site, struct yw_mark *out) {
    if (m->withdrawn) return false;
    *out = (struct yw_mark){.id = m->head.id,
                            .version = m->head.version,
                            .from = m->from,
                            .to = m->to,
                            .is_condition = m->is_condition,
                            .value = m->value,
                            .automatic = m->automatic,
                            .disputed = m->open_queries > 0,
                            .counts = m->counts,
                            .set_at = m->head.at};
    copy_cut(out->by, sizeof out->by, m->by);
    copy_cut(out->reason, sizeof out->reason, m->reason);
    for (const char *p = m->factors; *p != '\0';) {
        size_t n = strcspn(p, " ");
        char code[13];
        int i = yw_copy(code, sizeof code, p, n) ? yw_site_factor(site, code) : -1;
        if (i >= 0 && i < 64) out->factors |= UINT64_C(1) << i;
        p += n + (p[n] == ' ');
    }
    return m->factor_n == 0 || out->factors != 0;
}

/* ---- writing ---- */

static void put_codes(struct yw_buf *b, const char *name, const char *const *codes, size_t n) {
    if (n == 0) return;
    yw_put_name(b, name);
    for (size_t i = 0; i < n; i++) {
        yw_buf_putc(b, i == 0 ? '[' : ',');
        yw_buf_json(b, codes[i], strlen(codes[i]));
    }
    yw_buf_putc(b, ']');
}

bool yw_act_mark_put(struct yw_buf *out, const struct yw_act *a, const struct yw_mark_wish *m) {
    const struct yw_word *word = m->is_condition ? yw_condition_word(m->value) : yw_equipment_word(m->value);
    yw_act_begin(out, m->version > 1 ? "mark.amend" : "mark.put", a);
    yw_buf_printf(out, ",\"id\":%llu,\"outlet\":%u,\"version\":%u,\"from\":%lld,\"to\":%lld",
                  (unsigned long long)m->id, m->outlet, m->version, (long long)m->from, (long long)m->to);
    yw_put_text(out, "axis", m->is_condition ? "condition" : "equipment");
    yw_put_text(out, "value", word->name);
    yw_buf_printf(out, ",\"counts\":%s,\"automatic\":%s", m->counts ? "true" : "false",
                  m->automatic ? "true" : "false");
    put_codes(out, "factors", m->factors, m->factor_n);
    put_codes(out, "evidence", m->evidence, m->evidence_n);
    if (m->deadline > 0) yw_buf_printf(out, ",\"deadline\":%lld", (long long)m->deadline);
    yw_put_text(out, "role", m->role == ROLE_MAINTAINER ? "maintainer" : "enterprise");
    return yw_act_end(out);
}

bool yw_act_mark_withdraw(struct yw_buf *out, const struct yw_act *a, uint64_t id, uint32_t version,
                          uint8_t role) {
    yw_act_begin(out, "mark.withdraw", a);
    yw_buf_printf(out, ",\"id\":%llu,\"version\":%u", (unsigned long long)id, version);
    yw_put_text(out, "role", role == ROLE_MAINTAINER ? "maintainer" : "enterprise");
    return yw_act_end(out);
}
