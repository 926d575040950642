/* yaml_table: reading a mapping by its table. */
#include "plant/yaml_table.h"

#include <string.h>

size_t yw_yaml_line(const yaml_node_t *node) {
    return node->start_mark.line + 1;
}

static bool is_text(const yaml_node_t *node, const char *text) {
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == strlen(text) &&
           memcmp(node->data.scalar.value, text, node->data.scalar.length) == 0;
}

enum yw_code yw_yaml_load(const char *text, size_t n, size_t limit, yaml_document_t *doc,
                          struct yw_error *err) {
    if (n > limit)
        return yw_fail(err, YW_E_LIMIT, "the file is over %zu bytes; a file of this kind is a few pages",
                       limit);
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return yw_fail(err, YW_E_NOMEM, "no memory for the YAML parser");
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    enum yw_code code = YW_OK;
    if (!yaml_parser_load(&parser, doc)) {
        code = yw_fail(err, YW_E_FORMAT, "line %zu: not YAML: %s", parser.problem_mark.line + 1,
                       parser.problem ? parser.problem : "unreadable");
    } else if (!yaml_document_get_root_node(doc)) {
        yaml_document_delete(doc);
        code = yw_fail(err, YW_E_FORMAT, "line 1: the file is empty");
    }
    yaml_parser_delete(&parser);
    return code;
}

yaml_node_t *yw_yaml_get(yaml_document_t *doc, yaml_node_t *map, const char *key) {
    if (map->type != YAML_MAPPING_NODE) return NULL;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        if (is_text(yaml_document_get_node(doc, p->key), key)) return yaml_document_get_node(doc, p->value);
    return NULL;
}

static enum yw_code in_range(const yaml_node_t *node, const struct yw_yaml_key *k, double value,
                             struct yw_error *err) {
    if (k->low == k->high || (value >= k->low && value <= k->high)) return YW_OK;
    return yw_fail(err, YW_E_RANGE, "line %zu: %s is %g; it must be %g to %g", yw_yaml_line(node), k->name,
                   value, k->low, k->high);
}

static enum yw_code not_a(const yaml_node_t *node, const struct yw_yaml_key *k, const char *what,
                          struct yw_error *err) {
    return yw_fail(err, YW_E_FORMAT, "line %zu: %s must be %s", yw_yaml_line(node), k->name, what);
}

static enum yw_code read_number(const yaml_node_t *node, const struct yw_yaml_key *k, double *out,
                                struct yw_error *err) {
    if (node->type != YAML_SCALAR_NODE ||
        !yw_parse_f64((const char *)node->data.scalar.value, node->data.scalar.length, out))
        return not_a(node, k, "a number", err);
    return in_range(node, k, *out, err);
}

static enum yw_code read_scalar(const yaml_node_t *node, const struct yw_yaml_key *k, char *at,
                                struct yw_error *err) {
    const char *text = (const char *)node->data.scalar.value;
    size_t n = node->data.scalar.length;
    switch (k->kind) {
    case YW_YAML_TEXT:
        if (memchr(text, '\0', n) || !yw_copy(at, k->size, text, n))
            return not_a(node, k, "a shorter text", err);
        return YW_OK;
    case YW_YAML_WHOLE: {
        uint32_t v;
        if (!yw_parse_u32(text, n, UINT32_MAX, &v)) return not_a(node, k, "a whole number", err);
        memcpy(at, &v, sizeof v);
        return in_range(node, k, v, err);
    }
    case YW_YAML_SIGNED: {
        int64_t v;
        if (!yw_parse_i64(text, n, &v) || v < INT32_MIN || v > INT32_MAX)
            return not_a(node, k, "a whole number", err);
        int32_t small = (int32_t)v;
        memcpy(at, &small, sizeof small);
        return in_range(node, k, small, err);
    }
    case YW_YAML_SPAN: {
        int64_t v;
        if (memchr(text, '\0', n) || !yw_parse_duration_s(text, &v))
            return not_a(node, k, "a duration such as 30s, 10m, 2h or 20d", err);
        memcpy(at, &v, sizeof v);
        return in_range(node, k, (double)v, err);
    }
    case YW_YAML_YES: {
        bool yes = is_text(node, "yes") || is_text(node, "true");
        if (!yes && !is_text(node, "no") && !is_text(node, "false")) return not_a(node, k, "yes or no", err);
        memcpy(at, &yes, sizeof yes);
        return YW_OK;
    }
    default:
        return not_a(node, k, "something else than a single value", err);
    }
}

static enum yw_code read_numbers(yaml_document_t *doc, yaml_node_t *node, const struct yw_yaml_key *k,
                                 double *at, struct yw_error *err) {
    if (node->type != YAML_SEQUENCE_NODE) return not_a(node, k, "a list of numbers", err);
    size_t n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (n != k->size)
        return yw_fail(err, YW_E_FORMAT, "line %zu: %s has %zu numbers; it must have %zu", yw_yaml_line(node),
                       k->name, n, k->size);
    for (size_t i = 0; i < n; i++) {
        enum yw_code code =
            read_number(yaml_document_get_node(doc, node->data.sequence.items.start[i]), k, &at[i], err);
        if (code) return code;
    }
    return YW_OK;
}

static enum yw_code read_value(yaml_document_t *doc, yaml_node_t *node, const struct yw_yaml_key *k,
                               char *target, struct yw_error *err) {
    char *at = target + k->offset;
    switch (k->kind) {
    case YW_YAML_OTHER:
        return YW_OK;
    case YW_YAML_MAP:
        return yw_yaml_map(doc, node, k->inner, k->inner_count, at, err);
    case YW_YAML_NUMBERS:
        return read_numbers(doc, node, k, (double *)(void *)at, err);
    case YW_YAML_NUMBER: {
        double v;
        enum yw_code code = read_number(node, k, &v, err);
        if (!code) memcpy(at, &v, sizeof v);
        return code;
    }
    default:
        if (node->type != YAML_SCALAR_NODE) return not_a(node, k, "a single value", err);
        return read_scalar(node, k, at, err);
    }
}

static const struct yw_yaml_key *find_key(const struct yw_yaml_key *keys, size_t count,
                                          const yaml_node_t *name) {
    for (size_t i = 0; i < count; i++)
        if (is_text(name, keys[i].name)) return &keys[i];
    return NULL;
}

enum yw_code yw_yaml_map(yaml_document_t *doc, yaml_node_t *node, const struct yw_yaml_key *keys,
                         size_t count, void *target, struct yw_error *err) {
    if (node->type != YAML_MAPPING_NODE)
        return yw_fail(err, YW_E_FORMAT, "line %zu: here must stand a mapping (key: value)",
                       yw_yaml_line(node));
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        yaml_node_t *name = yaml_document_get_node(doc, p->key);
        const struct yw_yaml_key *k = find_key(keys, count, name);
        if (!k && name->type == YAML_SCALAR_NODE)
            return yw_fail(err, YW_E_FORMAT, "line %zu: unknown key `%.40s`", yw_yaml_line(name),
                           (const char *)name->data.scalar.value);
        if (!k) return yw_fail(err, YW_E_FORMAT, "line %zu: a key must be a word", yw_yaml_line(name));
        for (yaml_node_pair_t *q = node->data.mapping.pairs.start; q < p; q++)
            if (find_key(keys, count, yaml_document_get_node(doc, q->key)) == k)
                return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` stands twice", yw_yaml_line(name), k->name);
        enum yw_code code = read_value(doc, yaml_document_get_node(doc, p->value), k, target, err);
        if (code) return code;
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && !yw_yaml_get(doc, node, keys[i].name))
            return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` is missing here", yw_yaml_line(node),
                           keys[i].name);
    return YW_OK;
}
