#include "judge/tree.h"

#include <yaml.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- YAML to a tree ---- */

struct building {
    struct yw_tree *tree;
    json_t *stack[YW_TREE_DEPTH]; /* borrowed: the tree owns them */
    char key[128];
    bool has_key[YW_TREE_DEPTH];
    size_t depth;
    const char *where;
    struct yw_error *err;
};

static enum yw_code wrong(struct building *b, size_t line, const char *what) {
    return yw_fail(b->err, YW_E_FORMAT, "%s line %zu: %s", b->where, line, what);
}

static enum yw_code keep_line(struct building *b, const json_t *node, size_t line) {
    struct yw_tree *t = b->tree;
    if (t->line_n == t->line_cap) {
        size_t cap = t->line_cap ? 2 * t->line_cap : 256;
        struct yw_tree_line *more = realloc(t->lines, cap * sizeof *more);
        if (!more) return yw_fail(b->err, YW_E_NOMEM, "no memory to read %s", b->where);
        t->lines = more;
        t->line_cap = cap;
    }
    t->lines[t->line_n++] = (struct yw_tree_line){node, line};
    return YW_OK;
}

/* Hangs a new value into what is open; takes the reference. */
static enum yw_code hang(struct building *b, json_t *v, size_t line) {
    if (!v) return yw_fail(b->err, YW_E_NOMEM, "no memory to read %s", b->where);
    enum yw_code code = keep_line(b, v, line);
    if (code != YW_OK) {
        json_decref(v);
        return code;
    }
    if (b->depth == 0) {
        if (b->tree->root != NULL) {
            json_decref(v);
            return wrong(b, line, "a second document; a file holds one");
        }
        b->tree->root = v;
        return YW_OK;
    }
    json_t *open = b->stack[b->depth - 1];
    int failed = 0;
    if (json_is_array(open)) {
        failed = json_array_append_new(open, v);
    } else {
        failed = json_object_set_new(open, b->key, v);
        b->has_key[b->depth - 1] = false;
    }
    return failed ? yw_fail(b->err, YW_E_NOMEM, "no memory to read %s", b->where) : YW_OK;
}

static enum yw_code scalar(struct building *b, const yaml_event_t *e) {
    const char *text = (const char *)e->data.scalar.value;
    size_t n = e->data.scalar.length, line = e->start_mark.line + 1;
    if (strlen(text) != n || !yw_utf8_valid(text, n)) return wrong(b, line, "the text is not clean UTF-8");
    if (b->depth > 0 && json_is_object(b->stack[b->depth - 1]) && !b->has_key[b->depth - 1]) {
        if (n == 0 || !yw_copy(b->key, sizeof b->key, text, n))
            return wrong(b, line, "a key is empty or too long");
        if (json_object_get(b->stack[b->depth - 1], b->key) != NULL) {
            return yw_fail(b->err, YW_E_FORMAT, "%s line %zu: `%s` stands twice; keep one", b->where, line,
                           b->key);
        }
        b->has_key[b->depth - 1] = true;
        return YW_OK;
    }
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool nothing = plain && (n == 0 || strcmp(text, "null") == 0 || strcmp(text, "~") == 0);
    return hang(b, nothing ? json_null() : json_stringn(text, n), line);
}

static enum yw_code begin(struct building *b, json_t *v, size_t line) {
    if (b->depth > 0 && json_is_object(b->stack[b->depth - 1]) && !b->has_key[b->depth - 1]) {
        json_decref(v);
        return wrong(b, line, "a key must be a word");
    }
    if (b->depth == YW_TREE_DEPTH) {
        json_decref(v);
        return wrong(b, line, "nested too deeply");
    }
    enum yw_code code = hang(b, v, line);
    if (code != YW_OK) return code;
    b->has_key[b->depth] = false;
    b->stack[b->depth++] = v;
    return YW_OK;
}

static enum yw_code take_event(struct building *b, const yaml_event_t *e) {
    size_t line = e->start_mark.line + 1;
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        if (e->data.scalar.anchor != NULL) return wrong(b, line, "anchors are not used here");
        return scalar(b, e);
    case YAML_ALIAS_EVENT:
        return wrong(b, line, "aliases are not used here; write the value out");
    case YAML_MAPPING_START_EVENT:
        return begin(b, json_object(), line);
    case YAML_SEQUENCE_START_EVENT:
        return begin(b, json_array(), line);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        b->depth--;
        return YW_OK;
    default:
        return YW_OK;
    }
}

enum yw_code yw_tree_from_yaml(const char *text, size_t n, const char *where, struct yw_tree *out,
                               struct yw_error *err) {
    *out = (struct yw_tree){0};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return yw_fail(err, YW_E_NOMEM, "no memory to read %s", where);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    struct building b = {.tree = out, .where = where, .err = err};
    enum yw_code code = YW_OK;
    for (bool more = true; more && code == YW_OK;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            code = yw_fail(err, YW_E_FORMAT, "%s line %zu: not YAML: %s", where, parser.problem_mark.line + 1,
                           parser.problem != NULL ? parser.problem : "unreadable");
            break;
        }
        more = e.type != YAML_STREAM_END_EVENT;
        code = take_event(&b, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    if (code == YW_OK && !json_is_object(out->root)) {
        code = yw_fail(err, YW_E_FORMAT, "%s line 1: here must stand lines of `key: value`", where);
    }
    if (code != YW_OK) yw_tree_free(out);
    return code;
}

void yw_tree_free(struct yw_tree *t) {
    json_decref(t->root);
    free(t->lines);
    *t = (struct yw_tree){0};
}

/* ---- reading ---- */

static size_t line_of(const struct yw_tree *t, const json_t *node) {
    if (t == NULL || node == NULL || json_is_null(node)) return 0;
    for (size_t i = 0; i < t->line_n; i++)
        if (t->lines[i].node == node) return t->lines[i].line;
    return 0;
}

void yw_reading_fail(struct yw_reading *r, const json_t *at, const char *fmt, ...) {
    if (r->code != YW_OK) return;
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    size_t line = line_of(r->tree, at);
    char place[32] = "";
    if (line != 0) snprintf(place, sizeof place, " line %zu", line);
    const char *path = r->path[0] == '.' ? r->path + 1 : r->path;
    r->code = yw_fail(r->err, YW_E_FORMAT, "%s%s: %s%s%s", r->where, place, path, path[0] ? ": " : "", what);
}

size_t yw_reading_into(struct yw_reading *r, const char *name) {
    size_t was = strlen(r->path);
    snprintf(r->path + was, sizeof r->path - was, ".%.40s", name);
    return was;
}

size_t yw_reading_entry(struct yw_reading *r, size_t i) {
    size_t was = strlen(r->path);
    snprintf(r->path + was, sizeof r->path - was, "[%zu]", i);
    return was;
}

void yw_reading_up(struct yw_reading *r, size_t length) {
    r->path[length] = '\0';
}

static size_t alike(const char *a, const char *b) {
    size_t n = 0;
    while (a[n] != '\0' && a[n] == b[n]) n++;
    return n;
}

/* All keys, those that begin most like the wrong one first; what does not fit into an error is left off. */
static void list_keys(const char *const *keys, const char *wrong_key, char *out, size_t size) {
    size_t longest = strlen(wrong_key);
    out[0] = '\0';
    for (size_t same = longest + 1; same-- > 0;) {
        for (size_t i = 0; keys[i] != NULL; i++) {
            size_t len = strlen(out);
            if (alike(keys[i], wrong_key) != same) continue;
            if (len + strlen(keys[i]) + 6 > size) {
                snprintf(out + len, size - len, " ...");
                return;
            }
            snprintf(out + len, size - len, "%s%s", len ? " " : "", keys[i]);
        }
    }
}

bool yw_reading_keys(struct yw_reading *r, const json_t *o, const char *const *keys) {
    if (r->code != YW_OK) return false;
    if (!json_is_object(o)) {
        yw_reading_fail(r, o, "here must stand a mapping (key: value)");
        return false;
    }
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)o, name, v) {
        size_t i = 0;
        while (keys[i] != NULL && strcmp(keys[i], name) != 0) i++;
        if (keys[i] != NULL) continue;
        char known[170];
        list_keys(keys, name, known, sizeof known);
        yw_reading_fail(r, json_is_null(v) ? o : v, "unknown key `%.40s`; there are: %s", name, known);
        return false;
    }
    return true;
}

const json_t *yw_reading_member(struct yw_reading *r, const json_t *o, const char *key, bool required) {
    if (r->code != YW_OK) return NULL;
    const json_t *v = json_object_get(o, key);
    if (v != NULL && !json_is_null(v)) return v;
    if (required) yw_reading_fail(r, o, "`%s` is missing", key);
    return NULL;
}

bool yw_tree_text(const json_t *v, char *out, size_t size) {
    char number[40];
    const char *text = number;
    if (json_is_string(v)) {
        text = json_string_value(v);
        if (strlen(text) != json_string_length(v)) return false;
    } else if (json_is_integer(v)) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
    } else if (json_is_real(v)) {
        snprintf(number, sizeof number, "%.15g", json_real_value(v));
    } else if (json_is_boolean(v)) {
        text = json_is_true(v) ? "yes" : "no";
    } else {
        return false;
    }
    return yw_copy(out, size, text, strlen(text));
}

bool yw_tree_number(const json_t *v, double *out) {
    if (json_is_number(v)) {
        *out = json_number_value(v);
        return isfinite(*out);
    }
    return json_is_string(v) && yw_parse_f64(json_string_value(v), json_string_length(v), out);
}

/* What stands there, for an error. */
static const char *shown(const json_t *v, char out[48]) {
    if (json_is_object(v)) return "a mapping";
    if (json_is_array(v)) return "a list";
    out[0] = '`';
    if (!yw_tree_text(v, out + 1, 42)) out[1] = '\0';
    size_t n = strlen(out);
    out[n] = '`';
    out[n + 1] = '\0';
    return out;
}

void yw_reading_text(struct yw_reading *r, const json_t *o, const char *key, char *out, size_t size) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char what[48];
    if (v == NULL) return;
    if (!yw_tree_text(v, out, size)) {
        yw_reading_fail(r, v, "%s must be a text of at most %zu bytes, not %s", key, size - 1,
                        shown(v, what));
    }
}

void yw_reading_number(struct yw_reading *r, const json_t *o, const char *key, double low, double high,
                       double *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char what[48];
    double x;
    if (v == NULL) return;
    if (!yw_tree_number(v, &x) || x < low || x > high) {
        yw_reading_fail(r, v, "%s must be a number from %g to %g, not %s", key, low, high, shown(v, what));
        return;
    }
    *out = x;
}

void yw_reading_u16(struct yw_reading *r, const json_t *o, const char *key, uint16_t low, uint16_t high,
                    uint16_t *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char what[48];
    double x;
    if (v == NULL) return;
    if (!yw_tree_number(v, &x) || x < low || x > high || x != floor(x)) {
        yw_reading_fail(r, v, "%s must be a whole number from %u to %u, not %s", key, low, high,
                        shown(v, what));
        return;
    }
    *out = (uint16_t)x;
}

void yw_reading_yes(struct yw_reading *r, const json_t *o, const char *key, bool *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char text[48];
    if (v == NULL) return;
    if (json_is_boolean(v)) {
        *out = json_is_true(v);
        return;
    }
    if (json_is_string(v) && yw_tree_text(v, text, sizeof text)) {
        if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0) {
            *out = true;
            return;
        }
        if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0) {
            *out = false;
            return;
        }
    }
    yw_reading_fail(r, v, "%s must be yes or no, not %s", key, shown(v, text));
}

void yw_reading_time(struct yw_reading *r, const json_t *o, const char *key, bool end, int64_t *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char text[48], what[48];
    if (v == NULL) return;
    int64_t t;
    if (!yw_tree_text(v, text, sizeof text) || !yw_time_parse(text, strlen(text), &t)) {
        yw_reading_fail(r, v, "%s must be a time such as 2026-11-03 08:00:00 (Beijing time), not %s", key,
                        shown(v, what));
        return;
    }
    *out = end && strlen(text) == 10 ? t + YW_DAY : t;
}

void yw_reading_day(struct yw_reading *r, const json_t *o, const char *key, int32_t *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char text[48], what[48];
    if (v == NULL) return;
    int64_t t;
    if (!yw_tree_text(v, text, sizeof text) || strlen(text) != 10 || !yw_time_parse(text, 10, &t)) {
        yw_reading_fail(r, v, "%s must be a day such as 2026-11-03, not %s", key, shown(v, what));
        return;
    }
    *out = yw_china_day(t);
}

void yw_reading_word(struct yw_reading *r, const json_t *o, const char *key,
                     bool (*parse)(const char *, uint8_t *), const char *known, uint8_t *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char text[48];
    if (v == NULL) return;
    if (!yw_tree_text(v, text, sizeof text) || !parse(text, out)) {
        yw_reading_fail(r, v, "%s must be one of: %s; not %s", key, known, shown(v, text));
    }
}

const json_t *yw_reading_array(struct yw_reading *r, const json_t *o, const char *key, size_t most) {
    const json_t *v = yw_reading_member(r, o, key, false);
    if (v == NULL) return NULL;
    if (!json_is_array(v)) {
        yw_reading_fail(r, v, "%s must be a list", key);
        return NULL;
    }
    if (json_array_size(v) > most) {
        yw_reading_fail(r, v, "%s has %zu entries; at most %zu are read", key, json_array_size(v), most);
        return NULL;
    }
    return v;
}
