/* The device of the responder's tests. */
#include "plants_device.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t moment(const char *text) {
    int64_t time;
    assert_true(yw_time_parse(text, strlen(text), &time));
    return time;
}

void device_start(struct device *d, const char *name, const char *logger, uint32_t version) {
    char path[4096];
    struct yw_error err = {.text = ""};
    memset(d, 0, sizeof *d);
    char full[4096];
    /* statistical outlets of the tests; what has none there is taken from the shipped ones */
    snprintf(full, sizeof full, "%s/tests/unit/scenarios/%s.yaml", getenv("YANWU_SOURCE"), name);
    snprintf(path, sizeof path, "scenarios/%s.yaml", name);
    if (access(full, R_OK) != 0) assert_int_equal(yw_share_path(path, full, sizeof full, &err), YW_OK);
    struct yw_buf text;
    yw_buf_init(&text, 1 << 20);
    assert_int_equal(yw_file_read(full, 1 << 19, &text, &err), YW_OK);
    if (logger) { /* replaces what the file says about its logger */
        char *old = strstr(text.data, "\nlogger:");
        if (old) {
            char *end = strchr(old + 1, '\n');
            while (end && (end[1] == ' ' || end[1] == '}')) end = strchr(end + 1, '\n');
            memmove(old, end, strlen(end) + 1);
            text.len = strlen(text.data);
        }
        yw_buf_printf(&text, "\nlogger: {%s}\n", logger);
    }
    enum yw_code code = yw_scenario_parse(text.data, text.len, NULL, &d->scenario, &err);
    if (code) print_error("%s: %s\n", name, err.text);
    assert_int_equal(code, YW_OK);
    yw_buf_free(&text);
    if (version) d->scenario.version = version;
    struct yw_scenario *s = &d->scenario;
    d->face.version = s->version;
    d->face.odd = s->logger.odd;
    memcpy(d->face.mn, s->mn, sizeof d->face.mn);
    memcpy(d->face.pw, s->pw, sizeof d->face.pw);
    memcpy(d->face.st, s->st, sizeof d->face.st);
    d->now = moment("2026-11-20T10:00:00");
    d->said = calloc(SAID_MAX, sizeof *d->said);
    yw_responder_init(&d->responder, s, 7, &d->face, d->now);
}

void device_end(struct device *d) {
    yw_responder_free(&d->responder);
    free(d->said);
}

/* Takes what the device says within the time, and to the end of a request under way; each upload is
 * acknowledged. */
void device_listen(struct device *d, int64_t for_us) {
    int64_t end = d->now + for_us;
    d->n = 0;
    for (;;) {
        struct yw_parcel *p = yw_responder_next(&d->responder, d->now);
        if (!p) {
            if (d->now >= end && (!d->responder.recall.active || d->responder.recall.in_flight)) return;
            d->now += 100000;
            continue;
        }
        assert_true(d->n < SAID_MAX);
        struct said *s = &d->said[d->n++];
        char qn[17];
        size_t n = yw_frame_write(&d->face, p, yw_responder_clock(&d->responder, d->now), s->bytes,
                                  sizeof s->bytes, qn);
        assert_true(n > 12);
        const hj212_options options = {
            .keys = d->face.key, .key_count = d->face.has_key, .plain = s->plain, .at_end = true};
        hj212_result r = hj212_decode(&options, s->bytes, n, &s->packet);
        assert_int_equal(r.status, HJ212_PACKET);
        assert_true(s->packet.ok);
        yw_responder_acked(&d->responder, p);
        free(p);
    }
}

void device_ask(struct device *d, const char *cn, const char *cp, const struct extra *x) {
    static const struct extra none = {NULL, NULL, NULL, NULL, NULL, false};
    char frame[2000], qn[32];
    if (!x) x = &none;
    d->asked++;
    snprintf(qn, sizeof qn, "20261120095959%03u", d->asked % 1000);
    hj212_message m = {.qn = hj212_text(x->qn ? x->qn : qn),
                       .st = hj212_text(x->st ? x->st : d->face.st),
                       .cn = hj212_text(cn),
                       .pw = hj212_text(x->pw ? x->pw : d->face.pw),
                       .mn = hj212_text(x->mn ? x->mn : d->face.mn),
                       .flag = hj212_text(x->flag                   ? x->flag
                                          : d->face.version == 2005 ? "1"
                                          : d->face.version == 2017 ? "5"
                                                                    : "9"),
                       .cp = hj212_text(cp)};
    if (strcmp(cn, "1014") == 0 && d->face.has_key) m.key = d->face.key;
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_true(n > 0);
    if (x->bad_crc) frame[n - 3] = frame[n - 3] == '0' ? '1' : '0';
    assert_true(yw_responder_take(&d->responder, frame, n, d->now));
    device_listen(d, 0);
}

static long code_in(const struct said *s, const char *field) {
    uint32_t v;
    hj212_span text = hj212_cp_field(s->packet.cp, field);
    return text.p && yw_parse_u32(text.p, text.n, 999, &v) ? (long)v : -1;
}

/* The last request's QnRtn and ExeRtn; -1: none came. */
long device_qnrtn(const struct device *d) {
    return d->n && d->said[0].packet.command == 9011 ? code_in(&d->said[0], "QnRtn") : -1;
}

long device_exertn(const struct device *d) {
    return d->n && d->said[d->n - 1].packet.command == 9012 ? code_in(&d->said[d->n - 1], "ExeRtn") : -1;
}

void device_done(struct device *d, const char *cn, const char *cp) {
    device_ask(d, cn, cp, NULL);
    if (device_qnrtn(d) != 1 || device_exertn(d) != 1)
        print_error("CN=%s %s: %ld %ld\n", cn, cp, device_qnrtn(d), device_exertn(d));
    assert_int_equal(device_qnrtn(d), 1);
    assert_int_equal(device_exertn(d), 1);
}

void device_gives(struct device *d, const char *cn, const char *cp, int want) {
    device_ask(d, cn, cp, NULL);
    if (device_qnrtn(d) != 1 || device_exertn(d) != want)
        print_error("CN=%s %s: %ld %ld instead of %d\n", cn, cp, device_qnrtn(d), device_exertn(d), want);
    assert_int_equal(device_qnrtn(d), 1);
    assert_int_equal(device_exertn(d), want);
}

bool said_value(const struct said *s, const char *code, const char *field, const char *want) {
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, s->packet.cp);
    while (hj212_next(&it, &item)) {
        bool same_code = code ? item.code.n == strlen(code) && memcmp(item.code.p, code, item.code.n) == 0
                              : item.code.p == NULL;
        if (same_code && item.field.n == strlen(field) && memcmp(item.field.p, field, item.field.n) == 0)
            return !want || (item.value.n == strlen(want) && memcmp(item.value.p, want, item.value.n) == 0);
    }
    return false;
}

/* The single answer between 9011 and 9012. */
const struct said *device_answer(const struct device *d, uint16_t command) {
    assert_int_equal(d->n, 3);
    assert_int_equal(d->said[1].packet.command, command);
    return &d->said[1];
}

size_t device_count(const struct device *d, uint16_t command) {
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) n += d->said[i].packet.command == command;
    return n;
}
