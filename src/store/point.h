/* point: summaries of values over a span (columns of charts, buckets of the pyramid), and the grid they lie
 * on. */
#ifndef YW_STORE_POINT_H
#define YW_STORE_POINT_H

#include "store/pack.h"

/* The current value of one (factor, field) at one data time. */
struct yw_sample {
    int64_t time;
    double value;
    char flag[4];
    uint8_t flags;
    uint16_t revisions;
};

/* Adds a sample later than all before; p->n == 0 begins. time and span of p are the caller's. */
void yw_point_add(struct yw_point *p, const struct yw_sample *s);
/* Adds a whole later summary. Adding samples one by one or in parts gives the same, but for the rounding of
 * sum. */
void yw_point_merge(struct yw_point *p, const struct yw_point *later);
void yw_point_pack(const struct yw_point *p, struct yw_buf *out); /* times relative to p->time */
bool yw_point_unpack(struct yw_cursor *c, struct yw_point *p);    /* p->time must be set */

/* The smallest span of the ladder (1 s ... 30 d) whose columns over [from, to) are at most `most`; counted
 * from midnight UTC+8. most must be at least 2. 0 if even the widest gives too many. */
int64_t yw_grid_span(int64_t from, int64_t to, size_t most);
int64_t yw_grid_start(int64_t time, int64_t span); /* of the column that holds time */

/* The samples of one factor and field out of the rows of one (outlet, kind, time): false if there is no
 * number. */
bool yw_sample_of(const struct yw_row *rows, size_t n, const char *factor, const char *field,
                  struct yw_sample *out);

#endif
