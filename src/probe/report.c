/* The report: JSON for machines, one HTML file that prints for people. */
#include <string.h>

#include "probe/probe.h"

struct probe_counts probe_count(const struct probe *p) {
    struct probe_counts c = {0};
    for (size_t i = 0; i < yw_probe_rule_n; i++) {
        switch (p->results[i].verdict) {
        case YW_PASS:
            c.pass++;
            break;
        case YW_FAIL:
            c.fail++;
            break;
        case YW_NOTICED:
            c.noticed++;
            break;
        default:
            c.skipped++;
        }
    }
    return c;
}

static void put(struct yw_buf *b, const char *name, const char *text) {
    yw_buf_printf(b, "\"%s\":", name);
    yw_buf_json(b, text, strlen(text));
}

static void put_time(struct yw_buf *b, const char *name, int64_t time) {
    char text[40];
    yw_time_text(time, text);
    put(b, name, text);
}

bool probe_json(const struct probe *p, struct yw_buf *b) {
    struct probe_counts c = probe_count(p);
    yw_buf_puts(b, "{");
    put(b, "peer", p->peer);
    yw_buf_puts(b, ",");
    put(b, "mn", p->mn);
    yw_buf_puts(b, ",");
    put(b, "st", p->st);
    yw_buf_printf(b, ",\"version\":%u,", p->version);
    put_time(b, "started", p->started);
    yw_buf_puts(b, ",");
    put_time(b, "ended", p->ended);
    yw_buf_printf(
        b, ",\"packets\":%u,\"summary\":{\"pass\":%u,\"fail\":%u,\"noticed\":%u,\"skipped\":%u},\"rules\":[",
        p->packets, c.pass, c.fail, c.noticed, c.skipped);
    for (size_t i = 0; i < yw_probe_rule_n; i++) {
        const struct yw_rule *r = &yw_probe_rules[i];
        const struct probe_result *v = &p->results[i];
        yw_buf_puts(b, i > 0 ? ",\n{" : "\n{");
        put(b, "id", r->id);
        yw_buf_puts(b, ",");
        put(b, "clause", r->clause);
        yw_buf_puts(b, ",");
        put(b, "zh", r->zh);
        yw_buf_puts(b, ",");
        put(b, "en", r->en);
        yw_buf_puts(b, ",");
        put(b, "verdict", yw_verdict_name(v->verdict == YW_NOT_RUN ? YW_SKIPPED : v->verdict));
        yw_buf_puts(b, ",");
        put(b, "why_zh", v->zh);
        yw_buf_puts(b, ",");
        put(b, "why_en", v->en);
        yw_buf_printf(b, ",\"seen\":%u,\"failed\":%u,\"frames\":[", v->seen, v->failed);
        for (uint32_t k = 0; k < v->frame_n; k++) yw_buf_printf(b, k > 0 ? ",%u" : "%u", v->frames[k]);
        yw_buf_puts(b, "]}");
    }
    yw_buf_puts(b, "],\"frames\":[");
    for (uint32_t i = 0; i < p->exchange_n; i++) {
        const struct probe_exchange *e = &p->exchanges[i];
        yw_buf_puts(b, i > 0 ? ",\n{" : "\n{");
        put_time(b, "at", e->at);
        yw_buf_printf(b, ",\"sent\":%s,\"ok\":%s,\"cn\":%u,\"hex\":\"", e->sent ? "true" : "false",
                      e->ok ? "true" : "false", e->command);
        yw_buf_hex(b, p->bytes + e->offset, e->length);
        yw_buf_puts(b, "\"}");
    }
    yw_buf_printf(b, "],\"truncated\":%s}\n", p->overflow ? "true" : "false");
    return !b->failed;
}

/* ---- HTML ---- */

static void escape(struct yw_buf *b, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '&') {
            yw_buf_puts(b, "&amp;");
        } else if (c == '<') {
            yw_buf_puts(b, "&lt;");
        } else if (c == '>') {
            yw_buf_puts(b, "&gt;");
        } else if (c == '"') {
            yw_buf_puts(b, "&quot;");
        } else {
            yw_buf_putc(b, (char)c);
        }
    }
}

static void put_text(struct yw_buf *b, const char *text) {
    escape(b, text, strlen(text));
}

/* Bytes as people read them: what is not printable ASCII stands as \xNN. */
static void put_frame(struct yw_buf *b, const struct probe *p, uint32_t index) {
    const struct probe_exchange *e = &p->exchanges[index];
    char time[40];
    yw_time_text(e->at, time);
    yw_buf_printf(b, "<p class=\"f %s\"><time>%.12s</time> %s <code>", e->sent ? "out" : "in", time + 11,
                  e->sent ? "→" : "←");
    for (uint32_t i = 0; i < e->length; i++) {
        unsigned char c = (unsigned char)p->bytes[e->offset + i];
        if (c == '\r') {
            yw_buf_puts(b, "\\r");
        } else if (c == '\n') {
            yw_buf_puts(b, "\\n");
        } else if (c < 0x20 || c > 0x7E) {
            yw_buf_printf(b, "\\x%02X", c);
        } else {
            escape(b, (const char *)&c, 1);
        }
    }
    yw_buf_puts(b, "</code></p>");
}

static void put_rule(struct yw_buf *b, const struct probe *p, size_t i, bool zh) {
    const struct yw_rule *r = &yw_probe_rules[i];
    const struct probe_result *v = &p->results[i];
    uint8_t verdict = v->verdict == YW_NOT_RUN ? YW_SKIPPED : v->verdict;
    yw_buf_printf(b, "<tr class=\"%s\"><td class=\"id\">%s</td><td>", yw_verdict_name(verdict), r->id);
    put_text(b, zh ? r->zh : r->en);
    yw_buf_puts(b, "<small>");
    put_text(b, r->clause);
    yw_buf_printf(b, "</small></td><td class=\"v\">%s</td><td>", yw_verdict_word(verdict, zh));
    put_text(b, zh ? v->zh : v->en);
    if (v->seen > 1)
        yw_buf_printf(b, zh ? "<small>%u 次中 %u 次不符合</small>" : "<small>%u times, %u not</small>",
                      v->seen, v->failed);
    if (v->frame_n > 0) {
        yw_buf_printf(b, "<details%s><summary>%s</summary>", verdict == YW_FAIL ? " open" : "",
                      zh ? "报文" : "bytes");
        for (uint32_t k = 0; k < v->frame_n; k++) put_frame(b, p, v->frames[k]);
        yw_buf_puts(b, "</details>");
    }
    yw_buf_puts(b, "</td></tr>\n");
}

static const char style[] =
    "body{font:14px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;color:#1f2933;margin:24px "
    "auto;max-width:1080px;padding:0 16px}"
    "h1{font-size:20px;margin:0 0 4px}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px "
    "16px;margin:12px 0}dt{color:#6b7785}dd{margin:0}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #dfe4e9;padding:6px "
    "8px;text-align:left;vertical-align:top}"
    "th{font-weight:600;color:#52606d}td.id{font:12px "
    "ui-monospace,monospace;color:#6b7785;white-space:nowrap}td.v{white-space:nowrap;font-weight:600}"
    "small{display:block;color:#6b7785}tr.fail td.v{color:#b42318}tr.pass td.v{color:#0f766e}tr.noticed "
    "td.v{color:#b54708}tr.skipped td.v{color:#6b7785}"
    "tr.fail td.v:before{content:'✕ '}tr.pass td.v:before{content:'✓ '}tr.noticed td.v:before{content:'! "
    "'}tr.skipped td.v:before{content:'– '}"
    "code{font:12px/1.4 ui-monospace,monospace;word-break:break-all}p.f{margin:4px 0}p.out "
    "time,p.out{color:#0f766e}summary{cursor:pointer;color:#52606d}"
    ".sum{display:flex;gap:24px;margin:12px 0;font-variant-numeric:tabular-nums}.sum "
    "b{font-size:22px;display:block}"
    "@media "
    "print{body{margin:0;max-width:none}details:not([open])>*:not(summary){display:none}tr{break-inside:"
    "avoid}@page{size:A4;margin:14mm}}";

bool probe_html(const struct probe *p, struct yw_buf *b) {
    const bool zh = p->options.zh;
    struct probe_counts c = probe_count(p);
    char started[40], ended[40];
    yw_time_text(p->started - p->started % YW_SECOND, started);
    yw_time_text(p->ended - p->ended % YW_SECOND, ended);
    started[10] = ended[10] = ' ';
    yw_buf_printf(b,
                  "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
                  "content=\"width=device-width\"><title>",
                  zh ? "zh-CN" : "en");
    yw_buf_puts(b, zh ? "HJ 212 符合性测试报告 " : "HJ 212 conformance report ");
    put_text(b, p->mn);
    yw_buf_printf(b, "</title><style>%s</style><h1>%s</h1>", style,
                  zh ? "HJ 212 符合性测试报告" : "HJ 212 conformance report");
    yw_buf_printf(b, "<dl><dt>MN</dt><dd>");
    put_text(b, p->mn);
    yw_buf_printf(b, "</dd><dt>%s</dt><dd>HJ 212-%u</dd><dt>%s</dt><dd>", zh ? "版本" : "version", p->version,
                  zh ? "设备地址" : "device");
    put_text(b, p->peer);
    yw_buf_printf(b, "</dd><dt>%s</dt><dd>%s – %s</dd><dt>%s</dt><dd>%u</dd></dl>", zh ? "时间" : "time",
                  started, ended, zh ? "收到数据包" : "packets", p->packets);
    yw_buf_printf(b,
                  "<div "
                  "class=\"sum\"><span><b>%u</b>%s</span><span><b>%u</b>%s</span><span><b>%u</b>%s</"
                  "span><span><b>%u</b>%s</span></div>",
                  c.pass, yw_verdict_word(YW_PASS, zh), c.fail, yw_verdict_word(YW_FAIL, zh), c.noticed,
                  yw_verdict_word(YW_NOTICED, zh), c.skipped, yw_verdict_word(YW_SKIPPED, zh));
    yw_buf_printf(b, "<table><thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead><tbody>\n",
                  zh ? "编号" : "id", zh ? "要求" : "rule", zh ? "结论" : "verdict",
                  zh ? "依据" : "evidence");
    for (int pass = 0; pass < 2; pass++) { /* what failed comes first */
        for (size_t i = 0; i < yw_probe_rule_n; i++) {
            if ((p->results[i].verdict == YW_FAIL) == (pass == 0)) put_rule(b, p, i, zh);
        }
    }
    yw_buf_puts(b, "</tbody></table>");
    yw_buf_printf(b, "<details><summary>%s (%u)</summary>", zh ? "全部报文" : "all frames", p->exchange_n);
    for (uint32_t i = 0; i < p->exchange_n; i++) put_frame(b, p, i);
    yw_buf_puts(b, "</details></html>\n");
    return !b->failed;
}
