/* tree: YAML as a tree of JSON values that knows its lines, and reading such a tree member by member. Rules
 * and sites come this way, from YAML and from JSON alike. Every scalar of YAML is kept as its text; the
 * readers below take a number as a JSON number or as text that is one. */
#ifndef YW_JUDGE_TREE_H
#define YW_JUDGE_TREE_H

#include <jansson.h>

#include "base/base.h"

enum { YW_TREE_DEPTH = 12 };

struct yw_tree {
    json_t *root;
    struct yw_tree_line {
        const json_t *node;
        size_t line;
    } * lines;
    size_t line_n, line_cap;
};
/* where: the name of the file in errors. A document is one mapping; anchors and aliases are refused. */
enum yw_code yw_tree_from_yaml(const char *text, size_t n, const char *where, struct yw_tree *out,
                               struct yw_error *err);
void yw_tree_free(struct yw_tree *t);

/* A reading that stops at its first error: once code is set, every further call does nothing. */
struct yw_reading {
    const struct yw_tree *tree; /* NULL: JSON, errors tell the path only */
    const char *where;
    struct yw_error *err;
    enum yw_code code;
    char path[96]; /* "limits[2].value" */
};
/* Stops with "WHERE line N: PATH: what". */
void yw_reading_fail(struct yw_reading *r, const json_t *at, const char *fmt, ...) YW_PRINTF(3, 4);
/* Goes into member `name` or entry i of the path; give what it returns to yw_reading_up. */
size_t yw_reading_into(struct yw_reading *r, const char *name);
size_t yw_reading_entry(struct yw_reading *r, size_t i);
void yw_reading_up(struct yw_reading *r, size_t length);

/* Is o an object with none but these keys (ended by NULL)? Else an error that lists them. */
bool yw_reading_keys(struct yw_reading *r, const json_t *o, const char *const *keys);
/* The member, NULL if absent or null; stops if required and absent. */
const json_t *yw_reading_member(struct yw_reading *r, const json_t *o, const char *key, bool required);
/* Scalars: leave *out alone where the member is absent. */
void yw_reading_text(struct yw_reading *r, const json_t *o, const char *key, char *out, size_t size);
void yw_reading_number(struct yw_reading *r, const json_t *o, const char *key, double low, double high,
                       double *out);
void yw_reading_u16(struct yw_reading *r, const json_t *o, const char *key, uint16_t low, uint16_t high,
                    uint16_t *out);
void yw_reading_yes(struct yw_reading *r, const json_t *o, const char *key, bool *out);
/* end: a bare day means its end. */
void yw_reading_time(struct yw_reading *r, const json_t *o, const char *key, bool end, int64_t *out);
void yw_reading_day(struct yw_reading *r, const json_t *o, const char *key, int32_t *out);
/* A word of a vocabulary; `known` lists it for the error. */
void yw_reading_word(struct yw_reading *r, const json_t *o, const char *key,
                     bool (*parse)(const char *, uint8_t *), const char *known, uint8_t *out);
/* A number as it stands: JSON number or text; false if it is none. */
bool yw_tree_number(const json_t *v, double *out);
/* A scalar as text into out (numbers of JSON too); false: no scalar, or too long, or not clean UTF-8. */
bool yw_tree_text(const json_t *v, char *out, size_t size);
/* An array of at most `most` entries; NULL with an error if it is something else. */
const json_t *yw_reading_array(struct yw_reading *r, const json_t *o, const char *key, size_t most);

#endif
