/* Targets as acts, and looked up. */
#include "register/targets.h"

#include <stdlib.h>
#include <string.h>

#include "register/acts.h"

enum kind { TEXT, U16, U32, I64, FLAG };
struct member {
    const char *name;
    enum kind kind;
    size_t offset, size;
    int64_t least, most; /* of numbers; of texts: 1 means it must not be empty */
};
#define M(member, kind, least, most)                                                                         \
    {                                                                                                        \
#member, kind, offsetof(struct yw_target, member), sizeof(((struct yw_target *)0)->member), least,   \
            most                                                                                             \
    }
static const struct member members[] = {
    M(id, U32, 1, UINT32_MAX), M(name, TEXT, 1, 0),        M(host, TEXT, 1, 0),
    M(port, U16, 1, 65535),    M(tls, FLAG, 0, 0),         M(tls_verify, FLAG, 0, 0),
    M(pw, TEXT, 0, 0),         M(areas, TEXT, 0, 0),       M(outlets, TEXT, 0, 0),
    M(commands, TEXT, 0, 0),   M(require_ack, FLAG, 0, 0), M(commands_allowed, FLAG, 0, 0),
    M(overtime_s, U16, 1, 99), M(recount, U16, 0, 99),     M(window, U16, 1, 256),
    M(rate, U32, 1, 100000),   M(paused, FLAG, 0, 0),      M(since, I64, 0, INT64_MAX),
};

static enum yw_code read_text(const struct member *m, const json_t *v, char *to, struct yw_error *err) {
    if (!json_is_string(v)) return yw_fail(err, YW_E_FORMAT, "target.%s: not a text", m->name);
    const char *text = json_string_value(v);
    size_t n = json_string_length(v);
    if (n >= m->size)
        return yw_fail(err, YW_E_LIMIT, "target.%s: longer than %zu bytes", m->name, m->size - 1);
    if (!yw_chars_fit(YW_CHARS_ANY, text, n) || (m->least == 1 && n == 0)) {
        return yw_fail(err, YW_E_FORMAT, "target.%s: empty, or with control characters", m->name);
    }
    memcpy(to, text, n + 1);
    return YW_OK;
}

static enum yw_code read_number(const struct member *m, const json_t *v, char *to, struct yw_error *err) {
    int64_t n = json_integer_value(v);
    if (!json_is_integer(v) || n < m->least || n > m->most) {
        return yw_fail(err, YW_E_RANGE, "target.%s: not a whole number of %lld to %lld", m->name,
                       (long long)m->least, (long long)m->most);
    }
    if (m->kind == U16) {
        memcpy(to, &(uint16_t){(uint16_t)n}, sizeof(uint16_t));
    } else if (m->kind == U32) {
        memcpy(to, &(uint32_t){(uint32_t)n}, sizeof(uint32_t));
    } else {
        memcpy(to, &n, sizeof n);
    }
    return YW_OK;
}

static enum yw_code read_target(const json_t *o, struct yw_target *t, struct yw_error *err) {
    if (!json_is_object(o)) return yw_fail(err, YW_E_FORMAT, "target: not an object");
    *t = (struct yw_target){
        .tls_verify = true, .require_ack = true, .overtime_s = 10, .recount = 3, .window = 32, .rate = 200};
    for (size_t i = 0; i < YW_COUNT(members); i++) {
        const struct member *m = &members[i];
        const json_t *v = json_object_get(o, m->name);
        char *to = (char *)t + m->offset;
        enum yw_code code = YW_OK;
        if (v == NULL && (i == 0 || m->least == 1) && m->kind != U16 && m->kind != U32) {
            code = yw_fail(err, YW_E_FORMAT, "target.%s: missing", m->name);
        } else if (v == NULL) {
            continue;
        } else if (m->kind == TEXT) {
            code = read_text(m, v, to, err);
        } else if (m->kind == FLAG) {
            if (!json_is_boolean(v))
                code = yw_fail(err, YW_E_FORMAT, "target.%s: not true or false", m->name);
            *(bool *)to = json_is_true(v);
        } else {
            code = read_number(m, v, to, err);
        }
        if (code != YW_OK) return code;
    }
    return t->id != 0 && t->port != 0 ? YW_OK : yw_fail(err, YW_E_FORMAT, "target: id or port is missing");
}

static bool read_mn(const json_t *o, const char *name, char to[32]) {
    const json_t *v = json_object_get(o, name);
    if (!json_is_string(v) || json_string_length(v) == 0 || json_string_length(v) > 31) return false;
    if (!yw_chars_fit(YW_CHARS_PRINT, json_string_value(v), json_string_length(v))) return false;
    memcpy(to, json_string_value(v), json_string_length(v) + 1);
    return true;
}

static enum yw_code read_mns(const json_t *o, uint32_t target, struct yw_target_mn **out, size_t *n,
                             struct yw_error *err) {
    const json_t *array = json_object_get(o, "rewrite");
    *out = NULL;
    *n = json_array_size(array);
    if (*n == 0) return YW_OK;
    if (*n > YW_REWRITES_MAX)
        return yw_fail(err, YW_E_LIMIT, "target.rewrite: more than %d", YW_REWRITES_MAX);
    struct yw_target_mn *rows = calloc(*n, sizeof *rows);
    if (rows == NULL) return yw_fail(err, YW_E_NOMEM, "target.rewrite: out of memory");
    for (size_t i = 0; i < *n; i++) {
        const json_t *row = json_array_get(array, i);
        rows[i].target = target;
        if (read_mn(row, "mn", rows[i].mn) && read_mn(row, "to", rows[i].to)) continue;
        free(rows);
        return yw_fail(err, YW_E_FORMAT,
                       "target.rewrite[%zu]: mn and to are 1 to 31 characters without blanks", i);
    }
    *out = rows;
    return YW_OK;
}

static void drop(struct yw_rows *rows, size_t from, size_t n) {
    if (n == 0) return;
    memmove(rows->at + from * rows->size, rows->at + (from + n) * rows->size,
            (rows->n - from - n) * rows->size);
    rows->n -= n;
}

static size_t mns_from(const struct yw_register *r, uint32_t target) {
    bool found;
    return yw_rows_find(&r->target_mns, &(struct yw_target_mn){.target = target}, &found);
}

enum yw_code yw_fold_target_put(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_target t;
    struct yw_target_mn *mns;
    size_t n;
    const json_t *o = json_object_get(act, "target");
    enum yw_code code = read_target(o, &t, err);
    if (code == YW_OK) code = read_mns(o, t.id, &mns, &n, err);
    if (code != YW_OK) return code;
    if (!yw_rows_reserve(&r->targets, 1) || !yw_rows_reserve(&r->target_mns, n)) {
        code = yw_fail(err, YW_E_LIMIT, "target: more than %d targets", YW_TARGETS_MAX);
    } else {
        yw_rows_put(&r->targets, &t);
        drop(&r->target_mns, mns_from(r, t.id), mns_from(r, t.id + 1) - mns_from(r, t.id));
        for (size_t i = 0; i < n; i++) yw_rows_put(&r->target_mns, &mns[i]);
    }
    free(mns);
    return code;
}

enum yw_code yw_fold_target_drop(struct yw_register *r, const json_t *act, struct yw_error *err) {
    const json_t *id = json_object_get(act, "id");
    bool found = false;
    struct yw_target key = {.id = (uint32_t)json_integer_value(id)};
    size_t at = yw_rows_find(&r->targets, &key, &found);
    if (!found) return yw_fail(err, YW_E_NOT_FOUND, "target: there is none with this id");
    drop(&r->targets, at, 1);
    drop(&r->target_mns, mns_from(r, key.id), mns_from(r, key.id + 1) - mns_from(r, key.id));
    return YW_OK;
}

/* ---- look-ups ---- */

const struct yw_target *yw_register_targets(const struct yw_register *r, size_t *n) {
    *n = r->targets.n;
    return (const void *)r->targets.at;
}

const struct yw_target *yw_register_target(const struct yw_register *r, uint32_t id) {
    return yw_rows_get(&r->targets, &(struct yw_target){.id = id});
}

const struct yw_target_mn *yw_register_target_mns(const struct yw_register *r, uint32_t target, size_t *n) {
    size_t from = mns_from(r, target);
    *n = mns_from(r, target + 1) - from;
    return *n > 0 ? (const struct yw_target_mn *)(const void *)r->target_mns.at + from : NULL;
}

const char *yw_register_target_to(const struct yw_register *r, uint32_t target, const char *mn) {
    struct yw_target_mn key = {.target = target};
    if (!yw_copy(key.mn, sizeof key.mn, mn, strlen(mn))) return NULL;
    const struct yw_target_mn *row = yw_rows_get(&r->target_mns, &key);
    return row != NULL ? row->to : NULL;
}

const char *yw_register_target_from(const struct yw_register *r, uint32_t target, const char *to, size_t n) {
    size_t count;
    const struct yw_target_mn *rows = yw_register_target_mns(r, target, &count);
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].to) == n && memcmp(rows[i].to, to, n) == 0) return rows[i].mn;
    }
    return NULL;
}

uint32_t yw_register_next_target(const struct yw_register *r) {
    return r->targets.n == 0
               ? 1
               : ((const struct yw_target *)(const void *)r->targets.at)[r->targets.n - 1].id + 1;
}

int yw_order_target_mn(const void *a, const void *b) {
    const struct yw_target_mn *x = a, *y = b;
    if (x->target != y->target) return x->target < y->target ? -1 : 1;
    return strcmp(x->mn, y->mn);
}

/* ---- writing ---- */

static void put_member(struct yw_buf *b, const struct member *m, const char *at) {
    uint16_t u16;
    uint32_t u32;
    int64_t i64;
    switch (m->kind) {
    case TEXT:
        yw_buf_json(b, at, strlen(at));
        break;
    case FLAG:
        yw_buf_puts(b, *(const bool *)at ? "true" : "false");
        break;
    case U16:
        memcpy(&u16, at, sizeof u16);
        yw_buf_printf(b, "%u", u16);
        break;
    case U32:
        memcpy(&u32, at, sizeof u32);
        yw_buf_printf(b, "%u", u32);
        break;
    case I64:
        memcpy(&i64, at, sizeof i64);
        yw_buf_printf(b, "%lld", (long long)i64);
        break;
    }
}

bool yw_act_target_put(struct yw_buf *out, const struct yw_act *a, const struct yw_target *t,
                       const struct yw_target_mn *mns, size_t mn_n) {
    yw_act_begin(out, "target.put", a);
    yw_put_name(out, "target");
    for (size_t i = 0; i < YW_COUNT(members); i++) {
        yw_buf_printf(out, "%c\"%s\":", i == 0 ? '{' : ',', members[i].name);
        put_member(out, &members[i], (const char *)t + members[i].offset);
    }
    yw_put_name(out, "rewrite");
    yw_buf_putc(out, '[');
    for (size_t i = 0; i < mn_n; i++) {
        yw_buf_puts(out, i == 0 ? "{\"mn\":" : ",{\"mn\":");
        yw_buf_json(out, mns[i].mn, strlen(mns[i].mn));
        yw_buf_puts(out, ",\"to\":");
        yw_buf_json(out, mns[i].to, strlen(mns[i].to));
        yw_buf_putc(out, '}');
    }
    yw_buf_puts(out, "]}");
    return yw_act_end(out);
}

bool yw_act_target_drop(struct yw_buf *out, const struct yw_act *a, uint32_t id) {
    yw_act_begin(out, "target.drop", a);
    yw_put_id(out, "id", id);
    return yw_act_end(out);
}
