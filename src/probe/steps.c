/* The test, in order: who is there, clock, settings, streams, history, the other commands, refusals,
 * delivery. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/probe.h"

int64_t probe_now(void) {
    return yw_now();
}

static bool done(const struct probe_talk *t) {
    return t->dialog.outcome == YW_OUTCOME_DONE;
}

/* Why a dialog did not end well, in both languages. */
static void why(const struct probe_talk *t, char zh[200], char en[200]) {
    const struct yw_dialog *d = &t->dialog;
    switch (d->outcome) {
    case YW_OUTCOME_REFUSED:
        snprintf(zh, 200, "设备拒绝：QnRtn=%d（%s）", d->qnrtn, yw_qnrtn_text(d->qnrtn, true));
        snprintf(en, 200, "refused: QnRtn=%d (%s)", d->qnrtn, yw_qnrtn_text(d->qnrtn, false));
        break;
    case YW_OUTCOME_FAILED:
    case YW_OUTCOME_NO_DATA:
        snprintf(zh, 200, "执行未成功：ExeRtn=%d（%s）", d->exertn, yw_exertn_text(d->exertn, true));
        snprintf(en, 200, "not carried out: ExeRtn=%d (%s)", d->exertn, yw_exertn_text(d->exertn, false));
        break;
    case YW_OUTCOME_NO_ANSWER:
        snprintf(zh, 200, "没有应答（发送 %u 次）", d->attempts);
        snprintf(en, 200, "no answer after %u sendings", d->attempts);
        break;
    case YW_OUTCOME_NO_RESULT:
        snprintf(zh, 200, "有请求应答，没有执行结果");
        snprintf(en, 200, "accepted, and no result came");
        break;
    default:
        snprintf(zh, 200, "应答流程完整");
        snprintf(en, 200, "the whole flow came");
    }
}

static void judge_flow(struct probe *p, const char *id, const struct probe_talk *t, bool also,
                       const char *zh_not, const char *en_not) {
    char zh[200], en[200];
    why(t, zh, en);
    if (done(t) && !also) {
        probe_fail(p, id, t, zh_not, en_not);
    } else {
        probe_judge(p, done(t), id, t, zh, en);
    }
}

/* ---- clock ---- */

/* Device time minus ours at the middle of the exchange, seconds; false: no readable answer. */
static bool read_clock(struct probe *p, struct probe_talk *t, int64_t *off) {
    char text[32];
    int64_t time;
    if (!probe_talk(p, "get-clock", NULL, 0, t) || t->answers == 0) return false;
    probe_answer(t, "SystemTime", text, sizeof text);
    if (strlen(text) != 14 || !hj212_parse_time(hj212_text(text), &time)) return false;
    *off = (time - (t->sent_at + t->answered_at) / 2) / YW_SECOND;
    return true;
}

static void clocks(struct probe *p) {
    struct probe_talk t = {0};
    int64_t off = 0;
    char zh[120], en[120];
    bool read = read_clock(p, &t, &off);
    judge_flow(p, "clock.get", &t, read, "没有上传 14 位 SystemTime", "no SystemTime of 14 digits came");
    if (!read) {
        probe_skip(p, "clock.right", "读不到现场机时间", "the clock cannot be read");
    } else {
        snprintf(zh, sizeof zh, "现场机比标准时间%s %lld 秒", off >= 0 ? "快" : "慢", (long long)llabs(off));
        snprintf(en, sizeof en, "the device is %lld s %s", (long long)llabs(off), off >= 0 ? "fast" : "slow");
        probe_judge(p, llabs(off) <= 60, "clock.right", &t, zh, en);
    }
    if (!p->options.settings) {
        probe_skip(p, "clock.set", "未允许改变设置（--settings）",
                   "settings may not be changed (--settings)");
        return;
    }
    if (!probe_talk(p, "set-clock", NULL, 0, &t)) return;
    bool set = done(&t);
    struct probe_talk again = {0};
    bool right = set && read_clock(p, &again, &off) && llabs(off) <= 3;
    judge_flow(p, "clock.set", &t, right, "设置后读回的时间相差超过 3 秒",
               "read back it differs by more than 3 s");
}

/* ---- intervals ---- */

static bool read_number(struct probe *p, const char *key, const char *field, struct probe_talk *t,
                        uint32_t *out) {
    char text[32];
    if (!probe_talk(p, key, NULL, 0, t) || t->answers == 0) return false;
    probe_answer(t, field, text, sizeof text);
    return yw_parse_u32(text, strlen(text), 1000000, out);
}

static bool set_number(struct probe *p, const char *key, const char *field, uint32_t value,
                       struct probe_talk *t) {
    char text[16];
    snprintf(text, sizeof text, "%u", value);
    const struct yw_argument a = {field, text};
    return probe_talk(p, key, &a, 1, t) && done(t);
}

/* Real-time packets over three intervals come at that interval, give or take a quarter and two seconds. */
static void watch_interval(struct probe *p, uint32_t interval_s) {
    hj212_packet packet;
    uint32_t exchange, n = 0;
    struct probe_talk t = {0};
    int64_t last = 0, end = probe_now() + (int64_t)interval_s * 7 * YW_SECOND / 2,
            slack = interval_s * 250000 + 2000000;
    bool good = true;
    while (n < 4 && probe_receive(p, end, &packet, &exchange)) {
        if (!packet.ok || packet.command != 2011) continue;
        int64_t at = p->exchanges[exchange].at, gap = at - last;
        probe_show(&t, exchange);
        if (packet.is_split && last != 0 && gap < YW_SECOND) continue;
        if (n++ > 0 && llabs(gap - (int64_t)interval_s * YW_SECOND) > slack) good = false;
        last = at;
    }
    char zh[120], en[120];
    snprintf(zh, sizeof zh, "间隔 %u 秒，%u 秒内收到 %u 次", interval_s, interval_s * 7 / 2, n);
    snprintf(en, sizeof en, "interval %u s, %u packets in %u s", interval_s, n, interval_s * 7 / 2);
    probe_judge(p, good && n >= 3, "interval.real.kept", &t, zh, en);
}

static void real_interval(struct probe *p) {
    struct probe_talk t = {0}, s = {0};
    uint32_t was = 0, is = 0;
    bool read = read_number(p, "get-realtime-interval", "RtdInterval", &t, &was);
    judge_flow(p, "interval.real.get", &t, read && was >= 30 && was <= 3600, "RtdInterval 不在 30～3600 秒",
               "RtdInterval is not within 30 to 3600 s");
    if (!p->options.settings || !read) {
        probe_skip(p, "interval.real.set", "未允许改变设置或读不到现值",
                   "settings may not be changed, or it cannot be read");
        probe_skip(p, "interval.real.kept", "未允许改变设置或读不到现值",
                   "settings may not be changed, or it cannot be read");
        return;
    }
    uint32_t other = was == 30 ? 60 : 30;
    bool set = set_number(p, "set-realtime-interval", "RtdInterval", other, &s);
    struct probe_talk back = {0};
    bool same = set && read_number(p, "get-realtime-interval", "RtdInterval", &back, &is) && is == other;
    judge_flow(p, "interval.real.set", &s, same, "设置后读回的值不同", "another value is read back");
    if (p->options.quick || !same) {
        probe_skip(p, "interval.real.kept", "快速测试不观察间隔", "left out by --quick");
    } else {
        watch_interval(p, other);
    }
    set_number(p, "set-realtime-interval", "RtdInterval", was, &back);
}

static void minute_interval(struct probe *p) {
    static const uint32_t allowed[] = {1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30};
    struct probe_talk t = {0}, s = {0};
    uint32_t was = 0, is = 0;
    if (p->version == 2005) {
        probe_skip(p, "interval.minute.get", "2005 版没有此命令", "the 2005 version has no such command");
        probe_skip(p, "interval.minute.set", "2005 版没有此命令", "the 2005 version has no such command");
        return;
    }
    bool read = read_number(p, "get-minute-interval", "MinInterval", &t, &was), listed = false;
    for (size_t i = 0; i < YW_COUNT(allowed); i++) listed |= allowed[i] == was;
    judge_flow(p, "interval.minute.get", &t, read && listed, "MinInterval 不是规定的取值",
               "MinInterval is none of the values allowed");
    if (!p->options.settings || !read) {
        probe_skip(p, "interval.minute.set", "未允许改变设置或读不到现值",
                   "settings may not be changed, or it cannot be read");
        return;
    }
    bool set = set_number(p, "set-minute-interval", "MinInterval", was == 10 ? 5 : 10, &s);
    struct probe_talk back = {0};
    bool same = set && read_number(p, "get-minute-interval", "MinInterval", &back, &is) &&
                is == (was == 10 ? 5u : 10u);
    judge_flow(p, "interval.minute.set", &s, same, "设置后读回的值不同", "another value is read back");
    set_number(p, "set-minute-interval", "MinInterval", was, &back);
}

static void timeouts(struct probe *p) {
    struct probe_talk t = {0};
    const struct yw_argument a[] = {{"OverTime", "5"}, {"ReCount", "3"}};
    if (!p->options.settings) {
        probe_skip(p, "timeout.set", "未允许改变设置", "settings may not be changed");
    } else if (probe_talk(p, "set-timeout", a, 2, &t)) {
        judge_flow(p, "timeout.set", &t, true, "", "");
    }
}

/* ---- password ---- */

static void password(struct probe *p) {
    struct probe_talk t = {0}, fresh = {0}, old = {0}, back = {0};
    char was[32];
    const char *key = p->version == 2005 ? "set-password-2005" : "set-password";
    const char *field = p->version == 2005 ? "PW" : "NewPW";
    if (!p->options.settings) {
        probe_skip(p, "password.set", "未允许改变设置", "settings may not be changed");
        return;
    }
    memcpy(was, p->pw, sizeof was);
    const struct yw_argument a = {field, strcmp(was, "654321") == 0 ? "123456" : "654321"};
    const struct yw_argument restore = {field, was};
    if (!probe_talk(p, key, &a, 1, &t)) return;
    if (!done(&t)) {
        judge_flow(p, "password.set", &t, true, "", "");
        return;
    }
    yw_copy(p->pw, sizeof p->pw, a.value, strlen(a.value));
    bool counts = probe_talk(p, "get-clock", NULL, 0, &fresh) && done(&fresh);
    old.pw = was;
    bool refused = probe_talk(p, "get-clock", NULL, 0, &old) && !done(&old);
    probe_judge(p, counts && refused, "password.set", counts ? &old : &fresh,
                counts && refused ? "新密码生效，旧密码被拒绝"
                : counts          ? "旧密码仍被接受"
                                  : "新密码没有生效",
                counts && refused ? "the new one counts, the old one is refused"
                : counts          ? "the old password is still accepted"
                                  : "the new password does not count");
    if (!probe_talk(p, key, &restore, 1, &back) || !done(&back)) {
        if (p->say != NULL)
            p->say(p->arg, "the password could not be put back: the device now has the test's");
        return;
    }
    memcpy(p->pw, was, sizeof was);
}

/* ---- streams ---- */

static uint32_t count_uploads(struct probe *p, uint16_t command, int64_t seconds, uint32_t enough,
                              struct probe_talk *t) {
    hj212_packet packet;
    uint32_t exchange, n = 0;
    int64_t end = probe_now() + seconds * YW_SECOND;
    while (n < enough && probe_receive(p, end, &packet, &exchange)) {
        if (!packet.ok || packet.command != command) continue;
        probe_show(t, exchange);
        n++;
    }
    return n;
}

static void stream(struct probe *p, uint16_t command, const char *stop, const char *start,
                   const char *stop_rule, const char *start_rule, int64_t quiet_s, int64_t wait_s) {
    struct probe_talk t = {0}, s = {0};
    if (!probe_talk(p, stop, NULL, 0, &t)) return;
    uint32_t still = done(&t) ? count_uploads(p, command, 2, UINT32_MAX, &t) : 0; /* what was under way */
    still = done(&t) ? count_uploads(p, command, quiet_s, 1, &t) : still;
    judge_flow(p, stop_rule, &t, still == 0, "停止后仍有上传", "uploads went on after the stop");
    if (!probe_talk(p, start, NULL, 0, &s)) return;
    uint32_t came = done(&s) ? count_uploads(p, command, wait_s, 1, &s) : 0;
    judge_flow(p, start_rule, &s, came > 0, "启动后没有上传", "no upload came after the start");
}

static void streams(struct probe *p) {
    if (p->options.quick) {
        static const char *const rules[] = {"real.stop", "real.start", "facility.stop", "facility.start"};
        for (size_t i = 0; i < YW_COUNT(rules); i++)
            probe_skip(p, rules[i], "快速测试不观察上传", "left out by --quick");
        return;
    }
    stream(p, 2011, "stop-realtime", "start-realtime", "real.stop", "real.start", 70, 130);
    stream(p, 2021, "stop-facilities", "start-facilities", "facility.stop", "facility.start", 20, 130);
}

/* ---- who is there ---- */

static bool know(struct probe *p) {
    const struct probe_options *o = &p->options;
    hj212_packet packet;
    uint32_t exchange;
    if (o->mn != NULL) yw_copy(p->mn, sizeof p->mn, o->mn, strlen(o->mn));
    if (o->pw != NULL) yw_copy(p->pw, sizeof p->pw, o->pw, strlen(o->pw));
    if (o->st != NULL) yw_copy(p->st, sizeof p->st, o->st, strlen(o->st));
    p->version = (uint16_t)o->version;
    int64_t end = probe_now() + (int64_t)o->wait_s * YW_SECOND;
    while (p->mn[0] == 0 || p->pw[0] == 0 || p->st[0] == 0 || p->version == 0) {
        if (!probe_receive(p, end, &packet, &exchange)) break;
        if (!packet.ok || packet.mn.n == 0) continue;
        if (p->mn[0] == 0) yw_copy(p->mn, sizeof p->mn, packet.mn.p, packet.mn.n);
        if (p->pw[0] == 0 && packet.pw.n > 0) yw_copy(p->pw, sizeof p->pw, packet.pw.p, packet.pw.n);
        if (p->st[0] == 0 && packet.st.n == 2 && memcmp(packet.st.p, "91", 2) != 0)
            yw_copy(p->st, sizeof p->st, packet.st.p, packet.st.n);
        if (p->version == 0) p->version = packet.version;
    }
    if (p->version == 0) p->version = 2017;
    if (p->st[0] == 0) yw_copy(p->st, sizeof p->st, "32", 2);
    if (p->pw[0] == 0) yw_copy(p->pw, sizeof p->pw, "123456", 6);
    return p->mn[0] != 0;
}

void probe_run(struct probe *p) {
    p->started = probe_now();
    if (know(p)) {
        clocks(p);
        timeouts(p);
        real_interval(p);
        minute_interval(p);
        streams(p);
        probe_history(p);
        probe_commands(p);
        password(p);
        probe_refusals(p);
        probe_delivery(p);
    }
    p->ended = probe_now();
    if (p->garbage > 0)
        probe_fail(p, "form.garbage", NULL, "有不属于任何数据包的字节",
                   "there were bytes that belong to no packet");
}
