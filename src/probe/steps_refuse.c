/* Requests that must be refused, requests that arrive in odd pieces, and uploads that are left unanswered. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/probe.h"

/* The reply to a request made by hand: its QnRtn, 0 if 9011 names none, -1 if nothing came, -2 if it was
 * carried out. */
static int reply_to(struct probe *p, struct probe_talk *t, int64_t wait_us) {
    hj212_packet packet;
    uint32_t exchange;
    int64_t end = probe_now() + wait_us;
    int found = -1;
    while (probe_receive(p, end, &packet, &exchange)) {
        hj212_span qn = packet.qn.n > 0 ? packet.qn : hj212_cp_field(packet.cp, "QN");
        bool own = qn.n == strlen(t->qn) && memcmp(qn.p, t->qn, qn.n) == 0;
        bool reply = packet.command == 9011 || packet.command == 9012 || packet.command == 9013;
        if (!packet.ok || !own) continue;
        probe_show(t, exchange);
        if (packet.command == 9011) {
            hj212_span rtn = hj212_cp_field(packet.cp, "QnRtn");
            uint32_t code = 0;
            found = rtn.n > 0 && yw_parse_u32(rtn.p, rtn.n, 1000, &code) ? (int)code : 0;
            if (found != 1) return found;
        } else if (!reply || packet.command == 9012) {
            return -2; /* it answered as if the request were right */
        }
    }
    return found == 1 ? -2 : found;
}

static void begin(struct probe *p, struct probe_talk *t) {
    memset(t, 0, sizeof *t);
    t->spec = yw_command_by_key("get-clock");
    probe_new_qn(p, t->qn);
}

static void expect(struct probe *p, struct probe_talk *t, const char *id, int want, bool silence_too) {
    int got = reply_to(p, t, (int64_t)p->options.overtime_s * YW_SECOND);
    char zh[120], en[120];
    if (got == -2)
        probe_fail(p, "refuse.executed", t, "错误的请求被执行了", "a wrong request was carried out");
    if (got != -2)
        probe_pass(p, "refuse.executed", t, "错误的请求都没有执行", "no wrong request was carried out");
    snprintf(zh, sizeof zh,
             got == -1   ? "没有应答"
             : got == -2 ? "被当作正确的请求执行"
                         : "返回 QnRtn=%d",
             got);
    snprintf(en, sizeof en, got == -1 ? "no answer" : got == -2 ? "taken for a right one" : "QnRtn=%d", got);
    probe_judge(p, got == want || (silence_too && got == -1), id, t, zh, en);
}

static void send_wrong(struct probe *p, struct probe_talk *t, const char *id, uint16_t cn, const char *flag,
                       int want, bool silence_too) {
    char frame[2048];
    uint32_t exchange;
    size_t n = probe_request(p, t, cn, flag, frame, sizeof frame);
    if (n == 0 || p->gone) return;
    probe_send(p, frame, n, cn, &exchange);
    probe_show(t, exchange);
    expect(p, t, id, want, silence_too);
}

static void wrong_crc(struct probe *p) {
    struct probe_talk t;
    char frame[2048];
    uint32_t exchange;
    begin(p, &t);
    size_t n = probe_request(p, &t, 1011, NULL, frame, sizeof frame);
    if (n == 0) return;
    for (size_t i = n - 6; i < n - 2; i++) frame[i] = frame[i] == '0' ? '1' : '0';
    probe_send(p, frame, n, 1011, &exchange);
    probe_show(&t, exchange);
    int got = reply_to(p, &t, 3 * YW_SECOND);
    probe_judge(p, got == -1, "refuse.crc", &t, got == -1 ? "没有应答" : "有应答",
                got == -1 ? "no answer" : "it was answered");
    probe_judge(p, got != -2, "refuse.executed", &t, got != -2 ? "没有执行" : "CRC 错误的请求被执行了",
                got != -2 ? "not carried out" : "a request with a wrong CRC was carried out");
}

static void odd_pieces(struct probe *p) {
    struct probe_talk t, u;
    char frame[2048], both[4096 + 64];
    uint32_t exchange;
    const int64_t wait = (int64_t)p->options.overtime_s * YW_SECOND;
    begin(p, &t);
    size_t n = probe_request(p, &t, 1011, NULL, frame, sizeof frame);
    if (n == 0) return;
    for (size_t i = 0; i < n && !p->gone; i++) {
        const struct timespec pause = {.tv_nsec = 3000000};
        probe_send(p, frame + i, 1, 1011, &exchange);
        nanosleep(&pause, NULL);
    }
    probe_show(&t, exchange);
    int got = reply_to(p, &t, wait);
    probe_judge(p, got == -2 || got >= 0, "stream.split", &t, got == -1 ? "没有应答" : "有应答",
                got == -1 ? "no answer" : "answered");

    begin(p, &t);
    begin(p, &u);
    size_t a = probe_request(p, &t, 1011, NULL, both, sizeof both);
    size_t b = probe_request(p, &u, 1011, NULL, both + a, sizeof both - a);
    probe_send(p, both, a + b, 1011, &exchange);
    probe_show(&t, exchange);
    int first = reply_to(p, &t, wait);
    int second = reply_to(p, &u, wait);
    /* a device may answer the second while we wait for the first to end: then its reply stands in the
     * transcript */
    for (uint32_t i = exchange; second == -1 && i < p->exchange_n; i++) {
        const struct probe_exchange *e = &p->exchanges[i];
        if (!e->sent && memmem(p->bytes + e->offset, e->length, u.qn, 17) != NULL) second = 0;
    }
    bool good = first != -1 && second != -1;
    probe_judge(p, good, "stream.glued", &t, good ? "两条都有应答" : "只应答了一条或都没有应答",
                good ? "both were answered" : "one or both were not answered");

    begin(p, &t);
    static const char noise[] = "##00x1 \r\n##ABCD noise before a request ";
    size_t m = sizeof noise - 1;
    memcpy(both, noise, m);
    a = probe_request(p, &t, 1011, NULL, both + m, sizeof both - m);
    probe_send(p, both, a + m, 1011, &exchange);
    probe_show(&t, exchange);
    got = reply_to(p, &t, wait);
    probe_judge(p, got != -1, "stream.noise", &t, got == -1 ? "没有应答" : "有应答",
                got == -1 ? "no answer" : "answered");
}

void probe_refusals(struct probe *p) {
    struct probe_talk t;
    if (p->gone) return;
    bool old = p->version == 2005; /* its table knows 1, 2 and 3 alone */
    wrong_crc(p);
    begin(p, &t);
    t.pw = strcmp(p->pw, "000001") == 0 ? "000002" : "000001";
    send_wrong(p, &t, "refuse.pw", 1011, NULL, 3, false);
    begin(p, &t);
    t.mn = old ? "99999999999999" : "FFFFFFFFFFFFFFFFFFFFFFFF";
    send_wrong(p, &t, "refuse.mn", 1011, NULL, old ? 2 : 4, true);
    begin(p, &t);
    t.st = "Z9";
    send_wrong(p, &t, "refuse.st", 1011, NULL, old ? 2 : 5, false);
    begin(p, &t);
    send_wrong(p, &t, "refuse.flag", 1011, "253", old ? 2 : 6, false);
    begin(p, &t);
    memcpy(t.qn, "20261340256199000", 18);
    p->provoked = t.qn;
    send_wrong(p, &t, "refuse.qn", 1011, NULL, old ? 2 : 7, false);
    p->provoked = NULL;
    begin(p, &t);
    send_wrong(p, &t, "refuse.cn", 1999, NULL, old ? 2 : 8, false);
    odd_pieces(p);
}

/* ---- uploads that nobody answers ---- */

void probe_delivery(struct probe *p) {
    static const char *const rules[] = {"delivery.resend", "delivery.count", "delivery.after"};
    hj212_packet packet;
    uint32_t exchange, again = 0;
    struct probe_talk t = {0};
    char qn[32] = "";
    int64_t end = probe_now() + (p->options.quick ? 10 : 130) * YW_SECOND, last = 0, first = 0;
    p->withhold = true;
    while (qn[0] == 0 && probe_receive(p, end, &packet, &exchange)) {
        if (!packet.ok || !packet.wants_ack || packet.qn.n != 17 || packet.command >= 9000) continue;
        yw_copy(qn, sizeof qn, packet.qn.p, packet.qn.n);
        first = last = probe_now();
        probe_show(&t, exchange);
    }
    if (qn[0] == 0) {
        p->withhold = false;
        for (size_t i = 0; i < YW_COUNT(rules); i++)
            probe_skip(p, rules[i], "没有要求应答的上传", "no upload asked for an answer");
        return;
    }
    /* the device has its own time-out, 10 s and 3 resends unless set; two of them are enough to tell */
    const int64_t patience = (p->options.quick ? 25 : 75) * YW_SECOND;
    char answer[2048];
    size_t answer_n = 0;
    while (again < 2 && probe_receive(p, first + patience, &packet, &exchange)) {
        if (!packet.ok || packet.qn.n != 17 || memcmp(packet.qn.p, qn, 17) != 0) continue;
        again++;
        last = probe_now();
        probe_show(&t, exchange);
        answer_n = hj212_encode_ack(&packet, answer, sizeof answer);
    }
    p->withhold = false;
    char zh[120], en[120];
    snprintf(zh, sizeof zh, "%lld 秒内重发 %u 次", (long long)((last - first) / YW_SECOND), again);
    snprintf(en, sizeof en, "sent again %u times within %lld s", again,
             (long long)((last - first) / YW_SECOND));
    probe_judge(p, again > 0, "delivery.resend", &t, zh, en);
    if (again == 0 || answer_n == 0) {
        probe_skip(p, "delivery.after", "没有重发", "it was not sent again");
        probe_skip(p, "delivery.count", "没有重发", "it was not sent again");
        return;
    }
    probe_send(p, answer, answer_n, 9014, &exchange);
    probe_show(&t, exchange);
    int64_t gap = again > 0 ? (last - first) / again : 10 * YW_SECOND,
            quiet = probe_now() + 2 * gap + 2 * YW_SECOND;
    uint32_t after = 0;
    while (probe_receive(p, quiet, &packet, &exchange)) {
        if (packet.ok && packet.qn.n == 17 && memcmp(packet.qn.p, qn, 17) == 0) {
            after++;
            probe_show(&t, exchange);
        }
    }
    probe_judge(p, after == 0, "delivery.after", &t, after == 0 ? "应答后没有再重发" : "应答后仍然重发",
                after == 0 ? "it did not come again" : "it came again");
    probe_judge(p, again + after <= 4, "delivery.count", &t, zh, en);
}
