/* yanwu hj212 check: a conformance report for people who test devices. */
#include "hj212_cli.h"

#include <stdlib.h>
#include <string.h>

struct report {
    bool json, brief;
    uint64_t packets, conforming, unusable, garbage_runs, garbage_bytes;
    struct {
        uint64_t packets;      /* packets in which it was found */
        uint64_t first_packet; /* offset of the first of them in the stream */
    } found[HJ212_F_COUNT];
};

/* Offset of the finding and the text it points at, made printable. */
static void print_finding(const hj212_packet *p, const hj212_finding *f) {
    char text[33];
    size_t n = 0;
    for (size_t at = f->offset; at < p->frame_len && n < sizeof text - 1; at++, n++) {
        unsigned char c = (unsigned char)p->frame[at];
        text[n] = c < 0x20 || c > 0x7E ? '.' : (char)c;
    }
    text[n] = 0;
    printf("  %s  byte %-5u %-16s %s: %s\n", hj212_finding_is_offence(f->code) ? "offence" : "note   ",
           f->offset, hj212_finding_name(f->code), hj212_finding_text(f->code), text);
}

static bool on_packet(void *arg, uint64_t offset, const hj212_packet *p) {
    struct report *r = arg;
    unsigned kept = p->findings_total < HJ212_FINDINGS_MAX ? p->findings_total : HJ212_FINDINGS_MAX;
    bool offends = false, counted[HJ212_F_COUNT] = {false};
    for (unsigned i = 0; i < kept; i++) {
        unsigned code = p->findings[i].code;
        offends |= hj212_finding_is_offence((int)code);
        if (counted[code]) continue;
        counted[code] = true;
        if (r->found[code].packets++ == 0) r->found[code].first_packet = offset;
    }
    r->packets++;
    r->conforming += !offends;
    r->unusable += !p->ok;
    if (r->json || (r->brief && !kept)) return true;
    printf("packet at %llu, %zu bytes, HJ 212-%u, CN %.*s, MN %.*s: %s\n", (unsigned long long)offset,
           p->frame_len, p->version, (int)p->cn.n, p->cn.p ? p->cn.p : "", (int)p->mn.n,
           p->mn.p ? p->mn.p : "",
           !p->ok    ? "cannot be believed"
           : offends ? "readable, departs from the standard"
                     : "conforms");
    for (unsigned i = 0; i < kept; i++) print_finding(p, &p->findings[i]);
    if (p->findings_total > kept) printf("  and %u more findings\n", p->findings_total - kept);
    return !ferror(stdout);
}

static bool on_garbage(void *arg, uint64_t offset, uint64_t length) {
    struct report *r = arg;
    r->garbage_bytes += length;
    if (r->garbage_runs++ == 0) r->found[HJ212_F_GARBAGE].first_packet = offset;
    r->found[HJ212_F_GARBAGE].packets++;
    if (!r->json)
        printf("garbage at %llu, %llu bytes\n", (unsigned long long)offset, (unsigned long long)length);
    return !ferror(stdout);
}

static void summary_text(const struct report *r) {
    printf("\n%llu packets: %llu conform, %llu depart from the standard, %llu cannot be believed",
           (unsigned long long)r->packets, (unsigned long long)r->conforming,
           (unsigned long long)(r->packets - r->conforming), (unsigned long long)r->unusable);
    if (r->garbage_runs)
        printf("; %llu runs of garbage, %llu bytes", (unsigned long long)r->garbage_runs,
               (unsigned long long)r->garbage_bytes);
    printf("\n");
    for (int i = 0; i < HJ212_F_COUNT; i++) {
        if (!r->found[i].packets) continue;
        printf("\n%s %s: %llu times, first in the packet at %llu\n  found:  %s\n  demand: %s\n",
               hj212_finding_is_offence(i) ? "offence" : "note", hj212_finding_name(i),
               (unsigned long long)r->found[i].packets, (unsigned long long)r->found[i].first_packet,
               hj212_finding_text(i), hj212_rule_text(i));
    }
}

static void summary_json(const struct report *r) {
    struct yw_buf out;
    yw_buf_init(&out, 1 << 20);
    yw_buf_printf(&out,
                  "{\"packets\":%llu,\"conforming\":%llu,\"not_ok\":%llu,\"garbage_runs\":%llu,"
                  "\"garbage_bytes\":%llu,\"findings\":[",
                  (unsigned long long)r->packets, (unsigned long long)r->conforming,
                  (unsigned long long)r->unusable, (unsigned long long)r->garbage_runs,
                  (unsigned long long)r->garbage_bytes);
    const char *comma = "";
    for (int i = 0; i < HJ212_F_COUNT; i++) {
        if (!r->found[i].packets) continue;
        yw_buf_printf(&out,
                      "%s{\"code\":\"%s\",\"offence\":%s,\"count\":%llu,\"first\":%llu,\"text\":", comma,
                      hj212_finding_name(i), hj212_finding_is_offence(i) ? "true" : "false",
                      (unsigned long long)r->found[i].packets, (unsigned long long)r->found[i].first_packet);
        yw_buf_json(&out, hj212_finding_text(i), strlen(hj212_finding_text(i)));
        yw_buf_puts(&out, ",\"rule\":");
        yw_buf_json(&out, hj212_rule_text(i), strlen(hj212_rule_text(i)));
        yw_buf_putc(&out, '}');
        comma = ",";
    }
    yw_buf_puts(&out, "]}");
    puts(out.data);
    yw_buf_free(&out);
}

int hj212_check_main(int argc, char **argv) {
    struct report r = {0};
    const char *shown_only = NULL;
    const struct yw_opt opts[] = {
        {"key", YW_OPT_TEXT, &shown_only, "KEY",
         "SM4 key, 16 characters or 32 hexadecimal digits; may be repeated"},
        {"brief", YW_OPT_FLAG, &r.brief, NULL, "leave out packets without findings"},
        {"json", YW_OPT_FLAG, &r.json, NULL, "only the summary, as one JSON object"},
    };
    const struct yw_command cmd = {
        .name = "yanwu hj212 check",
        .usage = "[--key KEY]... [--brief] [--json] [FILE]",
        .summary =
            "Reads any stream of bytes (standard input without FILE) and reports, packet by packet and in a\n"
            "summary, what departs from HJ/T 212-2005, HJ 212-2017 or HJ 212-2025.",
        .more = "The exit status is 1 if there are offences. Notes name what the standards leave open to "
                "extension.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 0,
        .most = 1,
    };
    struct hj212_keys keys;
    int count;
    if (!hj212_take_keys(cmd.name, &argc, argv, &keys)) return 2;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    hj212_options options = {.keys = keys.count ? keys.bytes : NULL, .key_count = keys.count};
    const struct hj212_sink sink = {&r, on_packet, on_garbage};
    int status = hj212_read_stream(cmd.name, count ? argv[1] : NULL, options, &sink);
    if (r.json)
        summary_json(&r);
    else
        summary_text(&r);
    return status || r.conforming < r.packets || r.garbage_runs ? 1 : 0;
}
