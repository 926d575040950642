/* Marks, queries and filings as answers; what a unit does not see is left out here. */
#include "web/marks.h"

#include <math.h>
#include <string.h>

void yw_person_name(struct yw_request *q, const char *user, char out[65]) {
    struct yw_user u;
    out[0] = '\0';
    if (user[0] != '\0' && yw_office_user(q->web->office, user, &u, NULL) == YW_OK)
        memcpy(out, u.display_name[0] != '\0' ? u.display_name : u.name,
               strlen(u.display_name[0] != '\0' ? u.display_name : u.name) + 1);
}

void yw_put_codes(struct yw_buf *b, const char *key, const char *joined) {
    yj_key(b, key);
    yj_open(b, '[');
    for (const char *p = joined; *p != '\0';) {
        size_t n = strcspn(p, " ");
        yj_text_n(b, p, n);
        p += n + (p[n] == ' ');
    }
    yj_close(b, ']');
}

void yw_put_mark_row(struct yw_request *q, const struct yw_mark_row *m) {
    struct yw_buf *b = &q->out;
    const struct yw_word *word = m->is_condition ? yw_condition_word(m->value) : yw_equipment_word(m->value);
    const struct yw_mark_row *newest = yw_register_mark(q->reg, m->head.id);
    char name[65];
    yw_person_name(q, m->by, name);
    yj_open(b, '{');
    yj_put_i64(b, "id", (int64_t)m->head.id);
    yj_put_i64(b, "outlet", m->head.outlet);
    yj_put_i64(b, "version", m->head.version);
    yj_put_i64(b, "versions_n", newest->head.version);
    yj_put_time(b, "from", m->from);
    yj_put_time(b, "to", m->to);
    yj_put_text(b, "axis", m->is_condition ? "condition" : "equipment");
    yj_put_text(b, "value", word->name);
    yj_put_text(b, "zh", word->zh);
    yj_put_text(b, "en", word->en);
    yw_put_codes(b, "factors", m->factors);
    yj_put_bool(b, "counts", m->counts);
    yj_put_bool(b, "usable", yw_mark_keeps(m->is_condition, m->value, m->counts));
    yj_put_bool(b, "automatic", m->automatic);
    yj_put_bool(b, "withdrawn", m->withdrawn);
    yj_put_bool(b, "disputed", newest->open_queries > 0);
    yj_put_bool(b, "late", m->late);
    yj_put_time(b, "deadline", m->deadline);
    yj_put_time(b, "set_at", m->head.at);
    yj_put_text(b, "role", m->role == 2 ? "maintainer" : "enterprise");
    yj_put_text(b, "by", m->by);
    yj_put_text(b, "by_name", name[0] != '\0' ? name : m->by);
    yj_put_text(b, "reason", m->reason);
    yw_put_codes(b, "evidence", m->evidence);
    yj_close(b, '}');
}

static void put_step(struct yw_request *q, const char *key, int64_t at, const char *by, const char *text,
                     const char *result, bool inner) {
    struct yw_buf *b = &q->out;
    bool hidden = inner && yw_is_unit(q);
    char name[65];
    yj_key(b, key);
    if (at == 0) {
        yj_null(b);
        return;
    }
    yw_person_name(q, by, name);
    yj_open(b, '{');
    yj_put_time(b, "at", at);
    yj_put_text_or_null(b, "by_name", hidden ? NULL : name[0] != '\0' ? name : by);
    if (text != NULL) yj_put_text_or_null(b, "text", hidden ? NULL : text);
    if (result != NULL) yj_put_text(b, "result", result);
    yj_close(b, '}');
}

static void put_places(struct yw_request *q, uint32_t outlet) {
    struct yw_buf *b = &q->out;
    const struct yw_outlet *o = yw_register_outlet(q->reg, outlet);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(q->reg, o->enterprise) : NULL;
    yj_key(b, "outlet");
    yj_open(b, '{');
    yj_put_i64(b, "id", outlet);
    yj_put_text(b, "code", o != NULL ? o->code : "");
    yj_put_text(b, "name", o != NULL ? o->name : "");
    yj_close(b, '}');
    yw_put_enterprise_brief(b, e);
}

void yw_put_query_row(struct yw_request *q, const struct yw_query_row *d) {
    struct yw_buf *b = &q->out;
    struct yw_user asker = {0};
    bool known = yw_office_user(q->web->office, d->by, &asker, NULL) == YW_OK, unit = yw_is_unit(q);
    bool answered = d->state >= YW_QUERY_REPLIED;
    yj_open(b, '{');
    yj_put_i64(b, "id", (int64_t)d->head.id);
    yj_put_text(b, "number", d->number);
    put_places(q, d->head.outlet);
    yj_key(b, "mark");
    d->mark != 0 ? yj_i64(b, (int64_t)d->mark) : yj_null(b);
    yj_key(b, "mark_version");
    d->mark != 0 ? yj_i64(b, d->mark_version) : yj_null(b);
    yj_put_text_or_null(b, "alarm", d->alarm);
    yj_put_text(b, "text", d->text);
    /* To the unit the notice comes from a body, not from a person. */
    yj_put_text_or_null(b, "by", unit ? NULL : d->by);
    yj_put_text_or_null(b, "by_name",
                        unit                                     ? NULL
                        : known && asker.display_name[0] != '\0' ? asker.display_name
                                                                 : d->by);
    yj_put_text_or_null(b, "unit_name", known ? asker.unit : NULL);
    yj_put_time(b, "at", d->sent_at);
    yj_put_time(b, "deadline", d->deadline);
    yj_put_text(b, "state", yw_query_state_name(d->state));
    yj_put_text(b, "state_zh", yw_query_state_zh(d->state));
    yj_put_bool(b, "overdue",
                answered ? d->replied_at == 0 || d->replied_at > d->deadline : q->now > d->deadline);
    put_step(q, "received", d->received_at, d->received_by, NULL, NULL, false);
    put_step(q, "reply", d->replied_at, d->replied_by, d->reply, d->amended ? "amended" : "kept", false);
    put_step(q, "closed", d->closed_at, d->closed_by, d->closing, NULL, true);
    yj_close(b, '}');
}

static void put_numbers(struct yw_buf *b, const char *key, const double *v, size_t n) {
    yj_key(b, key);
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) yj_f64(b, v[i]);
    yj_close(b, ']');
}

void yw_put_filing_row(struct yw_request *q, const struct yw_filing_row *f) {
    static const char *const roles[] = {"", "enterprise", "maintainer", "officer", "operator"};
    struct yw_buf *b = &q->out;
    const struct yw_filing_word *word = yw_filing_word(f->kind);
    const struct yw_filing_row *newest = yw_register_filing(q->reg, f->head.id);
    /* What an authority wrote beside its figures is its own. */
    bool hidden = yw_is_unit(q) && f->role > 2;
    char name[65];
    yw_person_name(q, f->by, name);
    yj_open(b, '{');
    yj_put_i64(b, "id", (int64_t)f->head.id);
    yj_put_i64(b, "outlet", f->head.outlet);
    yj_put_i64(b, "version", f->head.version);
    yj_put_i64(b, "versions_n", newest->head.version);
    yj_put_text(b, "kind", word->name);
    yj_put_text(b, "zh", word->zh);
    yj_put_text(b, "en", word->en);
    yj_put_time(b, "from", f->from);
    yj_put_time(b, "to", f->to);
    yj_put_text_or_null(b, "factor", f->factor);
    yj_put_f64(b, "reading", f->reading);
    yj_put_f64(b, "nominal", f->nominal);
    yj_put_f64(b, "full_scale", f->full_scale);
    yj_key(b, "passed");
    f->passed < 0 ? yj_null(b) : yj_bool(b, f->passed == 1);
    put_numbers(b, "reference", f->reference, f->pair_n);
    put_numbers(b, "measured", f->measured, f->pair_n);
    yj_put_text_or_null(b, "text", hidden ? NULL : f->text);
    yj_put_text_or_null(b, "document", f->document);
    yj_put_text_or_null(b, "by_name", hidden ? NULL : f->by_name);
    yj_put_text_or_null(b, "state", f->state);
    yw_put_codes(b, "evidence", hidden ? "" : f->evidence);
    yj_put_bool(b, "withdrawn", f->withdrawn);
    yj_put_text_or_null(b, "reason", hidden ? NULL : f->reason);
    yj_put_time(b, "filed_at", f->head.at);
    yj_put_text_or_null(b, "role", roles[f->role < YW_COUNT(roles) ? f->role : 0]);
    yj_put_text_or_null(b, "filed_by", hidden ? NULL : f->by);
    yj_put_text_or_null(b, "filed_by_name", hidden ? NULL : name[0] != '\0' ? name : f->by);
    yj_close(b, '}');
}
