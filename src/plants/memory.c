/* memory: what a device keeps when its power is cut, as lines NAME VALUE. */
#include "plants/responder_int.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum kind { TEXT, WHOLE, TIME, REAL, YES };
#define LINE(name_, kind_, member)                                                                           \
    { name_, kind_, offsetof(struct yw_memory, member), sizeof(((struct yw_memory *)0)->member) }
static const struct line {
    const char *name;
    enum kind kind;
    size_t offset, size;
} lines[] = {
    LINE("mn", TEXT, mn),
    LINE("password", TEXT, pw),
    LINE("clock-offset-us", TIME, clock_offset_us),
    LINE("clock-since-us", TIME, clock_since),
    LINE("clock-drift-s", REAL, clock_drift_s),
    LINE("overtime-s", WHOLE, overtime_s),
    LINE("recount", WHOLE, recount),
    LINE("realtime-s", WHOLE, realtime_s),
    LINE("minute-s", WHOLE, minute_s),
    LINE("realtime-on", YES, realtime_on),
    LINE("facility-on", YES, facility_on),
    LINE("warn-s", WHOLE, warn_s),
    LINE("alarm-target", TEXT, target),
    LINE("report-time", WHOLE, report),
    LINE("key", TEXT, key),
    LINE("key-created", TEXT, key_created),
    LINE("bottle", WHOLE, bottle),
};

bool yw_memory_save(const struct yw_responder *r, struct yw_buf *out) {
    for (size_t i = 0; i < YW_COUNT(lines); i++) {
        const char *at = (const char *)&r->memory + lines[i].offset;
        yw_buf_printf(out, "%s ", lines[i].name);
        if (lines[i].kind == TEXT) {
            yw_buf_puts(out, at);
        } else if (lines[i].kind == WHOLE) {
            uint32_t v;
            memcpy(&v, at, sizeof v);
            yw_buf_printf(out, "%" PRIu32, v);
        } else if (lines[i].kind == TIME) {
            int64_t v;
            memcpy(&v, at, sizeof v);
            yw_buf_printf(out, "%" PRId64, v);
        } else if (lines[i].kind == REAL) {
            double v;
            memcpy(&v, at, sizeof v);
            yw_buf_printf(out, "%.9g", v);
        } else {
            yw_buf_puts(out, *(const bool *)at ? "yes" : "no");
        }
        yw_buf_putc(out, '\n');
    }
    return !out->failed;
}

static bool read_value(const struct line *l, char *at, const char *text, size_t n) {
    switch (l->kind) {
    case TEXT:
        return !memchr(text, '\0', n) && yw_copy(at, l->size, text, n);
    case WHOLE: {
        uint32_t v;
        if (!yw_parse_u32(text, n, UINT32_MAX, &v)) return false;
        memcpy(at, &v, sizeof v);
        return true;
    }
    case TIME: {
        int64_t v;
        if (!yw_parse_i64(text, n, &v)) return false;
        memcpy(at, &v, sizeof v);
        return true;
    }
    case REAL: {
        double v;
        if (!yw_parse_f64(text, n, &v)) return false;
        memcpy(at, &v, sizeof v);
        return true;
    }
    default: {
        bool yes = n == 3 && memcmp(text, "yes", 3) == 0;
        memcpy(at, &yes, sizeof yes);
        return yes || (n == 2 && memcmp(text, "no", 2) == 0);
    }
    }
}

static bool read_line(struct yw_memory *m, const char *text, size_t n) {
    const char *blank = memchr(text, ' ', n);
    size_t name = blank ? (size_t)(blank - text) : 0;
    for (size_t i = 0; i < YW_COUNT(lines) && blank; i++)
        if (strlen(lines[i].name) == name && memcmp(lines[i].name, text, name) == 0)
            return read_value(&lines[i], (char *)m + lines[i].offset, blank + 1, n - name - 1);
    return false;
}

static bool makes_sense(const struct yw_responder *r, const struct yw_memory *m) {
    return m->overtime_s >= 1 && m->overtime_s <= 99 && m->recount <= 99 && m->realtime_s >= 30 &&
           m->realtime_s <= 3600 && m->minute_s >= 60 && m->minute_s <= 1800 && 3600 % m->minute_s == 0 &&
           m->report <= 2359 && yw_clock_makes_sense(m->clock_since) &&
           m->clock_offset_us < 100 * 366 * YW_DAY && m->clock_offset_us > -100 * 366 * YW_DAY &&
           yw_clock_makes_sense(m->clock_since + m->clock_offset_us) && m->clock_drift_s <= 3600 &&
           m->clock_drift_s >= -3600 && (m->mn[0] || r->scenario->logger.registers) && strlen(m->pw) == 6;
}

enum yw_code yw_memory_load(struct yw_responder *r, const char *text, size_t n, struct yw_error *err) {
    struct yw_memory m = r->memory;
    size_t number = 1;
    for (size_t at = 0; at < n; number++) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t length = end ? (size_t)(end - text) - at : n - at;
        if (length && !read_line(&m, text + at, length))
            return yw_fail(err, YW_E_FORMAT, "line %zu is not a device's memory", number);
        at += length + 1;
    }
    if (!makes_sense(r, &m)) return yw_fail(err, YW_E_RANGE, "the device's memory holds what no device has");
    r->memory = m;
    r->registered = m.mn[0] != '\0';
    memcpy(r->face->mn, m.mn, sizeof r->face->mn);
    memcpy(r->face->pw, m.pw, sizeof r->face->pw);
    r->scenario->realtime_s = m.realtime_s;
    r->scenario->minute_s = m.minute_s;
    if (m.key[0]) yw_key_use(r, m.key, m.key_created);
    return YW_OK;
}
