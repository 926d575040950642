/* dialog: one command on its way, as a pure state machine. Packets and the time go in; what to do comes out.
 * Used by gateways for real devices and by the conformance probe.
 *
 *   request: send -> 9011 (QnRtn) -> uploads -> 9012 (ExeRtn)
 *   notice:  send -> 9013
 *
 * No 9011 or 9013 in time: sent again with the same QN, recount times; then the device does not answer. After
 * 9011, or after each upload, no 9012 within the execution time: the device gives no result. */
#ifndef YW_DIALOG_H
#define YW_DIALOG_H

#include "base/base.h"
#include "hj212.h"

struct yw_dialog_rule {
    uint8_t flow, answer; /* yw_flow, yw_answer */
    uint16_t cn, upload;  /* upload: CN of answers, 0: none */
    uint16_t overtime_s;  /* 1..99; standard: 10 */
    uint16_t recount;     /* resends, 0..99; standard: 3 */
    uint16_t execute_s;   /* for 9012 after 9011 and after each upload */
    int64_t from, to;     /* data times asked for (history), 0: any */
};
enum { YW_DIALOG_LONGEST_S = 86400 }; /* a device that never comes to an end is left then: no result */
enum yw_dialog_state { YW_DIALOG_IDLE, YW_DIALOG_SENT, YW_DIALOG_ACCEPTED, YW_DIALOG_ENDED };
enum yw_outcome {
    YW_OUTCOME_NONE = 0,
    YW_OUTCOME_DONE = 1,      /* 9012 with ExeRtn=1, or 9013 */
    YW_OUTCOME_REFUSED = 2,   /* QnRtn is not 1 */
    YW_OUTCOME_FAILED = 3,    /* ExeRtn is not 1 and not 100 */
    YW_OUTCOME_NO_DATA = 4,   /* ExeRtn = 100: there is no data */
    YW_OUTCOME_NO_ANSWER = 5, /* no 9011 or 9013 after all resends */
    YW_OUTCOME_NO_RESULT = 6  /* no 9012 in time */
};
const char *yw_outcome_name(uint8_t outcome); /* "no_answer" */
bool yw_outcome_parse(const char *name, uint8_t *out);

struct yw_dialog {
    struct yw_dialog_rule rule;
    char qn[18];
    uint8_t state, outcome;
    uint16_t attempts;     /* times sent */
    int16_t qnrtn, exertn; /* -1: not come; a 9011 or 9012 that names no code counts as 1; a
                                  code that is no number as 100 or 2: unknown */
    uint32_t uploads;      /* answers and data uploads that belong to it */
    int64_t due;           /* when tick must be called at the latest; INT64_MAX once it has ended */
    int64_t longest;       /* the moment it is left whatever still comes */
};
enum yw_say {
    YW_SAY_NOTHING,  /* the packet is not this dialog's; or the time has not come */
    YW_SAY_SEND,     /* send the frame (again) */
    YW_SAY_ACCEPTED, /* 9011 with QnRtn=1 */
    YW_SAY_ANSWER,   /* the packet is the answer asked for, or one of the uploads */
    YW_SAY_END       /* outcome is set; the packet, if any, brought it */
};
/* qn: 17 digits. After it, send: this is the first attempt. */
void yw_dialog_start(struct yw_dialog *d, const struct yw_dialog_rule *rule, const char *qn, int64_t now);
/* A packet of the device (ok, of its MN). 9011 to 9013 belong to it if the QN, in the header or in the data
 * area, is the request's, or there is none at all. An upload belongs to it if the CN is rule.upload and the
 * QN is the request's or absent, or (ONE) it has no DataTime, or (UPLOADS) its DataTime lies in [from, to].
 */
enum yw_say yw_dialog_packet(struct yw_dialog *d, const hj212_packet *p, int64_t now);
enum yw_say yw_dialog_tick(struct yw_dialog *d, int64_t now);
/* The latest moment at which it will have ended if nothing more came from now on; INT64_MAX once it has. */
int64_t yw_dialog_until(const struct yw_dialog *d);

#endif
