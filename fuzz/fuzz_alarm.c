/* Any bytes as points of an episode and as steps of a chain; any bytes as lines of alarms and shifts. */
#include "alarm/alarm.h"
#include "web/alarms.h"
#include "web/shifts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { POINTS = 200, STEPS = 200 };

static void episodes(const uint8_t *p, size_t n) {
    static struct yw_alarm_point points[POINTS];
    static struct yw_episode e[POINTS];
    size_t count = n / 4 < POINTS ? n / 4 : POINTS;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *b = p + i * 4;
        points[i] = (struct yw_alarm_point){.from = b[0] * YW_HOUR,
                                            .to = (b[0] + 1 + b[1] % 3) * YW_HOUR,
                                            .bad = b[2] & 1,
                                            .suppressed = (b[2] & 6) == 6,
                                            .value = b[3],
                                            .held = 10,
                                            .multiple = (b[2] & 8) != 0 ? (double)NAN : b[3] / 10.0};
    }
    struct yw_alarm_rule rule = {
        .end_after = 2 * YW_HOUR, .join = YW_HOUR, .points = 1 + (n > 0 ? p[0] % 3 : 0)};
    size_t m = yw_episodes(points, count, &rule, 300 * YW_HOUR, e, POINTS);
    for (size_t i = 0; i < m; i++) {
        if (e[i].from >= e[i].to || e[i].points < rule.points) abort();
        if (i > 0 && e[i].from < e[i - 1].from) abort();
    }
}

static void set(char *to, const char *from) {
    memcpy(to, from, strlen(from) + 1);
}

static void chain(const uint8_t *p, size_t n) {
    struct yw_alarm_state s = {0};
    static const char *const units[] = {"", "A", "B", "C"}, *const results[] = {"", "other", "past",
                                                                                "marked"};
    for (size_t i = 0; i + 1 < n && i < 2 * STEPS; i += 2) {
        struct yw_alarm_step step = {.kind = p[i] % (YW_STEP_COUNT + 2), .at = (int64_t)i + 1};
        set(step.unit, units[p[i + 1] & 3]);
        set(step.to_unit, units[p[i + 1] >> 2 & 3]);
        set(step.result, results[p[i + 1] >> 4 & 3]);
        step.text[0] = (p[i + 1] & 64) != 0 ? 'x' : '\0';
        struct yw_step_refusal why = {NULL, NULL};
        bool can = yw_step_allowed(&s, &step, &why);
        if (!can && (why.zh == NULL || why.en == NULL)) abort();
        if (yw_step_apply(&s, &step) != can || s.stage >= YW_STAGE_COUNT) abort();
    }
}

/* What was read is written and read again as the same. */
static void lines(const char *text, size_t n) {
    static struct yw_alarm_entry entries[YW_ALARM_MANY], again[YW_ALARM_MANY];
    size_t count, back;
    if (yw_alarm_line_read(text, n, entries, &count)) {
        struct yw_buf b;
        yw_buf_init(&b, 1 << 20);
        if (!yw_alarm_line_put(&b, entries, count) || !yw_alarm_line_read(b.data, b.len, again, &back) ||
            back != count)
            abort();
        for (size_t i = 0; i < count; i++) {
            if (strcmp(entries[i].number, again[i].number) != 0 || entries[i].id != again[i].id) abort();
        }
        yw_buf_free(&b);
        struct yw_alarms *book = yw_alarms_create();
        if (book != NULL) yw_alarms_replay(book, text, n);
        yw_alarms_destroy(book);
    }
    struct yw_shifts *shifts = yw_shifts_create();
    if (shifts != NULL) yw_shifts_replay(shifts, text, n);
    yw_shifts_destroy(shifts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    switch (data[0] % 3) {
    case 0:
        episodes(data + 1, size - 1);
        break;
    case 1:
        chain(data + 1, size - 1);
        break;
    default:
        lines((const char *)data + 1, size - 1);
        break;
    }
    return 0;
}
