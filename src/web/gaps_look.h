/* What an outlet owes, looked at in the store: shared by the timeline, which shows it, and the policy, which
 * asks for what is missing. */
#ifndef YW_WEB_GAPS_LOOK_H
#define YW_WEB_GAPS_LOOK_H

#include "gaps/gaps.h"
#include "register/register.h"
#include "store/store.h"

struct yw_web;

enum { YW_GAP_DEVICES_MAX = 8, YW_GAP_QUESTIONS_MAX = 6000 };

/* Copied out of the register, so that no lock is held while the store is read. */
struct yw_gap_outlet {
    uint32_t outlet;
    uint16_t minutes; /* between minute records, as said for one of its devices; 0: not said */
    uint8_t tries;    /* policy gap_tries */
    struct {
        uint32_t id;
        uint16_t rtd_interval_s;
        bool ask;                  /* its gap policy */
    } devices[YW_GAP_DEVICES_MAX]; /* the admitted ones */
    size_t device_n;
};
void yw_gap_outlet_of(const struct yw_register *r, uint32_t outlet, struct yw_gap_outlet *out);

/* CN that asks for records of a kind: 2051, 2061, 2031, 2041; 0: this kind is not owed. */
uint16_t yw_gap_cn(enum yw_kind kind);

struct yw_gap_question { /* a command that asked for data times [from, to] */
    int64_t id, from, to;
    enum yw_gap_answer answer;
};
struct yw_gap_look {
    struct yw_gaps gaps; /* step 0: nothing is owed of this kind, there are no slots */
    struct yw_gap_question *questions;
    size_t question_n;
};
/* The slots of [from, to). YW_E_RANGE: more of them than YW_GAP_SLOTS_MAX. Free it in any case. */
enum yw_code yw_gap_look(struct yw_web *w, struct yw_store *store, const struct yw_gap_outlet *o,
                         enum yw_kind kind, int64_t from, int64_t to, int64_t now, struct yw_gap_look *out,
                         struct yw_error *err);
void yw_gap_look_free(struct yw_gap_look *l);
enum yw_gap_answer yw_gap_answer_of(const struct yw_asked *a, int64_t now);

#endif
