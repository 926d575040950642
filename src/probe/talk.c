/* One command through its whole dialog, and what must hold in every dialog. */
#include <string.h>

#include "probe/probe.h"

enum { RECOUNT = 1, EXECUTE_TIMES = 4 }; /* of the time-out */

/* 17 digits of now in Beijing time, never the same twice. */
void probe_new_qn(struct probe *p, char qn[18]) {
    int64_t now = probe_now();
    if (now / 1000 <= p->last_qn / 1000) now = p->last_qn + 1000;
    p->last_qn = now;
    hj212_print_time(now, true, qn);
    qn[17] = 0;
}

static const char *version_flag(const struct probe *p) {
    return p->version == 2025 ? "9" : p->version == 2005 ? "1" : "5";
}

size_t probe_request(struct probe *p, const struct probe_talk *t, uint16_t cn, const char *flag, char *out,
                     size_t size) {
    char number[8], cp[YW_COMMAND_CP_MAX + 64];
    snprintf(number, sizeof number, "%u", cn);
    if (yw_command_fill(t->cp, probe_now(), cp, sizeof cp) == 0) cp[0] = 0;
    const hj212_message m = {.qn = hj212_text(t->qn),
                             .st = hj212_text(t->st != NULL ? t->st : p->st),
                             .cn = hj212_text(number),
                             .pw = hj212_text(t->pw != NULL ? t->pw : p->pw),
                             .mn = hj212_text(t->mn != NULL ? t->mn : p->mn),
                             .flag = hj212_text(flag != NULL ? flag : version_flag(p)),
                             .cp = hj212_text(cp)};
    return hj212_encode(&m, out, size);
}

void probe_show(struct probe_talk *t, uint32_t exchange) {
    if (t->frame_n < PROBE_SHOWN) t->frames[t->frame_n++] = exchange;
}

static bool same(hj212_span s, const char *text) {
    return s.n == strlen(text) && (s.n == 0 || memcmp(s.p, text, s.n) == 0);
}

/* What every 9011, 9012 and 9013 owes its request. */
static void look_at_reply(struct probe *p, const struct probe_talk *t, const hj212_packet *r) {
    bool in_cp = p->version == 2005;
    hj212_span qn = in_cp && r->qn.n == 0 ? hj212_cp_field(r->cp, "QN") : r->qn;
    probe_judge(p, same(qn, t->qn), "reply.qn", t, "应答的 QN 应与请求相同",
                "the reply carries the QN of its request");
    probe_judge(p, same(r->st, "91"), "reply.st", t, "应答的 ST 应为 91", "the reply carries ST=91");
    probe_judge(p, same(r->mn, t->mn != NULL ? t->mn : p->mn), "reply.mn", t, "应答的 MN 应与请求相同",
                "the reply carries the MN of its request");
    /* a wrong PW need not be repeated */
    if (t->pw == NULL)
        probe_judge(p, same(r->pw, p->pw), "reply.pw", t, "应答的 PW 应与请求相同",
                    "the reply carries the PW of its request");
    probe_judge(p, !r->wants_ack, "reply.flag", t, "应答不应再要求应答（Flag 最低位为 0）",
                "a reply does not ask for a reply (lowest bit of Flag is 0)");
    if (r->command == 9011)
        probe_judge(p, hj212_cp_field(r->cp, "QnRtn").n > 0, "reply.qnrtn", t, "9011 应带 QnRtn",
                    "9011 carries QnRtn");
    if (r->command == 9012)
        probe_judge(p, hj212_cp_field(r->cp, "ExeRtn").n > 0, "reply.exertn", t, "9012 应带 ExeRtn",
                    "9012 carries ExeRtn");
}

static void take_answer(struct probe_talk *t, const hj212_packet *packet, int64_t *before) {
    int64_t time;
    if (t->answers++ == 0) {
        size_t n = packet->cp.n < sizeof t->answer - 1 ? packet->cp.n : sizeof t->answer - 1;
        if (n > 0) memcpy(t->answer, packet->cp.p, n);
        t->answer[n] = 0;
        t->answered_at = probe_now();
    }
    if (t->spec->answer != YW_ANSWER_UPLOADS || !hj212_data_time(packet, &time)) return;
    if (t->to != 0 && (time < t->from || time > t->to)) t->in_range = false;
    if (time < *before) t->ordered = false;
    *before = time;
}

static void exchange_all(struct probe *p, struct probe_talk *t, const char *frame, size_t n) {
    hj212_packet packet;
    uint32_t exchange;
    int64_t before = INT64_MIN;
    while (t->dialog.state != YW_DIALOG_ENDED) {
        enum yw_say say;
        if (probe_receive(p, t->dialog.due, &packet, &exchange)) {
            if (!packet.ok) continue;
            bool reply = packet.command >= 9011 && packet.command <= 9013;
            say = yw_dialog_packet(&t->dialog, &packet, probe_now());
            if (say == YW_SAY_NOTHING) continue;
            probe_show(t, exchange);
            if (reply) look_at_reply(p, t, &packet);
            if (say == YW_SAY_ANSWER) take_answer(t, &packet, &before);
        } else if (p->gone || p->overflow) {
            t->dialog.state = YW_DIALOG_ENDED;
            t->dialog.outcome = YW_OUTCOME_NO_ANSWER;
            return;
        } else {
            say = yw_dialog_tick(&t->dialog, probe_now());
            if (say == YW_SAY_SEND) probe_send(p, frame, n, t->spec->cn, &exchange);
        }
    }
}

bool probe_talk(struct probe *p, const char *key, const struct yw_argument *args, size_t n,
                struct probe_talk *t) {
    char frame[2048];
    struct yw_error err;
    const char *pw = t->pw, *mn = t->mn;
    memset(t, 0, sizeof *t);
    t->pw = pw;
    t->mn = mn;
    t->in_range = t->ordered = true;
    t->spec = yw_command_by_key(key);
    if (t->spec == NULL || !yw_command_has_version(t->spec, p->version)) return false;
    if (yw_command_cp(t->spec, p->version, args, n, t->cp, &t->from, &t->to, &err) != YW_OK) return false;
    t->st = t->spec->st;
    probe_new_qn(p, t->qn);
    size_t length = probe_request(p, t, t->spec->cn, NULL, frame, sizeof frame);
    if (length == 0) return false;
    if (p->say != NULL) {
        char line[128];
        snprintf(line, sizeof line, "CN=%u %s", t->spec->cn, p->options.zh ? t->spec->zh : t->spec->en);
        p->say(p->arg, line);
    }
    const struct yw_dialog_rule rule = {.flow = t->spec->flow,
                                        .answer = t->spec->answer,
                                        .cn = t->spec->cn,
                                        .upload = t->spec->upload,
                                        .overtime_s = (uint16_t)p->options.overtime_s,
                                        .recount = RECOUNT,
                                        .execute_s = (uint16_t)(p->options.overtime_s * EXECUTE_TIMES),
                                        .from = t->from,
                                        .to = t->to};
    t->sent_at = probe_now();
    yw_dialog_start(&t->dialog, &rule, t->qn, t->sent_at);
    if (!probe_send(p, frame, length, t->spec->cn, &t->sent)) return false;
    probe_show(t, t->sent);
    exchange_all(p, t, frame, length);
    return true;
}

void probe_answer(const struct probe_talk *t, const char *field, char *out, size_t size) {
    hj212_span s = hj212_cp_field((hj212_span){t->answer, (uint32_t)strlen(t->answer)}, field);
    yw_copy(out, size, s.p != NULL ? s.p : "", s.n);
}
