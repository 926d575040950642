/* control_answer: what the control socket's questions do to a host, and what is answered. */
#ifndef YW_PLANTS_CONTROL_ANSWER_H
#define YW_PLANTS_CONTROL_ANSWER_H

#include "plants/control_line.h"
#include "plants/host_int.h"

enum { YW_CONTROL_ANSWER_MAX = 4 << 20 };

/* One line in, one line out (with its newline). book may be NULL: no faults or frauds can be begun. */
void yw_control_answer(struct yw_host *h, const struct yw_effect_book *book, const char *line, size_t n,
                       struct yw_buf *out);

/* ---- the state of an outlet as members of a JSON object (control_state.c) ---- */

void yw_control_put_plant(const struct yw_hosted *o, struct yw_buf *out); /* of the list */
void yw_control_put_state(struct yw_hosted *o, bool stream, struct yw_buf *out);
/* ,"name":value; NAN: null */
void yw_control_number(struct yw_buf *out, const char *name, double value);
void yw_control_text(struct yw_buf *out, const char *name, const char *value);
void yw_control_whole(struct yw_buf *out, const char *name, int64_t value);
void yw_control_yes(struct yw_buf *out, const char *name, bool value);

const char *yw_station_act_name(enum yw_station_act_kind kind); /* "span-probe" */

/* ---- what was done, in a file (control_save.c) ---- */

/* Plant time and what people did at each outlet; parameters and memory of the devices too. */
enum yw_code yw_control_save(struct yw_host *h, const char *path, struct yw_error *err);
/* The host goes on from the moment of the file: the same outlets must be there. Nothing is changed when it
 * fails. */
enum yw_code yw_control_load(struct yw_host *h, const struct yw_effect_book *book, const char *path,
                             struct yw_error *err);

#endif
