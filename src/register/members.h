/* members: reading the members of an act that is no row of the register's tables, each with a sentence about
 * what is wrong with it; and keeping the texts of a row in one piece of memory. */
#ifndef YW_REGISTER_MEMBERS_H
#define YW_REGISTER_MEMBERS_H

#include <jansson.h>

#include "base/base.h"

#define YW_MOMENT_MAX INT64_C(7258118400000000) /* 2200-01-01, microseconds */
enum { YW_ACT_BY_MAX = 63, YW_TEXTS_MAX = 12 };

/* Absent (or null) leaves *out as it is, unless required. path names the object in errors. */
enum yw_code yw_act_i64(const json_t *o, const char *path, const char *name, int64_t least, int64_t most,
                        bool required, int64_t *out, struct yw_error *err);
enum yw_code yw_act_f64(const json_t *o, const char *path, const char *name, double *out,
                        struct yw_error *err);
enum yw_code yw_act_flag(const json_t *o, const char *path, const char *name, bool *out,
                         struct yw_error *err);
/* from and to, both there, from <= to (strictly where it says so), at most `days` apart. */
enum yw_code yw_act_span(const json_t *o, const char *path, int64_t days, bool strict, int64_t *from,
                         int64_t *to, struct yw_error *err);

/* ---- texts of a row: laid one behind the other ---- */
struct yw_texts {
    struct yw_buf buf;
    size_t at[YW_TEXTS_MAX];
    size_t n;
};
void yw_texts_begin(struct yw_texts *t);
/* The member of o (absent: ""), at most `most` bytes of UTF-8 without control characters other than line ends
 * and tabs. */
enum yw_code yw_texts_read(struct yw_texts *t, const json_t *o, const char *path, const char *name,
                           size_t most, bool required, struct yw_error *err);
/* An array of at most `count` codes of `size` characters at most; joined by blanks. hex: exactly `size`
 * hexadecimal digits in lower case. *n: how many. */
enum yw_code yw_texts_codes(struct yw_texts *t, const json_t *o, const char *path, const char *name,
                            size_t count, size_t size, bool hex, uint8_t *n, struct yw_error *err);
void yw_texts_add(struct yw_texts *t, const char *text);
/* The memory, the caller's from here on, with the places of the texts; NULL: none. In either case t is empty
 * afterwards. */
char *yw_texts_end(struct yw_texts *t, const char **const places[], size_t n);

#endif
