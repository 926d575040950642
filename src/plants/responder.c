/* responder: which frame is answered how. 9011 with QnRtn, what was asked for, 9012 with ExeRtn; notices get
 * 9013. */
#include "plants/responder_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant/noise.h"

enum { V05 = 1, V17 = 2, V25 = 4, VALL = 7 };

struct rule {
    uint16_t cn;
    uint8_t versions;
    bool notice;
    yw_act_on *act;
};
static const struct rule rules[] = {
    {1000, VALL, false, yw_on_patience},
    {1001, V05, false, yw_on_warn_time},
    {1002, V25, false, yw_on_mn},
    {1011, VALL, false, yw_on_clock_get},
    {1012, VALL, false, yw_on_clock_set},
    {1014, V25, false, yw_on_key},
    {1021, V05, false, yw_on_limits_get},
    {1022, V05, false, yw_on_limits_set},
    {1031, V05, false, yw_on_target_get},
    {1032, V05, false, yw_on_target_set},
    {1041, V05, false, yw_on_report_get},
    {1042, V05, false, yw_on_report_set},
    {1061, VALL, false, yw_on_realtime_interval_get},
    {1062, VALL, false, yw_on_realtime_interval_set},
    {1063, V17 | V25, false, yw_on_minute_interval_get},
    {1064, V17 | V25, false, yw_on_minute_interval_set},
    {1072, VALL, false, yw_on_password},
    {2011, VALL, false, yw_on_realtime},
    {2012, VALL, true, yw_on_realtime_stop},
    {2013, V25, false, yw_on_recall},
    {2021, VALL, false, yw_on_facility},
    {2022, VALL, true, yw_on_facility_stop},
    {2031, VALL, false, yw_on_recall},
    {2041, VALL, false, yw_on_recall},
    {2051, VALL, false, yw_on_recall},
    {2052, V25, false, yw_on_recall},
    {2061, VALL, false, yw_on_recall},
    {2062, V25, false, yw_on_recall},
    {2071, V05, false, yw_on_recall},
    {2111, V25, false, yw_on_recall},
    {3011, VALL, false, yw_on_calibrate},
    {3012, VALL, false, yw_on_sample},
    {3013, VALL, false, yw_on_clean},
    {3014, VALL, false, yw_on_compare},
    {3015, V17 | V25, false, yw_on_retain},
    {3016, V17 | V25, false, yw_on_period_set},
    {3017, V17 | V25, false, yw_on_period_get},
    {3018, V17 | V25, false, yw_on_result_time},
    {3019, V17 | V25, false, yw_on_serial},
    {3020, V17 | V25, false, yw_on_info_get},
    {3021, V17 | V25, false, yw_on_info_set},
    {3022, V25, false, yw_on_retain_now},
    {3024, V25, false, yw_on_check},
};

/* ---- saying ---- */

struct yw_parcel *yw_responder_say(struct yw_responder *r, uint16_t command, const char *cp, size_t n,
                                   int64_t due) {
    if (r->out.count >= YW_RESPONDER_QUEUE || n > YW_PLANT_CP_MAX) return NULL;
    struct yw_parcel *p = malloc(sizeof *p + n + 1);
    if (!p) return NULL;
    *p = (struct yw_parcel){.command = command, .part = 1, .parts = 1, .length = (uint16_t)n, .due = due};
    if (n) memcpy(p->cp, cp, n);
    yw_parcel_queue_put(&r->out, p);
    return p;
}

static int64_t answer_due(const struct yw_responder *r, int64_t now) {
    return now + r->scenario->logger.answer_after_s * YW_SECOND;
}

static struct yw_parcel *reply(struct yw_responder *r, uint16_t command, const char *cp, const char *qn,
                               int64_t due) {
    struct yw_parcel *p = yw_responder_say(r, command, cp, strlen(cp), due);
    if (!p) return NULL;
    p->reply = true;
    yw_copy(p->qn, sizeof p->qn, qn, strlen(qn));
    if (command >= 9011 && !(r->face->odd & YW_ODD_OWN_ST)) yw_copy(p->st, sizeof p->st, "91", 2);
    return p;
}

static void say_code(struct yw_responder *r, uint16_t command, int code, const char *qn, int64_t due,
                     enum yw_then then) {
    char cp[24];
    snprintf(cp, sizeof cp, "%s=%d", command == 9011 ? "QnRtn" : "ExeRtn", code);
    struct yw_parcel *p = reply(r, command, cp, qn, due);
    if (p) p->then = (uint8_t)then;
}

int yw_responder_answer(struct yw_responder *r, const struct yw_ask *ask, const hj212_writer *w) {
    struct yw_parcel *p =
        w->failed ? NULL : yw_responder_say(r, ask->packet->command, w->out, w->n, answer_due(r, ask->now));
    if (!p) return YW_EXE_FAULT;
    p->reply = true;
    memcpy(p->qn, ask->qn, sizeof p->qn);
    return YW_EXE_DONE;
}

void yw_responder_later(struct yw_responder *r, uint16_t command, const hj212_writer *w, int64_t due) {
    for (size_t i = 0; i < YW_LATER_MAX; i++) {
        struct yw_later *l = &r->later[i];
        if (l->n) continue;
        if (w->failed || w->n > sizeof l->cp) return;
        *l = (struct yw_later){.due = due, .command = command, .n = (uint16_t)w->n};
        memcpy(l->cp, w->out, w->n);
        return;
    }
}

/* HJ/T 212-2005 knows fewer codes. */
static int exertn_of(const struct yw_responder *r, int code) {
    return r->face->version >= 2017 || code == YW_EXE_DONE || code == YW_EXE_NO_DATA ? code : YW_EXE_FAILED;
}

static int qnrtn_of(const struct yw_responder *r, int code) {
    return r->face->version >= 2017 || code <= YW_QN_PW ? code : YW_QN_REFUSED;
}

void yw_responder_end(struct yw_responder *r, const char *qn, int exertn, int64_t due) {
    enum yw_then then = YW_THEN_NOTHING;
    if (exertn == YW_EXE_DONE && r->pw_next[0]) then = YW_THEN_PASSWORD;
    if (exertn == YW_EXE_DONE && r->key_next[0]) then = YW_THEN_KEY;
    r->last_exertn = exertn_of(r, exertn);
    say_code(r, 9012, r->last_exertn, qn, due, then);
}

/* ---- reading ---- */

bool yw_ask_text(const struct yw_ask *ask, const char *field, char *out, size_t size) {
    hj212_span v = hj212_cp_field(ask->packet->cp, field);
    return v.p && v.n < size && !memchr(v.p, '\0', v.n) && yw_copy(out, size, v.p, v.n);
}

bool yw_ask_number(const struct yw_ask *ask, const char *field, uint32_t least, uint32_t most,
                   uint32_t *out) {
    hj212_span v = hj212_cp_field(ask->packet->cp, field);
    return v.p && yw_parse_u32(v.p, v.n, most, out) && *out >= least;
}

bool yw_ask_time(const struct yw_ask *ask, const char *field, int64_t *out) {
    hj212_span v = hj212_cp_field(ask->packet->cp, field);
    return v.p && hj212_parse_time(v, out);
}

int yw_factor_named(const struct yw_scenario *s, hj212_span name) {
    for (size_t i = 0; i < s->factor_count; i++) {
        const char *wire = yw_plant_name(&s->factors[i]), *code = s->factors[i].code;
        if ((strlen(wire) == name.n && memcmp(wire, name.p, name.n) == 0) ||
            (strlen(code) == name.n && memcmp(code, name.p, name.n) == 0))
            return (int)i;
    }
    return -1;
}

int yw_ask_factor(const struct yw_ask *ask, const struct yw_scenario *s) {
    hj212_span v = hj212_cp_field(ask->packet->cp, "PolId");
    if (!v.p || v.n == 0) return -1;
    int found = yw_factor_named(s, v);
    return found < 0 ? -2 : found;
}

void yw_put_time14(hj212_writer *w, const char *field, int64_t time) {
    char text[18] = "";
    hj212_print_time(time, false, text);
    text[14] = '\0';
    hj212_put(w, NULL, field, text);
}

void yw_put_number(hj212_writer *w, const char *factor, const char *field, int64_t value) {
    hj212_put_decimal(w, factor, field, (hj212_decimal){value, 0});
}

/* ---- what is answered ---- */

static bool is_listed(const char *list, uint16_t cn) {
    char text[8];
    snprintf(text, sizeof text, "%u", cn);
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, " ,");
        if (n == strlen(text) && memcmp(at, text, n) == 0) return true;
        if (n == 3 && memcmp(at, "all", 3) == 0) return true;
        at += n + (at[n] != '\0');
    }
    return false;
}

static const struct rule *rule_of(const struct yw_responder *r, uint16_t cn) {
    unsigned version = r->face->version >= 2025 ? V25 : r->face->version >= 2017 ? V17 : V05;
    for (size_t i = 0; i < YW_COUNT(rules); i++)
        if (rules[i].cn == cn && (rules[i].versions & version)) return &rules[i];
    return NULL;
}

static bool equals(hj212_span a, const char *b) {
    return a.p && a.n == strlen(b) && memcmp(a.p, b, a.n) == 0;
}

/* Systems that a device answers for: its own, the interaction's, and where it has them working conditions and
 * electricity. */
static bool st_fits(const struct yw_responder *r, hj212_span st) {
    static const char *const others[] = {"91", "44", "45", "51", "52"};
    if (equals(st, r->face->st)) return true;
    for (size_t i = 0; i < YW_COUNT(others); i++)
        if (equals(st, others[i])) return i == 0 || r->face->version >= (i <= 2 ? 2025u : 2017u);
    return false;
}

/* Version bits that name no version; or a request that says it is split. Before 2017 anything went. */
static bool flag_is_wrong(const struct yw_responder *r, const hj212_packet *p) {
    if (r->face->version < 2017) return false;
    return p->flag_value < 0 || p->flag_value >> 2 > 2 || p->is_split;
}

/* The change of the password asked for again, since its 9012 got lost: it comes with the old one. */
static bool is_pw_resend(const struct yw_responder *r, const hj212_packet *p) {
    return p->command == 1072 && r->pw_before[0] && equals(p->qn, r->last_qn) && equals(p->pw, r->pw_before);
}

static int verdict(const struct yw_responder *r, const hj212_packet *p, const struct rule *rule, bool qn) {
    bool mn_is_set = p->command == 1002; /* its MN is the new one */
    if (!p->ok) return YW_QN_CRC;
    if (!equals(p->pw, r->face->pw) && !is_pw_resend(r, p)) return YW_QN_PW;
    if (!mn_is_set && !equals(p->mn, r->face->mn)) return YW_QN_MN;
    if (!st_fits(r, p->st)) return YW_QN_ST;
    if (flag_is_wrong(r, p)) return YW_QN_FLAG;
    if (!qn) return YW_QN_QN;
    if (!rule) return YW_QN_CN;
    if (is_listed(r->scenario->logger.refuses, p->command)) return YW_QN_REFUSED;
    return YW_QN_READY;
}

static bool read_qn(const hj212_packet *p, char out[18]) {
    hj212_span qn = p->qn.p ? p->qn : hj212_cp_field(p->cp, "QN");
    int64_t time;
    memset(out, 0, 18);
    if (!qn.p || qn.n != 17 || strspn(qn.p, "0123456789") < 17) return false;
    memcpy(out, qn.p, 17);
    return hj212_parse_time(qn, &time);
}

static void answer_notice(struct yw_responder *r, const struct rule *rule, const struct yw_ask *ask) {
    rule->act(r, ask);
    reply(r, 9013, "", ask->qn, answer_due(r, ask->now));
}

static void answer_request(struct yw_responder *r, const struct rule *rule, const struct yw_ask *ask) {
    int64_t due = answer_due(r, ask->now);
    say_code(r, 9011, YW_QN_READY, ask->qn, due, YW_THEN_NOTHING);
    if (r->recall.active && strcmp(r->recall.qn, ask->qn) == 0) return; /* sent again: it is under way */
    bool again = strcmp(r->last_qn, ask->qn) == 0;
    int code = again ? r->last_exertn : rule->act(r, ask);
    if (code == YW_EXE_RUNS) return;
    if (!again) memcpy(r->last_qn, ask->qn, sizeof r->last_qn);
    yw_responder_end(r, ask->qn, code, due);
}

static void take_command(struct yw_responder *r, const hj212_packet *p, int64_t now) {
    struct yw_ask ask = {.packet = p, .now = now, .clock = yw_responder_clock(r, now)};
    const struct rule *rule = rule_of(r, p->command);
    bool qn = read_qn(p, ask.qn);
    int code = verdict(r, p, rule, qn);
    if (code == YW_QN_CRC && !(r->face->odd & YW_ODD_BAD_CRC)) return;
    if (is_listed(r->scenario->logger.deaf_to, p->command)) return;
    if (code == YW_QN_READY && rule->notice)
        answer_notice(r, rule, &ask);
    else if (code == YW_QN_READY)
        answer_request(r, rule, &ask);
    else
        say_code(r, 9011, qnrtn_of(r, code), ask.qn, answer_due(r, now), YW_THEN_NOTHING);
}

static bool loses_ack(struct yw_responder *r) {
    uint64_t bits = yw_noise_bits(r->seed, YW_STREAM_ACKS, r->acks_heard++);
    return yw_noise_unit(bits) < r->scenario->logger.drops_acks;
}

bool yw_responder_take(struct yw_responder *r, const void *bytes, size_t n, int64_t now) {
    char plain[HJ212_FRAME_MAX];
    uint8_t keys[32];
    memcpy(keys, r->memory.key, 16);
    memcpy(keys + 16, r->key_before, 16);
    hj212_options options = {.keys = r->memory.key[0] ? keys : NULL,
                             .key_count = r->key_before[0] ? 2 : 1,
                             .plain = plain,
                             .at_end = true};
    hj212_packet p;
    if (hj212_decode(&options, bytes, n, &p).status != HJ212_PACKET) return true;
    if (p.command == 9014 && p.ok) return r->scenario->logger.drops_acks <= 0 || !loses_ack(r);
    if (p.command >= 9000) return true;
    /* a device whose queue is full does not hear; the host sends again */
    if (r->out.count + YW_RESPONDER_PER_FRAME <= YW_RESPONDER_QUEUE) take_command(r, &p, now);
    return true;
}

/* ---- what is sent ---- */

struct yw_parcel *yw_responder_next(struct yw_responder *r, int64_t now) {
    if (!r->out.first && r->recall.active) {
        struct yw_parcel *p = yw_recall_next(r, now);
        if (p) return p;
    }
    if (!r->out.first || r->out.first->due > now) return NULL;
    struct yw_parcel *p = yw_parcel_queue_take(&r->out);
    return p;
}

void yw_responder_acked(struct yw_responder *r, const struct yw_parcel *p) {
    if (p->asked) r->recall.in_flight = false;
    if (p->then == YW_THEN_PASSWORD && r->pw_next[0]) {
        memcpy(r->pw_before, r->face->pw, sizeof r->pw_before);
        memcpy(r->face->pw, r->pw_next, sizeof r->face->pw);
        memcpy(r->memory.pw, r->pw_next, sizeof r->memory.pw);
        r->pw_next[0] = '\0';
    }
    if (p->then == YW_THEN_KEY && r->key_next[0]) {
        yw_key_use(r, r->key_next, r->key_next_created);
        r->key_next[0] = '\0';
    }
}

void yw_responder_lost(struct yw_responder *r, const struct yw_parcel *p) {
    if (p->asked) yw_recall_stop(r); /* the host will ask again */
}

void yw_responder_hang_up(struct yw_responder *r) {
    struct yw_parcel_queue keep;
    yw_parcel_queue_init(&keep);
    for (struct yw_parcel *p; (p = yw_parcel_queue_take(&r->out));) {
        if (!p->reply) {
            yw_parcel_queue_put(&keep, p);
            continue;
        }
        yw_responder_acked(r, p);
        free(p);
    }
    r->out = keep;
    if (!keep.first) r->out.end = &r->out.first;
    yw_recall_stop(r);
}

/* ---- time ---- */

int64_t yw_responder_clock(const struct yw_responder *r, int64_t now) {
    const struct yw_memory *m = &r->memory;
    double gained = (double)(now - m->clock_since) / (double)YW_DAY * m->clock_drift_s * 1e6;
    return now + m->clock_offset_us + (int64_t)gained;
}

bool yw_responder_holds(const struct yw_responder *r, int64_t time) {
    return !yw_episode(&r->scenario->logger.lost, r->seed, YW_STREAM_LOST, time, NULL, NULL);
}

static int64_t report_due(const struct yw_responder *r, int64_t end) {
    return end + (int64_t)(r->memory.report / 100 * 60 + r->memory.report % 100) * YW_MINUTE;
}

bool yw_responder_sends(struct yw_responder *r, const struct yw_plant_record *record, int64_t *due) {
    *due = record->end;
    if (!r->registered) return false;
    if (record->command == 2011 && !r->memory.realtime_on) return false;
    if (record->command == 2021 && !r->memory.facility_on) return false;
    if (record->command == 2011 || record->command == 2021) return true;
    if (yw_episode(&r->scenario->logger.unsent, r->seed, YW_STREAM_UNSENT, record->end, NULL, NULL))
        return false;
    if (r->face->version < 2017 && record->command == 2031) *due = report_due(r, record->end);
    return yw_responder_holds(r, record->end);
}

/* ---- beginning and end ---- */

void yw_responder_init(struct yw_responder *r, struct yw_scenario *s, uint64_t seed,
                       struct yw_device_face *face, int64_t now) {
    const struct yw_logger_rule *l = &s->logger;
    *r = (struct yw_responder){.scenario = s, .seed = seed, .face = face, .powered = now};
    r->memory = (struct yw_memory){.clock_offset_us = (int64_t)(l->clock_offset_s * 1e6),
                                   .clock_since = now,
                                   .clock_drift_s = l->clock_drift_s,
                                   .overtime_s = 10,
                                   .recount = 3,
                                   .realtime_s = (uint32_t)s->realtime_s,
                                   .minute_s = (uint32_t)s->minute_s,
                                   .realtime_on = true,
                                   .facility_on = true};
    for (size_t i = 0; i < YW_PLANT_FACTORS_MAX; i++)
        r->instruments[i] = (struct yw_instrument){.low = NAN, .up = NAN};
    r->registered = !l->registers;
    if (l->registers) face->mn[0] = '\0';
    memcpy(r->memory.mn, face->mn, sizeof r->memory.mn);
    memcpy(r->memory.pw, face->pw, sizeof r->memory.pw);
    if (l->key[0]) yw_key_use(r, l->key, l->key_created);
    yw_parcel_queue_init(&r->out);
    yw_parcel_queue_init(&r->recall.ready);
    s->deeds = &r->deeds;
    s->hand = &r->hand;
    yw_responder_note(r, yw_responder_clock(r, now), YW_TEXT_POWER_ON);
}

void yw_responder_free(struct yw_responder *r) {
    yw_recall_stop(r);
    yw_parcel_queue_free(&r->out);
    yw_parcel_queue_free(&r->recall.ready);
}
