/* site_int: reading a site, part by part; for the files of site only. */
#ifndef YW_JUDGE_SITE_INT_H
#define YW_JUDGE_SITE_INT_H

#include "judge/site.h"
#include "judge/tree.h"

/* Each reads one member of the site into it and stops the reading at the first thing that is wrong. */
void yw_site_read_factors(struct yw_reading *r, const json_t *o, struct yw_site *s);
/* own: the limits written out; else those that name rows of limits.csv, which come first: they may tell the
 * reference oxygen. */
void yw_site_read_limits(struct yw_reading *r, const json_t *o, const struct yw_rules *rules, bool own,
                         struct yw_site *s);
void yw_site_read_amounts(struct yw_reading *r, const json_t *o, struct yw_site *s);
void yw_site_read_marks(struct yw_reading *r, const json_t *o, struct yw_site *s);
void yw_site_read_checks(struct yw_reading *r, const json_t *o, struct yw_site *s);
void yw_site_read_manual(struct yw_reading *r, const json_t *o, struct yw_site *s);
void yw_site_read_plans(struct yw_reading *r, const json_t *o, struct yw_site *s);
void yw_site_read_units(struct yw_reading *r, const json_t *o, struct yw_site *s);
void yw_site_read_corrections(struct yw_reading *r, const json_t *o, struct yw_site *s);
/* The code of a factor under `key`, required: letters, digits, - and _, at most 12. */
void yw_site_read_code(struct yw_reading *r, const json_t *o, const char *key, char out[13]);
bool yw_site_is_code(const char *code);

#endif
