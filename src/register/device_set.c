/* device.set: how the host speaks to a device, and the names it uses, with their history. */
#include "register/acts.h"

#include <string.h>

/* ---- reading ---- */

static enum yw_code read_alias(const char *from, const json_t *to, struct yw_alias *out,
                               struct yw_error *err) {
    size_t n = strlen(from);
    if (n == 0 || n >= sizeof out->from || !yw_chars_fit(YW_CHARS_ANY, from, n)) {
        return yw_fail(err, YW_E_FORMAT, "device.aliases: a name takes 1 to %zu bytes, no control characters",
                       sizeof out->from - 1);
    }
    if (!json_is_string(to) || json_string_length(to) == 0 || json_string_length(to) >= sizeof out->to ||
        !yw_chars_fit(YW_CHARS_CODE, json_string_value(to), json_string_length(to))) {
        return yw_fail(err, YW_E_FORMAT, "device.aliases.%s: takes the code it stands for, at most %zu bytes",
                       from, sizeof out->to - 1);
    }
    *out = (struct yw_alias){0};
    memcpy(out->from, from, n);
    memcpy(out->to, json_string_value(to), json_string_length(to));
    return YW_OK;
}

static enum yw_code read_aliases(const json_t *map, struct yw_device_set *out, struct yw_error *err) {
    if (!json_is_object(map)) return yw_fail(err, YW_E_FORMAT, "device.aliases: not an object");
    if (json_object_size(map) > YW_ALIASES_MAX) {
        return yw_fail(err, YW_E_LIMIT, "device.aliases: more than %d", YW_ALIASES_MAX);
    }
    const char *from;
    json_t *to;
    json_object_foreach((json_t *)(uintptr_t)map, from, to) {
        enum yw_code code = read_alias(from, to, &out->aliases[out->alias_n], err);
        if (code != YW_OK) return code;
        out->alias_n++;
    }
    return YW_OK;
}

static enum yw_code check_values(const struct yw_device_set *set, struct yw_error *err) {
    uint16_t v = set->values.version;
    if ((set->members & YW_SET_VERSION) && v != 0 && v != 2005 && v != 2017 && v != 2025) {
        return yw_fail(err, YW_E_RANGE, "device.version: takes 2005, 2017, 2025, or 0 for not said");
    }
    struct yw_network networks[YW_PEER_NETWORKS_MAX];
    size_t n;
    return yw_networks_parse(set->values.peers, networks, &n, err);
}

/* Members that are there; null is empty. */
static enum yw_code read_members(const json_t *object, struct yw_device_set *out, size_t *used,
                                 struct yw_error *err) {
    *out = (struct yw_device_set){0};
    *used = 0;
    for (size_t k = 0; k < yw_device_set_shape.field_n; k++) {
        const struct yw_field *f = &yw_device_set_shape.fields[k];
        const json_t *v = json_object_get(object, f->name);
        if (v == NULL) continue;
        out->members |= 1u << k;
        ++*used;
        if (json_is_null(v)) continue;
        enum yw_code code = yw_read_field(f, v, (char *)&out->values, "device", 0, err);
        if (code != YW_OK) return code;
    }
    const json_t *aliases = json_object_get(object, "aliases");
    if (aliases != NULL) {
        out->members |= YW_SET_ALIASES;
        ++*used;
        enum yw_code code = read_aliases(aliases, out, err);
        if (code != YW_OK) return code;
    }
    return check_values(out, err);
}

enum yw_code yw_device_set_read(const char *json, size_t n, struct yw_device_set *out, size_t *used,
                                struct yw_error *err) {
    json_error_t where;
    json_t *object = json_loadb(json, n, JSON_REJECT_DUPLICATES, &where);
    enum yw_code code = json_is_object(object) ? read_members(object, out, used, err)
                                               : yw_fail(err, YW_E_FORMAT, "device: not a JSON object");
    json_decref(object);
    return code;
}

/* ---- folding ---- */

int yw_order_alias(const void *a, const void *b) {
    const struct yw_alias_change *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    int c = strcmp(x->from, y->from);
    return c != 0 ? c : (x->version > y->version) - (x->version < y->version);
}

static bool names(const struct yw_device_set *set, const char *from) {
    for (size_t i = 0; i < set->alias_n; i++) {
        if (strcmp(set->aliases[i].from, from) == 0) return true;
    }
    return false;
}

/* Notes what changes against the present aliases; room has been reserved. */
static void put_aliases(struct yw_register *r, uint32_t device, const struct yw_device_set *set,
                        const struct yw_alias *old, size_t old_n) {
    struct yw_alias_change c = {.device = device, .version = r->version};
    for (size_t i = 0; i < old_n; i++) {
        if (names(set, old[i].from)) continue;
        memcpy(c.from, old[i].from, sizeof c.from);
        memset(c.to, 0, sizeof c.to);
        yw_rows_put(&r->aliases, &c);
    }
    for (size_t i = 0; i < set->alias_n; i++) {
        const struct yw_alias *a = &set->aliases[i];
        const char *now = yw_register_alias_at(r, device, r->version, a->from, strlen(a->from));
        if (now != NULL && strcmp(now, a->to) == 0) continue;
        memcpy(c.from, a->from, sizeof c.from);
        memcpy(c.to, a->to, sizeof c.to);
        yw_rows_put(&r->aliases, &c);
    }
}

static void copy_members(struct yw_device *d, const struct yw_device_set *set) {
    for (size_t k = 0; k < yw_device_set_shape.field_n; k++) {
        const struct yw_field *f = &yw_device_set_shape.fields[k];
        if ((set->members & 1u << k) == 0) continue;
        memcpy((char *)d + f->offset, (const char *)&set->values + f->offset, f->size);
    }
}

enum yw_code yw_fold_device_set(struct yw_register *r, const json_t *act, struct yw_error *err) {
    const json_t *id = json_object_get(act, "id");
    const struct yw_device *old = NULL;
    if (json_is_integer(id) && json_integer_value(id) > 0 && json_integer_value(id) <= UINT32_MAX) {
        old = yw_register_device(r, (uint32_t)json_integer_value(id));
    }
    if (old == NULL) return yw_fail(err, YW_E_NOT_FOUND, "device: no such device in the register");
    struct yw_device_set set;
    size_t used;
    enum yw_code code = read_members(act, &set, &used, err);
    if (code != YW_OK) return code;
    struct yw_device d = *old;
    copy_members(&d, &set);
    code = yw_check_device(r, &d, err);
    if (code != YW_OK) return code;
    struct yw_alias had[YW_ALIASES_MAX];
    size_t had_n = 0;
    if (set.members & YW_SET_ALIASES) {
        had_n = yw_register_aliases(r, d.id, had);
        if (!yw_rows_reserve(&r->aliases, had_n + set.alias_n)) {
            return yw_fail(err, YW_E_LIMIT, "device.aliases: more changes than the register holds");
        }
    }
    if (!yw_register_device_reserve(r, 1)) {
        return yw_fail(err, YW_E_NOMEM, "device: out of memory");
    }
    if (set.members & YW_SET_ALIASES) put_aliases(r, d.id, &set, had, had_n);
    yw_register_put_device(r, &d);
    return YW_OK;
}

/* ---- looking up ---- */

const char *yw_register_alias_at(const struct yw_register *r, uint32_t device, uint32_t version,
                                 const char *code, size_t n) {
    if (r->aliases.n == 0 || n == 0 || n >= YW_ALIAS_FROM || memchr(code, 0, n) != NULL) return NULL;
    struct yw_alias_change key = {.device = device, .version = version};
    memcpy(key.from, code, n);
    bool found = false;
    size_t i = yw_rows_find(&r->aliases, &key, &found);
    if (!found && i-- == 0) return NULL;
    const struct yw_alias_change *c = (const struct yw_alias_change *)(const void *)r->aliases.at + i;
    if (c->device != device || strcmp(c->from, key.from) != 0 || c->to[0] == '\0') return NULL;
    return c->to;
}

size_t yw_register_aliases(const struct yw_register *r, uint32_t device,
                           struct yw_alias out[YW_ALIASES_MAX]) {
    struct yw_alias_change key = {.device = device};
    const struct yw_alias_change *c = (const void *)r->aliases.at;
    bool found = false;
    size_t n = 0;
    if (r->aliases.n == 0) return 0;
    for (size_t i = yw_rows_find(&r->aliases, &key, &found); i < r->aliases.n && c[i].device == device; i++) {
        bool last =
            i + 1 == r->aliases.n || c[i + 1].device != device || strcmp(c[i + 1].from, c[i].from) != 0;
        if (!last || c[i].to[0] == '\0' || n == YW_ALIASES_MAX) continue;
        memcpy(out[n].from, c[i].from, sizeof out->from);
        memcpy(out[n].to, c[i].to, sizeof out->to);
        n++;
    }
    return n;
}

/* ---- writing ---- */

/* An empty member is written too: it goes back to the default. */
static void put_member(struct yw_buf *b, const struct yw_field *f, const struct yw_device *d) {
    size_t before = b->len;
    yw_put_field(b, f, (const char *)d);
    if (b->len > before || b->failed) return;
    yw_put_name(b, f->name);
    yw_buf_puts(b, f->kind == YW_FIELD_TEXT ? "\"\"" : "0");
}

bool yw_act_device_set(struct yw_buf *out, const struct yw_act *a, uint32_t id,
                       const struct yw_device_set *set) {
    yw_act_begin(out, "device.set", a);
    yw_put_id(out, "id", id);
    for (size_t k = 0; k < yw_device_set_shape.field_n; k++) {
        if (set->members & 1u << k) put_member(out, &yw_device_set_shape.fields[k], &set->values);
    }
    if (set->members & YW_SET_ALIASES) {
        yw_put_name(out, "aliases");
        yw_buf_putc(out, '{');
        for (size_t i = 0; i < set->alias_n; i++) {
            if (i > 0) yw_buf_putc(out, ',');
            yw_buf_json(out, set->aliases[i].from, strlen(set->aliases[i].from));
            yw_buf_putc(out, ':');
            yw_buf_json(out, set->aliases[i].to, strlen(set->aliases[i].to));
        }
        yw_buf_putc(out, '}');
    }
    return yw_act_end(out);
}
