/* Writing JSON into a bounded buffer as it comes. Commas are set by looking at what was written last. */
#ifndef YW_WEB_JSON_H
#define YW_WEB_JSON_H

#include "base/base.h"

void yj_open(struct yw_buf *b, char bracket);  /* '{' or '[' */
void yj_close(struct yw_buf *b, char bracket); /* '}' or ']' */
void yj_key(struct yw_buf *b, const char *name);
void yj_text(struct yw_buf *b, const char *text);
void yj_text_n(struct yw_buf *b, const char *text, size_t n);
void yj_i64(struct yw_buf *b, int64_t v);
void yj_u64_text(struct yw_buf *b, uint64_t v); /* "123": positions do not fit into JSON numbers */
void yj_f64(struct yw_buf *b, double v);        /* NaN and infinities: null */
void yj_bool(struct yw_buf *b, bool v);
void yj_null(struct yw_buf *b);
void yj_time(struct yw_buf *b, int64_t micros); /* milliseconds */

/* Key and value in one. */
void yj_put_text(struct yw_buf *b, const char *key, const char *text);
void yj_put_text_or_null(struct yw_buf *b, const char *key, const char *text); /* "" and NULL: null */
void yj_put_i64(struct yw_buf *b, const char *key, int64_t v);
void yj_put_f64(struct yw_buf *b, const char *key, double v);
void yj_put_bool(struct yw_buf *b, const char *key, bool v);
void yj_put_time(struct yw_buf *b, const char *key, int64_t micros); /* 0: null */
void yj_put_day(struct yw_buf *b, const char *key, int32_t day);     /* "2026-06-30", 0: null */

#endif
