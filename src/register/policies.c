/* policy.set: defaults of the installation, by name. */
#include "register/acts.h"

#include <string.h>

#define NUMBER_MOST 1000000000000000.0 /* on either side of zero */

int yw_order_policy(const void *a, const void *b) {
    return strcmp(((const struct yw_policy *)a)->name, ((const struct yw_policy *)b)->name);
}

static const struct yw_policy *find(const struct yw_register *r, const char *name) {
    struct yw_policy key = {0};
    if (!yw_copy(key.name, sizeof key.name, name, strlen(name))) return NULL;
    return yw_rows_get(&r->policies, &key);
}

int64_t yw_register_policy(const struct yw_register *r, const char *name, int64_t otherwise) {
    const struct yw_policy *p = find(r, name);
    return p != NULL && !p->is_text ? p->number : otherwise;
}

const char *yw_register_policy_text(const struct yw_register *r, const char *name, const char *otherwise) {
    const struct yw_policy *p = find(r, name);
    return p != NULL && p->is_text ? p->text : otherwise;
}

const struct yw_policy *yw_register_policies(const struct yw_register *r, size_t *n) {
    *n = r->policies.n;
    return (const void *)r->policies.at;
}

static void drop(struct yw_register *r, const struct yw_policy *key) {
    bool found = false;
    size_t i = yw_rows_find(&r->policies, key, &found);
    if (!found) return;
    char *place = r->policies.at + i * r->policies.size;
    memmove(place, place + r->policies.size, (--r->policies.n - i) * r->policies.size);
}

enum yw_code yw_fold_policy_set(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_policy p = {0};
    const json_t *name = json_object_get(act, "name"), *value = json_object_get(act, "value");
    if (!json_is_string(name) || json_string_length(name) == 0 || json_string_length(name) >= sizeof p.name ||
        !yw_chars_fit(YW_CHARS_CODE, json_string_value(name), json_string_length(name))) {
        return yw_fail(err, YW_E_FORMAT, "policy.name: takes 1 to %zu letters, digits, _ - and .",
                       sizeof p.name - 1);
    }
    memcpy(p.name, json_string_value(name), json_string_length(name));
    if (json_is_null(value)) {
        drop(r, &p);
        return YW_OK;
    }
    p.is_text = json_is_string(value);
    if (p.is_text) {
        size_t n = json_string_length(value);
        if (n >= sizeof p.text || !yw_chars_fit(YW_CHARS_ANY, json_string_value(value), n)) {
            return yw_fail(err, YW_E_FORMAT,
                           "policy %s: a text takes at most %zu bytes, no control characters", p.name,
                           sizeof p.text - 1);
        }
        memcpy(p.text, json_string_value(value), n);
    } else if (json_is_integer(value) && json_number_value(value) <= NUMBER_MOST &&
               json_number_value(value) >= -NUMBER_MOST) {
        p.number = json_integer_value(value);
    } else {
        return yw_fail(err, YW_E_FORMAT, "policy %s: takes a whole number, a text, or null", p.name);
    }
    if (find(r, p.name) == NULL && !yw_rows_reserve(&r->policies, 1)) {
        return yw_fail(err, YW_E_LIMIT, "policy %s: more than %d policies", p.name, YW_POLICIES_MAX);
    }
    yw_rows_put(&r->policies, &p);
    return YW_OK;
}

bool yw_act_policy_set(struct yw_buf *out, const struct yw_act *a, const char *name, int64_t number,
                       const char *text, bool remove) {
    yw_act_begin(out, "policy.set", a);
    yw_put_text(out, "name", name);
    if (text != NULL && !remove) {
        yw_put_text(out, "value", text);
    } else {
        yw_put_name(out, "value");
        if (remove) yw_buf_puts(out, "null");
        if (!remove) yw_buf_printf(out, "%lld", (long long)number);
    }
    return yw_act_end(out);
}
