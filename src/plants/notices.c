/* notices: what a device says by itself besides its records: power-on, requests for time and keys, heartbeat,
 * registration, its station room, electricity and working conditions. */
#include "plants/responder_int.h"

#include <math.h>
#include <string.h>

#include "plant/noise.h"

enum { AREA = 512 };
static const int64_t REGISTER_EVERY = 30 * YW_SECOND, KEY_EVERY = 10 * YW_MINUTE;

/* True once in each interval; at is the last time, 0: not yet. The first comes at once. */
static bool is_due(int64_t *at, int64_t every, int64_t now) {
    if (every <= 0 || (*at && now - *at < every)) return false;
    *at = now;
    return true;
}

/* The same on a grid of civil time; the first comes at the next line of it. */
static bool crosses(int64_t *at, int64_t every, int64_t clock) {
    if (every <= 0) return false;
    int64_t slot = (clock + YW_CHINA) / every * every - YW_CHINA, before = *at;
    if (slot == before) return false;
    *at = slot;
    return before != 0;
}

static void ask_for_registration(struct yw_responder *r, int64_t now) {
    const struct yw_logger_rule *l = &r->scenario->logger;
    char area[AREA];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, "i23005", "Info", l->hardware);
    hj212_put(&w, "i23006", "Info", l->cpu);
    hj212_put(&w, "i23007", "Info", l->mac1);
    hj212_put(&w, "i23008", "Info", l->mac2);
    if (!w.failed) yw_responder_say(r, 1001, area, w.n, now);
}

static int64_t key_age(const struct yw_responder *r, int64_t clock) {
    int64_t created;
    hj212_span text = hj212_text(r->memory.key_created);
    return hj212_parse_time(text, &created) ? clock - created : 0;
}

static void ask_for_key(struct yw_responder *r, int64_t now) {
    char area[AREA];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "SKCreateTime", r->memory.key_created);
    if (!w.failed) yw_responder_say(r, 1014, area, w.n, now);
}

static void tell_restart(struct yw_responder *r, int64_t now) {
    char area[AREA];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_time14(&w, "DataTime", yw_responder_clock(r, now));
    yw_put_time14(&w, "RestartTime", yw_responder_clock(r, r->powered));
    yw_responder_say(r, 2081, area, w.n, now);
    r->told_restart = true;
}

/* ---- electricity and working conditions (2025: ST 44 and 45) ---- */

static double unit(const struct yw_responder *r, uint64_t what, int64_t time) {
    return yw_noise_unit(yw_noise_bits(r->seed, YW_STREAM_ROOM, (uint64_t)(time / YW_MINUTE) * 16 + what));
}

static void put_rtd(hj212_writer *w, const char *code, double value) {
    hj212_put_decimal(w, code, "Rtd", (hj212_decimal){yw_plant_rounded(value, 2), 2});
    hj212_put(w, code, "Flag", "N");
}

void yw_put_electricity(const struct yw_responder *r, int64_t time, hj212_writer *w) {
    static const char *const phases[] = {"d20105", "d20205", "d20305"};
    yw_put_time14(w, "DataTime", time);
    for (size_t i = 0; i < YW_COUNT(phases); i++) put_rtd(w, phases[i], 219.0 + 4.0 * unit(r, i, time));
    put_rtd(w, "d20405", 0.15 + 0.2 * unit(r, 3, time));
}

void yw_put_conditions(const struct yw_responder *r, int64_t time, hj212_writer *w) {
    static const char *const codes[] = {"p99101", "p99102"};
    const struct yw_scenario *s = r->scenario;
    bool stopped = yw_episode(&s->stop, r->seed, YW_STREAM_STOP, time, NULL, NULL);
    yw_put_time14(w, "DataTime", time);
    for (size_t i = 0; i < YW_COUNT(codes); i++) {
        hj212_put(w, codes[i], "Rtd", stopped ? "F" : "N");
        hj212_put(w, codes[i], "Flag", "N");
    }
}

static void say_upload(struct yw_responder *r, uint16_t command, const char *st, const hj212_writer *w,
                       int64_t now) {
    struct yw_parcel *p = w->failed ? NULL : yw_responder_say(r, command, w->out, w->n, now);
    if (p) yw_copy(p->st, sizeof p->st, st, strlen(st));
}

static void say_2025(struct yw_responder *r, int64_t now, int64_t clock) {
    const struct yw_logger_rule *l = &r->scenario->logger;
    char area[AREA];
    hj212_writer w;
    if (is_due(&r->heartbeat, l->heartbeat_s * YW_SECOND, now)) {
        struct yw_parcel *p = yw_responder_say(r, 9015, "", 0, now);
        if (p) yw_copy(p->st, sizeof p->st, "91", 2);
    }
    if (l->key_life_s && r->memory.key[0] && key_age(r, clock) >= l->key_life_s * YW_SECOND &&
        is_due(&r->key_asked, KEY_EVERY, now))
        ask_for_key(r, now);
    if (crosses(&r->electricity, l->electricity_s * YW_SECOND, clock)) {
        hj212_writer_init(&w, area, sizeof area);
        yw_put_electricity(r, r->electricity, &w);
        say_upload(r, 2011, "44", &w, now);
    }
    if (crosses(&r->conditions, l->conditions_s * YW_SECOND, clock)) {
        hj212_writer_init(&w, area, sizeof area);
        yw_put_conditions(r, r->conditions, &w);
        say_upload(r, 2011, "45", &w, now);
    }
}

static void look_at_the_room(struct yw_responder *r, int64_t now, int64_t clock) {
    const struct yw_logger_rule *l = &r->scenario->logger;
    char area[AREA];
    hj212_writer w;
    int64_t at[4];
    bool open[4];
    if (crosses(&r->station, l->station_s * YW_SECOND, clock)) {
        hj212_writer_init(&w, area, sizeof area);
        yw_put_room(r, r->station, &w);
        say_upload(r, 3020, "", &w, now);
    }
    int64_t before = r->door;
    r->door = clock;
    if (!before || clock <= before) return;
    int n = yw_door_events(r, clock - before > YW_HOUR ? clock - YW_HOUR : before, clock, at, open);
    for (int i = 0; i < n; i++) {
        hj212_writer_init(&w, area, sizeof area);
        yw_put_door(r, at[i], open[i], &w);
        say_upload(r, 3020, "", &w, now);
    }
}

/* 2005: an alarm event (2072) once a minute mean has been over its limit for the warn time. */
void yw_responder_watch(struct yw_responder *r, const struct yw_plant_record *record, int64_t now) {
    char area[AREA];
    hj212_writer w;
    if (r->face->version >= 2017 || record->command != 2051) return;
    for (size_t i = 0; i < r->scenario->factor_count; i++) {
        const struct yw_plant_factor *f = &r->scenario->factors[i];
        struct yw_instrument *instrument = &r->instruments[i];
        double value = record->entries[i].avg;
        bool over = !isnan(instrument->up) && value > instrument->up;
        if (!over) instrument->over_since = 0, instrument->told = false;
        if (!over || instrument->told) continue;
        if (!instrument->over_since) instrument->over_since = record->time;
        if (record->end - instrument->over_since < (int64_t)r->memory.warn_s * YW_SECOND) continue;
        instrument->told = true;
        hj212_writer_init(&w, area, sizeof area);
        yw_put_time14(&w, "AlarmTime", record->end);
        hj212_put_decimal(&w, yw_plant_name(f), "Ala",
                          (hj212_decimal){yw_plant_rounded(value, f->digits), (uint8_t)f->digits});
        hj212_put(&w, NULL, "AlarmType", "1");
        if (!w.failed) yw_responder_say(r, 2072, area, w.n, now);
    }
}

void yw_responder_tick(struct yw_responder *r, int64_t now) {
    const struct yw_logger_rule *l = &r->scenario->logger;
    if (!r->registered) {
        if (is_due(&r->registration_asked, REGISTER_EVERY, now)) ask_for_registration(r, now);
        return;
    }
    int64_t clock = yw_responder_clock(r, now);
    if (!r->told_restart && r->face->version >= 2017) tell_restart(r, now);
    if (r->face->version >= 2017 && is_due(&r->clock_asked, l->clock_request_s * YW_SECOND, now))
        yw_responder_say(r, 1013, "", 0, now);
    if (r->face->version >= 2025) say_2025(r, now, clock);
    if (r->face->version >= 2017) look_at_the_room(r, now, clock);
    yw_checks_look(r, now, clock);
    for (size_t i = 0; i < YW_LATER_MAX; i++) {
        struct yw_later *later = &r->later[i];
        if (!later->n || now < later->due) continue;
        yw_responder_say(r, later->command, later->cp, later->n, now);
        later->n = 0;
    }
}
