/* yaml_table: a YAML mapping read by a table of keys, so that every unknown key, wrong type and value out of
 * range is told with its line. Used for scenarios and replay mappings. */
#ifndef YW_PLANT_YAML_TABLE_H
#define YW_PLANT_YAML_TABLE_H

#include <yaml.h>

#include "base/base.h"

enum yw_yaml_kind {
    YW_YAML_TEXT,    /* char[size] */
    YW_YAML_WHOLE,   /* uint32_t */
    YW_YAML_SIGNED,  /* int32_t */
    YW_YAML_NUMBER,  /* double */
    YW_YAML_SPAN,    /* int64_t seconds, "10m" */
    YW_YAML_YES,     /* bool: yes/no/true/false */
    YW_YAML_NUMBERS, /* double[size], exactly so many */
    YW_YAML_MAP,     /* nested: keys of `inner`, at offset */
    YW_YAML_OTHER    /* the caller reads it */
};
struct yw_yaml_key {
    const char *name;
    enum yw_yaml_kind kind;
    size_t offset, size; /* in the target; size of text and numbers */
    double low, high;    /* of numbers, whole numbers and seconds; low == high: not checked */
    bool required;
    const struct yw_yaml_key *inner;
    size_t inner_count;
};

/* Loads the first document; the caller deletes it. `limit` bytes at most. */
enum yw_code yw_yaml_load(const char *text, size_t n, size_t limit, yaml_document_t *doc,
                          struct yw_error *err);
/* Reads node (a mapping) into target. */
enum yw_code yw_yaml_map(yaml_document_t *doc, yaml_node_t *node, const struct yw_yaml_key *keys,
                         size_t count, void *target, struct yw_error *err);
/* The value of a key of a mapping, NULL if absent. */
yaml_node_t *yw_yaml_get(yaml_document_t *doc, yaml_node_t *map, const char *key);
size_t yw_yaml_line(const yaml_node_t *node); /* from 1 */

#endif
