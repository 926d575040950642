/* What is looked at. Clauses are named as the parts of HJ 212-2017 are; where a rule comes from elsewhere it
 * says so. */
#include "probe/rules_form.h"

#include <stdlib.h>
#include <string.h>

#include "probe/probe.h"

#define FRAME    "通讯包结构组成"
#define SEGMENT  "数据段结构组成"
#define FLAGS    "拆分包及应答标志"
#define AREA     "数据区结构定义"
#define FLOW     "通讯流程"
#define TIMEOUTS "超时重发机制"
#define CODES    "命令编码；附录 C 通讯命令示例"
#define RETURNS  "请求命令返回表、执行结果定义表"

const struct yw_rule yw_probe_rules[] = {
    {"form.garbage", FRAME, "包与包之间没有多余字节", "no bytes between frames"},
    {"form.len", FRAME, "数据段长度为 4 位十进制且与数据段字节数一致",
     "LEN is four digits and counts the bytes of the data segment"},
    {"form.tail", FRAME, "包尾为 CR LF", "the frame ends with CR LF"},
    {"form.crc", "附录 A 循环冗余校验（CRC）算法", "CRC 为 HJ 212 规定的算法，4 位大写十六进制，高位在前",
     "the CRC is the one of HJ 212, four hexadecimal digits in upper case, high byte first"},
    {"form.header", SEGMENT, "字段齐全，顺序为 QN ST CN PW MN Flag [PNUM PNO] CP",
     "all fields are there, in the order QN ST CN PW MN Flag [PNUM PNO] CP"},
    {"form.qn", SEGMENT, "QN 为 17 位日期时间", "QN is a date and time of 17 digits"},
    {"form.st", SEGMENT, "ST 为系统编码表中的两位字符", "ST is two characters of the table of systems"},
    {"form.cn", CODES, "CN 为 4 位命令编码", "CN is a command of four digits"},
    {"form.mn", SEGMENT, "MN 的形式符合版本规定", "MN has the form of its version"},
    {"form.pw", SEGMENT, "PW 为 6 位字符", "PW is six characters"},
    {"form.flag", FLAGS, "Flag 的版本号与拆分、应答位正确",
     "version, split and answer bits of Flag are right"},
    {"form.split", FLAGS, "拆分包带有 PNUM、PNO 且取值正确",
     "split packets carry PNUM and PNO, and they make sense"},
    {"form.cp", AREA, "CP=&&…&&，不超过 950 字节", "CP=&&...&& of at most 950 bytes"},
    {"form.items", AREA, "项目为 名称=值，同一项目内用逗号、项目间用分号分隔",
     "items are name=value, parted by ',' within a factor and ';' between"},
    {"form.names", "附录 B 编码表", "字段名、因子编码为标准规定的名称",
     "field names and factor codes are the standard's"},
    {"form.values", "字段对照表", "日期、数值、数据标记的格式正确",
     "dates, numbers and marks have their format"},
    {"form.text", AREA, "文字为 UTF-8，数据段内没有控制字符", "text is UTF-8, no control characters"},
    {"reply.qn", FLOW, "9011、9012、9013 的 QN 与请求一致",
     "9011, 9012 and 9013 carry the QN of the request"},
    {"reply.st", FLOW, "应答的 ST=91", "replies carry ST=91"},
    {"reply.mn", FLOW, "应答的 MN 与请求一致", "replies carry the MN of the request"},
    {"reply.pw", FLOW, "应答的 PW 与请求一致", "replies carry the PW of the request"},
    {"reply.flag", FLAGS, "应答不再要求应答", "replies do not ask for a reply"},
    {"reply.qnrtn", RETURNS, "9011 带 QnRtn", "9011 carries QnRtn"},
    {"reply.exertn", RETURNS, "9012 带 ExeRtn", "9012 carries ExeRtn"},
    {"clock.get", CODES, "CN=1011：上传 14 位系统时间", "CN=1011: uploads the system time in 14 digits"},
    {"clock.right", CODES, "现场机时间与标准时间相差不超过 60 秒", "the device's clock is right within 60 s"},
    {"clock.set", CODES, "CN=1012：设置后读回的时间相差不超过 3 秒",
     "CN=1012: the time read back is right within 3 s"},
    {"timeout.set", CODES, "CN=1000：接受超时时间与重发次数",
     "CN=1000: takes time-out and number of resends"},
    {"interval.real.get", CODES, "CN=1061：上传实时间隔，30～3600 秒",
     "CN=1061: uploads the real-time interval, 30 to 3600 s"},
    {"interval.real.set", CODES, "CN=1062：设置后能读回", "CN=1062: what was set is read back"},
    {"interval.real.kept", CODES, "实时数据按设定的间隔上传",
     "real-time data come at the interval that was set"},
    {"interval.minute.get", CODES, "CN=1063：上传分钟间隔，取值为规定的 11 种",
     "CN=1063: uploads the minute interval, one of the eleven"},
    {"interval.minute.set", CODES, "CN=1064：设置后能读回", "CN=1064: what was set is read back"},
    {"password.set", CODES, "CN=1072：新密码生效，旧密码被拒绝",
     "CN=1072: the new password counts, the old one is refused"},
    {"real.stop", CODES, "CN=2012：应答 9013 后不再上传实时数据",
     "CN=2012: answers 9013 and sends no more real-time data"},
    {"real.start", CODES, "CN=2011：应答 9011、9012 后开始上传实时数据",
     "CN=2011: answers 9011 and 9012, then real-time data come"},
    {"facility.start", CODES, "CN=2021：开始上传设备运行状态", "CN=2021: running states of facilities come"},
    {"facility.stop", CODES, "CN=2022：停止上传设备运行状态", "CN=2022: they stop"},
    {"history.minute", CODES, "CN=2051：上传所要时段的分钟数据",
     "CN=2051: uploads the minute data of the range"},
    {"history.hour", CODES, "CN=2061：上传所要时段的小时数据",
     "CN=2061: uploads the hourly data of the range"},
    {"history.day", CODES, "CN=2031：上传所要时段的日数据", "CN=2031: uploads the daily data of the range"},
    {"history.run", CODES, "CN=2041：上传治理设施运行时间",
     "CN=2041: uploads the running time of facilities"},
    {"history.range", CODES, "历史数据的 DataTime 均在所要时段内",
     "every DataTime of history lies in the range"},
    {"history.none", RETURNS, "没有数据的时段返回 ExeRtn=100",
     "a range without data is answered with ExeRtn=100"},
    {"command.others", CODES, "其余命令有完整的应答流程", "all other commands go through their whole flow"},
    {"refuse.crc", FLOW, "CRC 错误的请求不应答", "a request with a wrong CRC is not answered"},
    {"refuse.pw", RETURNS, "PW 错误返回 QnRtn=3", "a wrong PW is answered with QnRtn=3"},
    {"refuse.mn", RETURNS, "MN 错误返回 QnRtn=4（或不应答）",
     "a wrong MN is answered with QnRtn=4, or not at all"},
    {"refuse.st", RETURNS, "ST 错误返回 QnRtn=5", "a wrong ST is answered with QnRtn=5"},
    {"refuse.flag", RETURNS, "Flag 错误返回 QnRtn=6", "a wrong Flag is answered with QnRtn=6"},
    {"refuse.qn", RETURNS, "QN 错误返回 QnRtn=7", "a wrong QN is answered with QnRtn=7"},
    {"refuse.cn", RETURNS, "CN 错误返回 QnRtn=8", "an unknown CN is answered with QnRtn=8"},
    {"refuse.executed", FLOW, "被拒绝的请求不执行", "what was refused is not carried out"},
    {"delivery.resend", TIMEOUTS, "未收到 9014 时按超时时间重发，QN 不变",
     "without a 9014 the packet is sent again after the time-out, with its QN"},
    {"delivery.count", TIMEOUTS, "重发不超过设定次数", "it is not sent again more often than set"},
    {"delivery.after", TIMEOUTS, "收到 9014 后不再重发", "once answered it does not come again"},
    {"stream.split", FRAME, "逐字节到达的请求能被识别", "a request that arrives byte by byte is understood"},
    {"stream.glued", FRAME, "连在一起的两条请求都得到应答", "two requests in one piece are both answered"},
    {"stream.noise", FRAME, "杂乱字节之后的请求能被识别", "a request behind garbage is understood"},
};
const size_t yw_probe_rule_n = YW_COUNT(yw_probe_rules);

const char *yw_verdict_name(uint8_t v) {
    static const char *const names[] = {"not_run", "pass", "fail", "noticed", "skipped"};
    return v < YW_COUNT(names) ? names[v] : "not_run";
}

const char *yw_verdict_word(uint8_t v, bool zh) {
    static const char *const words[][2] = {{"not run", "未进行"},
                                           {"pass", "符合"},
                                           {"fail", "不符合"},
                                           {"notice", "提示"},
                                           {"left out", "未测"}};
    return words[v < YW_COUNT(words) ? v : 0][zh];
}

int probe_rule(const char *id) {
    for (size_t i = 0; i < yw_probe_rule_n; i++) {
        if (strcmp(yw_probe_rules[i].id, id) == 0) return (int)i;
    }
    abort(); /* ids are literals of this program */
}

static struct probe_result *look(struct probe *p, const char *id) {
    struct probe_result *r = &p->results[probe_rule(id)];
    r->seen++;
    return r;
}

static void say(struct probe_result *r, const struct probe_talk *t, const char *zh, const char *en) {
    yw_copy(r->zh, sizeof r->zh, zh, strlen(zh));
    yw_copy(r->en, sizeof r->en, en, strlen(en));
    if (t == NULL) return;
    r->frame_n = t->frame_n;
    memcpy(r->frames, t->frames, sizeof r->frames);
}

/* One that did not hold is never painted over by one that did. */
void probe_pass(struct probe *p, const char *id, const struct probe_talk *t, const char *zh, const char *en) {
    struct probe_result *r = look(p, id);
    if (r->verdict == YW_FAIL || r->verdict == YW_NOTICED) return;
    r->verdict = YW_PASS;
    say(r, t, zh, en);
}

void probe_fail(struct probe *p, const char *id, const struct probe_talk *t, const char *zh, const char *en) {
    struct probe_result *r = look(p, id);
    r->failed++;
    if (r->verdict == YW_FAIL) return;
    r->verdict = YW_FAIL;
    say(r, t, zh, en);
}

void probe_skip(struct probe *p, const char *id, const char *zh, const char *en) {
    struct probe_result *r = &p->results[probe_rule(id)];
    if (r->verdict != YW_NOT_RUN) return;
    r->verdict = YW_SKIPPED;
    say(r, NULL, zh, en);
}

void probe_judge(struct probe *p, bool good, const char *id, const struct probe_talk *t, const char *zh,
                 const char *en) {
    (good ? probe_pass : probe_fail)(p, id, t, zh, en);
}

/* ---- form ---- */

static const char *const form_rules[] = {
    "form.garbage", "form.len",   "form.tail",  "form.crc",    "form.header", "form.qn",
    "form.st",      "form.cn",    "form.mn",    "form.pw",     "form.flag",   "form.split",
    "form.cp",      "form.items", "form.names", "form.values", "form.text"};

static void note(struct probe *p, const char *id, const hj212_packet *packet, const hj212_finding *f,
                 uint32_t exchange) {
    struct probe_result *r = &p->results[probe_rule(id)];
    char text[200];
    bool offence = hj212_finding_is_offence(f->code);
    if (offence) r->failed++;
    if (r->frame_n < PROBE_SHOWN && (r->frame_n == 0 || r->frames[r->frame_n - 1] != exchange))
        r->frames[r->frame_n++] = exchange;
    if (r->verdict == YW_FAIL || (!offence && r->verdict == YW_NOTICED)) return;
    r->verdict = offence ? YW_FAIL : YW_NOTICED;
    snprintf(text, sizeof text, "CN=%u, %s: %s (byte %u)", packet->command, hj212_finding_name(f->code),
             hj212_finding_text(f->code), f->offset);
    yw_copy(r->en, sizeof r->en, text, strlen(text));
    snprintf(text, sizeof text, "CN=%u，第 %u 字节：%s", packet->command, f->offset,
             probe_finding_zh(f->code));
    yw_copy(r->zh, sizeof r->zh, text, strlen(text));
}

void probe_form(struct probe *p, const hj212_packet *packet, uint32_t exchange) {
    for (size_t i = 0; i < YW_COUNT(form_rules); i++) {
        struct probe_result *r = &p->results[probe_rule(form_rules[i])];
        r->seen++;
        if (r->verdict == YW_NOT_RUN || r->verdict == YW_SKIPPED) r->verdict = YW_PASS;
    }
    unsigned n = packet->findings_total < HJ212_FINDINGS_MAX ? packet->findings_total : HJ212_FINDINGS_MAX;
    for (unsigned i = 0; i < n; i++) {
        const char *id = probe_finding_rule(packet->findings[i].code);
        if (id != NULL) note(p, id, packet, &packet->findings[i], exchange);
    }
}
