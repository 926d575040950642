/* Any bytes as a book of effects: read or refused with a sentence; what is read acts for two days on a stream
 * and a station without getting out of bounds. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plant/station/effect.h"
#include "plant/station/station.h"

static void stream(struct yw_stream *s) {
    for (unsigned q = 0; q < YW_Q_COUNT; q++) s->v[q] = 10 + q;
    s->v[YW_Q_NO2] = NAN;
}

static void live(const struct yw_event *events, size_t n) {
    struct yw_effect_state state = {0};
    struct yw_station_spec spec = {.channel_n = 1};
    spec.channels[0] = (struct yw_channel){.quantity = YW_Q_SO2, .range = 100, .limit = 35};
    static struct yw_effects_now now;
    int64_t start = yw_china_day_start(20780), visit = start + YW_DAY;
    for (int k = 0; k < 48; k++) {
        struct yw_effect_moment m = {.time = start + k * YW_HOUR, .inspections = &visit, .inspection_n = 1};
        m.over = 0.1 * (k % 15);
        m.sampling = k % 3 == 0;
        yw_effects_at(events, n, &m, &state, &now);
        if (now.n > YW_ACTIVE_MAX) abort();
        struct yw_stream s;
        stream(&s);
        for (unsigned p = 0; p < YW_PLACE_COUNT; p++) yw_effects_on_stream(&now, (enum yw_place)p, &spec, &s);
        for (size_t i = 0; i < now.n; i++) {
            if (i && now.items[i - 1].deed->place > now.items[i].deed->place) abort();
            yw_active_figure(&now.items[i], YW_Q_SO2, &spec);
        }
        if (!isnan(s.v[YW_Q_NO2])) abort();
        yw_effects_input(&now, "load", 1);
        yw_effects_condition(&now, YW_CONDITION_FLAME, 1);
        yw_effects_parameter(&now, YW_PARAMETER_SLOPE, YW_Q_SO2, 1);
        yw_effects_doing(&now, YW_AT_UPLOAD, YW_DO_DROP, YW_Q_COUNT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct yw_effect_book book;
    static struct yw_event events[YW_EVENTS_MAX];
    struct yw_error err = {.text = ""};
    if (yw_effects_parse((const char *)bytes, n, &book, &err)) {
        if (err.text[0] == '\0' || book.n) abort();
        return 0;
    }
    size_t event_n = 0;
    for (; event_n < book.n && event_n < YW_EVENTS_MAX; event_n++) {
        const struct yw_effect *e = &book.items[event_n];
        if (yw_effect_find(&book, e->id, strlen(e->id)) != e) abort();
        events[event_n] = (struct yw_event){.effect = e,
                                            .start = yw_china_day_start(20780),
                                            .ramp_us = event_n % 2 ? YW_HOUR : 0,
                                            .strength = 1,
                                            .trigger = e->trigger,
                                            .a = NAN};
    }
    live(events, event_n);
    return 0;
}
