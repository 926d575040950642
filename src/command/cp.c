/* Arguments become a data area: checked against the row, in the row's order, with the separators the
 * standard's examples have. */
#include "command/command.h"

#include <string.h>

#define NOW14 "@now"
#define NOW17 "@now17"
/* 2000-01-01 and 2100-01-01 in UTC+8: other moments are slips of the pen */
#define YEAR_2000 (INT64_C(946656000) * YW_SECOND)
#define YEAR_2100 (INT64_C(4102416000) * YW_SECOND)

struct area {
    char *out;
    size_t n;
    bool full;
};

static void add(struct area *a, const char *text, size_t n) {
    if (YW_COMMAND_CP_MAX - a->n < n) {
        a->full = true;
        return;
    }
    memcpy(a->out + a->n, text, n);
    a->n += n;
}

static void add_text(struct area *a, const char *text) {
    add(a, text, strlen(text));
}

/* ---- one value ---- */

static bool all_of(const char *v, size_t n, const char *set) {
    for (size_t i = 0; i < n; i++)
        if (v[i] == 0 || !strchr(set, v[i])) return false;
    return n > 0;
}

static bool is_code(const char *v, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char c = v[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) return false;
    }
    return n > 0;
}

static enum yw_code check_number(const struct yw_param *p, const char *v, size_t n, struct yw_error *err) {
    int64_t number;
    const char *unit = p->unit ? p->unit : "";
    if (!all_of(v, n, "0123456789") || !yw_parse_i64(v, n, &number))
        return yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a whole number; it takes %lld to %lld %s", p->name,
                       (int)n, v, (long long)p->least, (long long)p->most, unit);
    if (number < p->least || number > p->most)
        return yw_fail(err, YW_E_RANGE, "%s: %.*s is outside its range; it takes %lld to %lld %s", p->name,
                       (int)n, v, (long long)p->least, (long long)p->most, unit);
    return YW_OK;
}

static bool is_decimal(const char *v, size_t n) {
    hj212_decimal d;
    return hj212_parse_decimal((hj212_span){v, (uint32_t)n}, &d);
}

/* hh mm [ss] */
static bool is_clock(const char *v, size_t n, size_t digits) {
    if (n != digits || !all_of(v, n, "0123456789")) return false;
    for (size_t i = 0; i < n; i += 2) {
        int two = (v[i] - '0') * 10 + v[i + 1] - '0';
        if (two > (i == 0 ? 23 : 59)) return false;
    }
    return true;
}

static enum yw_code check_choice(const struct yw_param *p, const char *v, size_t n, struct yw_error *err) {
    for (const char *at = p->choices; at && !memchr(v, ',', n); at = strchr(at, ',')) {
        if (*at == ',') at++;
        if (strncmp(at, v, n) == 0 && (at[n] == ',' || at[n] == 0)) return YW_OK;
    }
    return yw_fail(err, YW_E_RANGE, "%s: %.*s is not one of %s", p->name, (int)n, v, p->choices);
}

static enum yw_code check_text(const struct yw_param *p, const char *v, size_t n, struct yw_error *err) {
    if ((int64_t)n < p->least || (int64_t)n > p->most)
        return yw_fail(err, YW_E_RANGE, "%s takes %lld to %lld bytes, not %zu", p->name, (long long)p->least,
                       (long long)p->most, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)v[i];
        if (c < 0x20 || c == 0x7F || strchr(";,=&", c) || (c > 0x7F && p->kind != YW_PARAM_FREE))
            return yw_fail(err, YW_E_FORMAT, "%s takes %s without ; , = & and control characters", p->name,
                           p->kind == YW_PARAM_FREE ? "text" : "ASCII");
    }
    if (p->kind == YW_PARAM_FREE && !yw_utf8_valid(v, n))
        return yw_fail(err, YW_E_FORMAT, "%s is not UTF-8", p->name);
    if (v[0] == ' ' || v[n - 1] == ' ')
        return yw_fail(err, YW_E_FORMAT, "%s begins or ends with a blank", p->name);
    if (strcmp(v, NOW14) == 0 || strcmp(v, NOW17) == 0) /* would be filled in at sending */
        return yw_fail(err, YW_E_FORMAT, "%s may not be %s", p->name, v);
    return YW_OK;
}

/* Writes the moment as 14 or 17 digits, or as the mark that is filled in at sending; *at: 0 for the mark. */
static enum yw_code put_time(struct area *a, const struct yw_param *p, const char *v, size_t n, int64_t *at,
                             struct yw_error *err) {
    bool millis = p->kind == YW_PARAM_TIME17;
    char digits[18] = "";
    *at = 0;
    if (n == strlen(NOW14) && memcmp(v, NOW14, n) == 0) {
        add_text(a, millis ? NOW17 : NOW14);
        return YW_OK;
    }
    if (!yw_time_parse(v, n, at) || *at % (millis ? 1000 : YW_SECOND) != 0 || *at < YEAR_2000 ||
        *at >= YEAR_2100) {
        return yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a moment of 2000 to 2099; it takes %s or @now",
                       p->name, (int)n, v, millis ? "YYYYMMDDhhmmsszzz" : "YYYYMMDDhhmmss, whole seconds");
    }
    hj212_print_time(*at, millis, digits);
    add_text(a, digits);
    return YW_OK;
}

static enum yw_code put_value(struct area *a, const struct yw_param *p, const char *v, size_t n, int64_t *at,
                              struct yw_error *err) {
    enum yw_code code = YW_OK;
    *at = 0;
    if (n == 0 || n > YW_COMMAND_CP_MAX) return yw_fail(err, YW_E_FORMAT, "%s is empty or too long", p->name);
    switch (p->kind) {
    case YW_PARAM_TIME14:
    case YW_PARAM_TIME17:
        return put_time(a, p, v, n, at, err);
    case YW_PARAM_NUMBER:
        code = check_number(p, v, n, err);
        break;
    case YW_PARAM_DECIMAL:
        if (!is_decimal(v, n))
            code = yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a number", p->name, (int)n, v);
        break;
    case YW_PARAM_CLOCK6:
        if (!is_clock(v, n, 6))
            code = yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a time of day; it takes hhmmss", p->name,
                           (int)n, v);
        break;
    case YW_PARAM_CLOCK4:
        if (!is_clock(v, n, 4))
            code =
                yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a time of day; it takes hhmm", p->name, (int)n, v);
        break;
    case YW_PARAM_FACTOR:
        if (n > 8 || !is_code(v, n))
            code = yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a pollutant's code, as w01018 or 011", p->name,
                           (int)n, v);
        break;
    case YW_PARAM_INFO:
        if (n != 6 || (v[0] | 0x20) != 'i' || !all_of(v + 1, 5, "0123456789"))
            code = yw_fail(err, YW_E_FORMAT, "%s: %.*s is not a code of device information, as i13004",
                           p->name, (int)n, v);
        break;
    case YW_PARAM_CHOICE:
        code = check_choice(p, v, n, err);
        break;
    case YW_PARAM_TEXT:
    case YW_PARAM_SECRET:
    case YW_PARAM_FREE:
        code = check_text(p, v, n, err);
        break;
    }
    if (code == YW_OK) add(a, v, n);
    return code;
}

/* ---- the row ---- */

static const char *argument(const struct yw_argument *args, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(args[i].name, name) == 0) return args[i].value;
    return NULL;
}

static enum yw_code check_names(const struct yw_command_spec *s, uint16_t version,
                                const struct yw_argument *args, size_t n, struct yw_error *err) {
    for (size_t i = 0; i < n; i++) {
        const struct yw_param *p = NULL;
        for (unsigned k = 0; k < s->param_n && !p; k++)
            if (strcmp(s->params[k].name, args[i].name) == 0) p = &s->params[k];
        if (!p) return yw_fail(err, YW_E_NOT_FOUND, "%s: no parameter of %s", args[i].name, s->key);
        if (!yw_param_has_version(p, version))
            return yw_fail(err, YW_E_VERSION, "%s: %s does not take it in the version of %u", args[i].name,
                           s->key, version);
        if (!args[i].value || argument(args, i, args[i].name))
            return yw_fail(err, YW_E_FORMAT, "%s: given twice or without a value", args[i].name);
    }
    return YW_OK;
}

/* "{InfoId}-Info" with the value of InfoId in place of the braces. */
static void put_name(struct area *a, const struct yw_param *p, const struct yw_argument *args, size_t n) {
    const char *form = p->field ? p->field : p->name, *close = strchr(form, '}');
    if (form[0] != '{' || !close) {
        add_text(a, form);
        return;
    }
    char name[24] = "";
    yw_copy(name, sizeof name, form + 1, (size_t)(close - form - 1));
    const char *value = argument(args, n, name);
    if (value) add_text(a, value);
    add_text(a, close + 1);
}

/* One parameter: as many items as it has values. */
static enum yw_code put_param(struct area *a, const struct yw_param *p, const char *value, bool comma,
                              const struct yw_argument *args, size_t n, int64_t *at, struct yw_error *err) {
    const char *v = value;
    for (unsigned count = 1;; count++) {
        size_t len = p->many ? strcspn(v, ",") : strlen(v);
        if (p->many && count > p->many)
            return yw_fail(err, YW_E_RANGE, "%s takes at most %u values", p->name, p->many);
        struct area mark = *a;
        if (a->n) add_text(a, comma ? "," : ";");
        put_name(a, p, args, n);
        add_text(a, "=");
        enum yw_code code = put_value(a, p, v, len, at, err);
        if (code != YW_OK) return code;
        if (p->field && p->field[0] == 0) *a = mark; /* checked, but not an item of its own */
        if (!p->many || v[len] == 0) return YW_OK;
        v += len + 1;
    }
}

static enum yw_code check_range(int64_t begin, int64_t end, struct yw_error *err) {
    if ((begin == 0) != (end == 0))
        return yw_fail(err, YW_E_FORMAT, "BeginTime and EndTime are given both or neither, as moments");
    if (end < begin) return yw_fail(err, YW_E_RANGE, "EndTime is before BeginTime");
    return YW_OK;
}

enum yw_code yw_command_cp(const struct yw_command_spec *s, uint16_t version, const struct yw_argument *args,
                           size_t n, char cp[YW_COMMAND_CP_MAX + 1], int64_t *from, int64_t *to,
                           struct yw_error *err) {
    struct area a = {.out = cp};
    int64_t begin = 0, end = 0, at;
    bool ranged = false;
    cp[0] = 0;
    if (!yw_command_has_version(s, version))
        return yw_fail(err, YW_E_VERSION, "%s is no command of the version of %u", s->key, version);
    if (n > YW_ARGUMENTS_MAX) return yw_fail(err, YW_E_LIMIT, "at most %d arguments", (int)YW_ARGUMENTS_MAX);
    enum yw_code code = check_names(s, version, args, n, err);
    for (unsigned i = 0; code == YW_OK && i < s->param_n; i++) {
        const struct yw_param *p = &s->params[i];
        if (!yw_param_has_version(p, version)) continue;
        const char *value = argument(args, n, p->name);
        if (!value) value = p->preset;
        if (!value && p->required) code = yw_fail(err, YW_E_NOT_FOUND, "%s is missing: %s", p->name, p->en);
        if (!value) continue;
        bool is_begin = strcmp(p->name, "BeginTime") == 0, is_end = strcmp(p->name, "EndTime") == 0;
        /* the examples of 2005 part the range by a comma */
        bool comma = p->comma || (is_end && version == 2005);
        code = put_param(&a, p, value, comma, args, n, &at, err);
        if (is_begin) begin = at;
        if (is_end) end = at;
        ranged |= is_begin || is_end;
    }
    if (code == YW_OK && ranged) code = check_range(begin, end, err);
    if (code == YW_OK && ranged && begin == 0)
        code = yw_fail(err, YW_E_FORMAT, "BeginTime and EndTime are moments, not @now");
    if (code == YW_OK && a.full)
        code = yw_fail(err, YW_E_LIMIT, "the data area would be longer than %d bytes", YW_COMMAND_CP_MAX);
    if (code != YW_OK) {
        cp[0] = 0;
        return code;
    }
    cp[a.n] = 0;
    if (from) *from = begin;
    if (to) *to = end;
    return YW_OK;
}

/* ---- what happens to a data area afterwards ---- */

/* Copies cp to out, value by value: each(value) gives what to put in its place, or NULL for the value itself.
 * Returns the length, or SIZE_MAX where it does not fit (out then holds what fitted). */
typedef const char *replace_fn(void *arg, const char *name, size_t name_n, const char *value, size_t n);

static size_t rewrite(const char *cp, char *out, size_t size, replace_fn *each, void *arg) {
    size_t n = 0;
    const char *name = cp;
    bool fits = size > 0;
    for (const char *at = cp; *at && fits;) {
        size_t part = 1;
        const char *put = at;
        if (*at == '=') {
            const char *value = at + 1;
            size_t len = strcspn(value, ";,");
            put = each(arg, name, (size_t)(at - name), value, len);
            fits = size - n > 1;
            if (fits) out[n++] = '=';
            part = put ? strlen(put) : len;
            if (!put) put = value;
            at = value + len;
        } else {
            if (*at == ';' || *at == ',') name = at + 1;
            at++;
        }
        fits = fits && size - n > part;
        if (fits) memcpy(out + n, put, part), n += part;
    }
    if (size) out[n] = 0;
    return fits ? n : SIZE_MAX;
}

struct moment {
    char t14[15], t17[18];
};

static const char *fill_now(void *arg, const char *name, size_t name_n, const char *value, size_t n) {
    const struct moment *m = arg;
    YW_UNUSED(name);
    YW_UNUSED(name_n);
    if (n == strlen(NOW14) && memcmp(value, NOW14, n) == 0) return m->t14;
    if (n == strlen(NOW17) && memcmp(value, NOW17, n) == 0) return m->t17;
    return NULL;
}

size_t yw_command_fill(const char *cp, int64_t now, char *out, size_t size) {
    struct moment m = {{0}, {0}};
    hj212_print_time(now, false, m.t14);
    hj212_print_time(now, true, m.t17);
    size_t n = rewrite(cp, out, size, fill_now, &m);
    if (n != SIZE_MAX) return n;
    if (size) out[0] = 0;
    return 0;
}

static bool names_secret(const struct yw_command_spec *s, const char *name, size_t n) {
    for (unsigned i = 0; i < s->param_n; i++) {
        const struct yw_param *p = &s->params[i];
        const char *field = p->field ? p->field : p->name;
        if (p->kind == YW_PARAM_SECRET && strlen(field) == n && memcmp(field, name, n) == 0) return true;
    }
    return false;
}

static const char *veil_secret(void *arg, const char *name, size_t name_n, const char *value, size_t n) {
    const struct yw_command_spec *s = arg;
    YW_UNUSED(value);
    YW_UNUSED(n);
    while (name_n && *name == ' ') name++, name_n--;
    bool secret = s && names_secret(s, name, name_n);
    for (size_t i = 0; !s && !secret && i < yw_command_spec_n; i++)
        secret = names_secret(&yw_command_specs[i], name, name_n);
    return secret ? "******" : NULL;
}

size_t yw_command_veil(const struct yw_command_spec *s, const char *cp, char *out, size_t size) {
    size_t n = rewrite(cp, out, size, veil_secret, (void *)(uintptr_t)s);
    return n != SIZE_MAX ? n : size ? strlen(out) : 0;
}
