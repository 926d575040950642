/* The course of one command. Devices differ from the standard in what they leave out (9011, QnRtn, QN), in
 * the order (the answer before 9011) and in repeating themselves; none of that may end a dialog wrongly. */
#include "command/dialog.h"

#include <string.h>

#include "command/command.h"

static const char *const outcomes[] = {"none",    "done",      "refused",  "failed",
                                       "no_data", "no_answer", "no_result"};

const char *yw_outcome_name(uint8_t outcome) {
    return outcome < YW_COUNT(outcomes) ? outcomes[outcome] : "none";
}

bool yw_outcome_parse(const char *name, uint8_t *out) {
    for (uint8_t i = 0; i < YW_COUNT(outcomes); i++) {
        if (strcmp(outcomes[i], name) != 0) continue;
        *out = i;
        return true;
    }
    return false;
}

static void wait_for(struct yw_dialog *d, int64_t now, uint16_t seconds) {
    int64_t due = now + seconds * YW_SECOND;
    d->due = due < d->longest ? due : d->longest;
}

static enum yw_say end(struct yw_dialog *d, enum yw_outcome outcome) {
    d->state = YW_DIALOG_ENDED;
    d->outcome = (uint8_t)outcome;
    d->due = INT64_MAX;
    return YW_SAY_END;
}

void yw_dialog_start(struct yw_dialog *d, const struct yw_dialog_rule *rule, const char *qn, int64_t now) {
    *d = (struct yw_dialog){.rule = *rule, .state = YW_DIALOG_SENT, .attempts = 1, .qnrtn = -1, .exertn = -1};
    if (d->rule.overtime_s == 0) d->rule.overtime_s = 1;
    if (d->rule.execute_s == 0) d->rule.execute_s = 1;
    yw_copy(d->qn, sizeof d->qn, qn, strlen(qn));
    d->longest = now + YW_DIALOG_LONGEST_S * YW_SECOND;
    wait_for(d, now, d->rule.overtime_s);
}

/* ---- whose packet is it ---- */

enum qn { QN_NONE, QN_OURS, QN_OTHER };

static bool is_ours(const struct yw_dialog *d, hj212_span qn) {
    return qn.n == strlen(d->qn) && memcmp(qn.p, d->qn, qn.n) == 0;
}

/* In 2005 the QN of a reply stands in the data area; some devices put one of their own into the header then.
 */
static enum qn qn_of(const struct yw_dialog *d, const hj212_packet *p) {
    hj212_span inside = hj212_cp_field(p->cp, "QN");
    if (is_ours(d, p->qn) || is_ours(d, inside)) return QN_OURS;
    return p->qn.n || inside.n ? QN_OTHER : QN_NONE;
}

/* The code a reply gives: 1 where it names none (2005), `unknown` where it is no number. */
static int16_t code_of(const hj212_packet *p, const char *field, int16_t unknown) {
    hj212_span v = hj212_cp_field(p->cp, field);
    uint32_t code;
    if (v.n == 0) return 1;
    return yw_parse_u32(v.p, v.n, 999, &code) ? (int16_t)code : unknown;
}

static bool upload_belongs(const struct yw_dialog *d, const hj212_packet *p, enum qn qn) {
    const struct yw_dialog_rule *r = &d->rule;
    int64_t time;
    bool timed = hj212_data_time(p, &time);
    if (qn == QN_OURS) return true;
    if (r->answer == YW_ANSWER_ONE) return qn == QN_NONE || !timed;
    if (r->from == 0 && r->to == 0) return true;
    return timed && time >= r->from && time <= r->to;
}

/* ---- what it does ---- */

static enum yw_say on_accept(struct yw_dialog *d, const hj212_packet *p, int64_t now) {
    int16_t code = code_of(p, "QnRtn", 100);
    if (d->qnrtn != -1) return YW_SAY_NOTHING; /* repeated; "busy" may answer a resend */
    d->qnrtn = code;
    if (code != 1) return end(d, YW_OUTCOME_REFUSED);
    if (d->rule.flow == YW_FLOW_NOTICE) return end(d, YW_OUTCOME_DONE);
    d->state = YW_DIALOG_ACCEPTED;
    wait_for(d, now, d->rule.execute_s);
    return YW_SAY_ACCEPTED;
}

static enum yw_say on_result(struct yw_dialog *d, const hj212_packet *p) {
    d->exertn = code_of(p, "ExeRtn", 2);
    return end(d, d->exertn == 1     ? YW_OUTCOME_DONE
                  : d->exertn == 100 ? YW_OUTCOME_NO_DATA
                                     : YW_OUTCOME_FAILED);
}

static enum yw_say on_upload(struct yw_dialog *d, enum qn qn, int64_t now) {
    if (d->uploads < UINT32_MAX) d->uploads++;
    /* Before 9011 only the request's own QN shows that the device is at it: an upload whose time happens to
     * lie in the range may have been under way already. */
    if (d->state == YW_DIALOG_SENT && qn != QN_OURS) return YW_SAY_ANSWER;
    d->state = YW_DIALOG_ACCEPTED;
    wait_for(d, now, d->rule.execute_s);
    return YW_SAY_ANSWER;
}

enum yw_say yw_dialog_packet(struct yw_dialog *d, const hj212_packet *p, int64_t now) {
    if (d->state != YW_DIALOG_SENT && d->state != YW_DIALOG_ACCEPTED) return YW_SAY_NOTHING;
    enum qn qn = qn_of(d, p);
    switch (p->command) {
    case 9011:
        return qn == QN_OTHER ? YW_SAY_NOTHING : on_accept(d, p, now);
    case 9012:
        return qn == QN_OTHER ? YW_SAY_NOTHING : on_result(d, p);
    case 9013:
        if (qn == QN_OTHER || d->rule.flow != YW_FLOW_NOTICE) return YW_SAY_NOTHING;
        return end(d, YW_OUTCOME_DONE);
    default:
        break;
    }
    bool wanted = d->rule.answer == YW_ANSWER_ONE || d->rule.answer == YW_ANSWER_UPLOADS;
    if (!wanted || d->rule.upload == 0 || p->command != d->rule.upload || !upload_belongs(d, p, qn))
        return YW_SAY_NOTHING;
    return on_upload(d, qn, now);
}

enum yw_say yw_dialog_tick(struct yw_dialog *d, int64_t now) {
    if (d->state != YW_DIALOG_SENT && d->state != YW_DIALOG_ACCEPTED) return YW_SAY_NOTHING;
    if (now < d->due) return YW_SAY_NOTHING;
    if (d->state == YW_DIALOG_ACCEPTED) return end(d, YW_OUTCOME_NO_RESULT);
    if (d->attempts > d->rule.recount || now >= d->longest) return end(d, YW_OUTCOME_NO_ANSWER);
    d->attempts++;
    wait_for(d, now, d->rule.overtime_s);
    return YW_SAY_SEND;
}

int64_t yw_dialog_until(const struct yw_dialog *d) {
    if (d->state != YW_DIALOG_SENT) return d->due;
    int64_t resends = d->rule.recount + 1 - d->attempts;
    int64_t until = d->due + resends * d->rule.overtime_s * YW_SECOND;
    return until < d->longest ? until : d->longest;
}
