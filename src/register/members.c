/* Members of acts, read. */
#include "register/members.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_TEXT_MAX = 32 << 10 }; /* of all texts of a row */

static const json_t *member(const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name);
    return json_is_null(v) ? NULL : v;
}

enum yw_code yw_act_i64(const json_t *o, const char *path, const char *name, int64_t least, int64_t most,
                        bool required, int64_t *out, struct yw_error *err) {
    const json_t *v = member(o, name);
    if (v == NULL && !required) return YW_OK;
    if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > most) {
        return yw_fail(err, YW_E_RANGE, "%s.%s: a whole number of %lld to %lld must be there", path, name,
                       (long long)least, (long long)most);
    }
    *out = json_integer_value(v);
    return YW_OK;
}

enum yw_code yw_act_f64(const json_t *o, const char *path, const char *name, double *out,
                        struct yw_error *err) {
    const json_t *v = member(o, name);
    if (v == NULL) return YW_OK;
    if (!json_is_number(v) || !(fabs(json_number_value(v)) <= 1e12))
        return yw_fail(err, YW_E_RANGE, "%s.%s: not a number of -1e12 to 1e12", path, name);
    *out = json_number_value(v);
    return YW_OK;
}

enum yw_code yw_act_flag(const json_t *o, const char *path, const char *name, bool *out,
                         struct yw_error *err) {
    const json_t *v = member(o, name);
    if (v == NULL) return YW_OK;
    if (!json_is_boolean(v)) return yw_fail(err, YW_E_FORMAT, "%s.%s: not true or false", path, name);
    *out = json_is_true(v);
    return YW_OK;
}

enum yw_code yw_act_span(const json_t *o, const char *path, int64_t days, bool strict, int64_t *from,
                         int64_t *to, struct yw_error *err) {
    enum yw_code code = yw_act_i64(o, path, "from", 1, YW_MOMENT_MAX, true, from, err);
    if (code == YW_OK) code = yw_act_i64(o, path, "to", 1, YW_MOMENT_MAX, true, to, err);
    if (code != YW_OK) return code;
    if (*to < *from || (strict && *to == *from))
        return yw_fail(err, YW_E_RANGE, "%s.to: lies before its beginning", path);
    if (*to - *from > days * YW_DAY)
        return yw_fail(err, YW_E_LIMIT, "%s: longer than %lld days", path, (long long)days);
    return YW_OK;
}

void yw_texts_begin(struct yw_texts *t) {
    *t = (struct yw_texts){0};
    yw_buf_init(&t->buf, ROW_TEXT_MAX);
}

void yw_texts_add(struct yw_texts *t, const char *text) {
    if (t->n == YW_TEXTS_MAX) {
        t->buf.failed = true;
        return;
    }
    t->at[t->n++] = t->buf.len;
    yw_buf_add(&t->buf, text, strlen(text) + 1);
}

static bool printable(const char *text, size_t n) {
    if (!yw_utf8_valid(text, n)) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

enum yw_code yw_texts_read(struct yw_texts *t, const json_t *o, const char *path, const char *name,
                           size_t most, bool required, struct yw_error *err) {
    const json_t *v = member(o, name);
    if (v != NULL && !json_is_string(v)) return yw_fail(err, YW_E_FORMAT, "%s.%s: not a text", path, name);
    if (required && json_string_length(v) == 0)
        return yw_fail(err, YW_E_FORMAT, "%s.%s: must be filled in", path, name);
    if (json_string_length(v) > most)
        return yw_fail(err, YW_E_LIMIT, "%s.%s: longer than %zu bytes", path, name, most);
    if (v != NULL && !printable(json_string_value(v), json_string_length(v)))
        return yw_fail(err, YW_E_FORMAT, "%s.%s: holds control characters", path, name);
    yw_texts_add(t, v != NULL ? json_string_value(v) : "");
    return YW_OK;
}

static bool code_fits(const json_t *v, size_t size, bool hex) {
    size_t n = json_string_length(v);
    if (!json_is_string(v) || n == 0 || n > size || (hex && n != size)) return false;
    const char *text = json_string_value(v);
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        bool digit = c >= '0' && c <= '9';
        if (hex ? !digit && !(c >= 'a' && c <= 'f')
                : !digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
            return false;
    }
    return true;
}

enum yw_code yw_texts_codes(struct yw_texts *t, const json_t *o, const char *path, const char *name,
                            size_t count, size_t size, bool hex, uint8_t *n, struct yw_error *err) {
    const json_t *array = member(o, name);
    *n = 0;
    if (array != NULL && !json_is_array(array))
        return yw_fail(err, YW_E_FORMAT, "%s.%s: not an array", path, name);
    if (json_array_size(array) > count)
        return yw_fail(err, YW_E_LIMIT, "%s.%s: more than %zu", path, name, count);
    struct yw_buf joined;
    yw_buf_init(&joined, ROW_TEXT_MAX);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *v = json_array_get(array, i);
        if (!code_fits(v, size, hex)) {
            yw_buf_free(&joined);
            return yw_fail(err, YW_E_FORMAT, "%s.%s[%zu]: takes %s%zu %s", path, name, i, hex ? "" : "1 to ",
                           size, hex ? "hexadecimal digits" : "letters and digits");
        }
        if (i > 0) yw_buf_putc(&joined, ' ');
        yw_buf_puts(&joined, json_string_value(v));
    }
    *n = (uint8_t)json_array_size(array);
    yw_texts_add(t, joined.data != NULL ? joined.data : "");
    yw_buf_free(&joined);
    return YW_OK;
}

char *yw_texts_end(struct yw_texts *t, const char **const places[], size_t n) {
    char *memory = t->buf.failed || t->n != n ? NULL : malloc(t->buf.len + 1);
    if (memory != NULL) {
        if (t->buf.len > 0) memcpy(memory, t->buf.data, t->buf.len);
        for (size_t i = 0; i < n; i++) *places[i] = memory + t->at[i];
    }
    yw_buf_free(&t->buf);
    *t = (struct yw_texts){0};
    return memory;
}
