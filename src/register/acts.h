/* Folding and writing acts: what the files of the acts share. A new act is a fold function, a line in the
 * table of acts_read.c, and rows in struct yw_register. */
#ifndef YW_REGISTER_ACTS_H
#define YW_REGISTER_ACTS_H

#include <jansson.h>

#include "register/model.h"

/* ---- folding: everything is checked before anything changes ---- */

/* Reads one member into its struct; path and i name it in errors: "devices[3].pw". */
enum yw_code yw_read_field(const struct yw_field *f, const json_t *v, char *row, const char *path, size_t i,
                           struct yw_error *err);
int64_t yw_act_at(const json_t *act); /* its moment, 0: it has none */
/* What holds for every device: MN and id are each other's for ever, the outlet exists. */
enum yw_code yw_check_device(struct yw_register *r, const struct yw_device *d, struct yw_error *err);
void yw_note_admission(struct yw_device *d, const json_t *act);

enum yw_code yw_fold_device_set(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_device_key(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_policy_set(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_target_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_target_drop(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_camera_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_camera_drop(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_site_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_mark_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_mark_amend(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_mark_withdraw(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_query_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_query_receive(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_query_reply(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_query_close(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_filing_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_rule_set(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_plan_put(struct yw_register *r, const json_t *act, struct yw_error *err);
enum yw_code yw_fold_plan_drop(struct yw_register *r, const json_t *act, struct yw_error *err);

/* ---- writing: begin, members, end ---- */

void yw_act_begin(struct yw_buf *b, const char *kind, const struct yw_act *a);
bool yw_act_end(struct yw_buf *b);
void yw_put_name(struct yw_buf *b, const char *name); /* ,"name": */
void yw_put_text(struct yw_buf *b, const char *name, const char *text);
void yw_put_id(struct yw_buf *b, const char *name, uint32_t id);
/* The member of a row, left out where it is empty. */
void yw_put_field(struct yw_buf *b, const struct yw_field *f, const char *row);

#endif
