/* info: device information by i-codes (3020, 3021): logs, states and parameters of instruments, of the logger
 * and of the station room. Which codes a device knows follows from its scenario. */
#include "plants/responder_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plant/noise.h"

enum { ASKED_MAX = 8 };

/* ---- texts ---- */

static const struct {
    const char *utf8, *gbk;
} texts[YW_TEXT_COUNT] = {
    [YW_TEXT_ORDER] = {"//运行正常//", "//\xD4\xCB\xD0\xD0\xD5\xFD\xB3\xA3//"},
    [YW_TEXT_POWER_ON] = {"//数采仪上电启动//",
                          "//\xCA\xFD\xB2\xC9\xD2\xC7\xC9\xCF\xB5\xE7\xC6\xF4\xB6\xAF//"},
    [YW_TEXT_CLOCK_SET] = {"//上位机校时//", "//\xC9\xCF\xCE\xBB\xBB\xFA\xD0\xA3\xCA\xB1//"},
    [YW_TEXT_INTERVAL_SET] = {"//上位机修改数据间隔//",
                              "//\xC9\xCF\xCE\xBB\xBB\xFA\xD0\xDE\xB8\xC4\xCA\xFD\xBE\xDD\xBC\xE4\xB8\xF4//"},
    [YW_TEXT_PASSWORD_SET] = {"//上位机修改访问密码//",
                              "//\xC9\xCF\xCE\xBB\xBB\xFA\xD0\xDE\xB8\xC4\xB7\xC3\xCE\xCA\xC3\xDC\xC2\xEB//"},
    [YW_TEXT_KEY_SET] = {"//密钥更新//", "//\xC3\xDC\xD4\xBF\xB8\xFC\xD0\xC2//"},
    [YW_TEXT_PARAMETER_SET] = {"//上位机修改参数//",
                               "//\xC9\xCF\xCE\xBB\xBB\xFA\xD0\xDE\xB8\xC4\xB2\xCE\xCA\xFD//"},
    [YW_TEXT_CALIBRATION] = {"//零点量程校准//", "//\xC1\xE3\xB5\xE3\xC1\xBF\xB3\xCC\xD0\xA3\xD7\xBC//"},
    [YW_TEXT_CLEANING] = {"//清洗反吹//", "//\xC7\xE5\xCF\xB4\xB7\xB4\xB4\xB5//"},
    [YW_TEXT_SAMPLING] = {"//即时采样//", "//\xBC\xB4\xCA\xB1\xB2\xC9\xD1\xF9//"},
    [YW_TEXT_FAULT] = {"//仪器故障报警//", "//\xD2\xC7\xC6\xF7\xB9\xCA\xD5\xCF\xB1\xA8\xBE\xAF//"},
    [YW_TEXT_CHECK] = {"//自动标样核查//", "//\xD7\xD4\xB6\xAF\xB1\xEA\xD1\xF9\xBA\xCB\xB2\xE9//"},
    [YW_TEXT_COMPARISON] = {"//比对采样//", "//\xB1\xC8\xB6\xD4\xB2\xC9\xD1\xF9//"},
    [YW_TEXT_RETENTION] = {"//留样//", "//\xC1\xF4\xD1\xF9//"},
    [YW_TEXT_DOOR_OPEN] = {"//门禁开门 卡号0103//", "//\xC3\xC5\xBD\xFB\xBF\xAA\xC3\xC5 \xBF\xA8\xBA\xC5"
                                                    "0103//"},
    [YW_TEXT_PARAMETER_CHANGED] = {"//参数修改//", "//\xB2\xCE\xCA\xFD\xD0\xDE\xB8\xC4//"},
    [YW_TEXT_LOGIN] = {"//登录//", "//\xB5\xC7\xC2\xBC//"},
    [YW_TEXT_POWER_OFF] = {"//断电//", "//\xB6\xCF\xB5\xE7//"},
    [YW_TEXT_RANGE] = {"//量程切换//", "//\xC1\xBF\xB3\xCC\xC7\xD0\xBB\xBB//"},
    [YW_TEXT_DOOR_SHUT] = {"//门禁关门//", "//\xC3\xC5\xBD\xFB\xB9\xD8\xC3\xC5//"},
};

const char *yw_device_text(const struct yw_responder *r, enum yw_device_text text) {
    if (text <= YW_TEXT_NONE || text >= YW_TEXT_COUNT) text = YW_TEXT_ORDER;
    return r->face->odd & YW_ODD_GBK ? texts[text].gbk : texts[text].utf8;
}

void yw_responder_note(struct yw_responder *r, int64_t time, enum yw_device_text text) {
    r->log[r->log_n++ % YW_RESPONDER_LOG] = (struct yw_log_line){.time = time, .text = (uint8_t)text};
}

/* ---- codes ---- */

enum owner { INSTRUMENT, LOGGER, ROOM };
enum medium { ANY, AIR, WATER, FURNACE };
enum shape { LOG, STATE, NUMBER, TEXT };
struct code {
    const char *code;
    uint8_t owner, medium, shape, digits;
    bool settable;
    double low, high; /* a number wanders between them */
};
static const struct code codes[] = {
    {"i11001", INSTRUMENT, ANY, LOG, 0, false, 0, 0},
    {"i12001", INSTRUMENT, ANY, STATE, 0, false, 0, 0},
    {"i12002", INSTRUMENT, ANY, NUMBER, 0, false, 0, 0},
    {"i12003", INSTRUMENT, ANY, NUMBER, 0, false, 0, 0},
    {"i13001", INSTRUMENT, ANY, NUMBER, 1, true, 0, 0},
    {"i13002", INSTRUMENT, ANY, NUMBER, 1, true, 1.5, 1.5},
    {"i13003", INSTRUMENT, ANY, NUMBER, 0, true, 1, 1},
    {"i13004", INSTRUMENT, WATER, NUMBER, 1, true, 165, 165},
    {"i13005", INSTRUMENT, WATER, NUMBER, 0, true, 15, 15},
    {"i13006", INSTRUMENT, ANY, TEXT, 0, true, 0, 0},
    {"i13007", INSTRUMENT, ANY, NUMBER, 3, true, 0, 0},
    {"i13008", INSTRUMENT, ANY, NUMBER, 3, true, 1, 1},
    {"i13009", INSTRUMENT, ANY, NUMBER, 2, true, 0.1, 0.1},
    {"i21001", LOGGER, ANY, LOG, 0, false, 0, 0},
    {"i22001", LOGGER, ANY, NUMBER, 0, false, 0, 0},
    {"i22002", LOGGER, ANY, NUMBER, 0, false, 0, 0},
    {"i22003", LOGGER, ANY, NUMBER, 0, false, 0, 0},
    {"i22101", LOGGER, ANY, NUMBER, 0, false, 0, 0},
    {"i23001", LOGGER, ANY, NUMBER, 3, true, 100.8, 101.9},
    {"i23005", LOGGER, ANY, TEXT, 0, false, 0, 0},
    {"i23006", LOGGER, ANY, TEXT, 0, false, 0, 0},
    {"i23007", LOGGER, ANY, TEXT, 0, false, 0, 0},
    {"i23008", LOGGER, ANY, TEXT, 0, false, 0, 0},
    {"i31001", ROOM, ANY, LOG, 0, false, 0, 0},
    {"i32001", ROOM, ANY, NUMBER, 0, false, 0, 0},
    {"i33001", ROOM, AIR, NUMBER, 0, true, 178, 184},
    {"i33002", ROOM, AIR, NUMBER, 1, true, 3.6, 4.4},
    {"i33101", ROOM, ANY, NUMBER, 1, false, 21, 27},
    {"i33102", ROOM, ANY, NUMBER, 1, false, 38, 62},
    {"i33103", ROOM, ANY, NUMBER, 1, false, 217, 231},
    {"i33104", ROOM, WATER, NUMBER, 0, false, 180, 240},
    {"i33105", ROOM, WATER, NUMBER, 0, false, 90, 120},
    {"i33106", ROOM, WATER, NUMBER, 0, false, 90, 120},
    {"i33107", ROOM, WATER, NUMBER, 0, true, 30, 30},
    {"i33200", ROOM, WATER, NUMBER, 2, false, 80, 140},
    {"i33201", ROOM, WATER, NUMBER, 0, false, 0, 0},
    {"i33202", ROOM, WATER, NUMBER, 0, false, 5200, 6400},
    {"i33310", ROOM, FURNACE, NUMBER, 1, false, 930, 980},
    {"i33320", ROOM, FURNACE, NUMBER, 1, false, 900, 950},
    {"i33330", ROOM, FURNACE, NUMBER, 1, false, 860, 910},
    {"i33340", ROOM, FURNACE, NUMBER, 1, false, 880, 930},
    {"i33400", ROOM, ANY, NUMBER, 1, false, 0, 0},
};

static const struct code *code_of(const struct yw_responder *r, const char *info) {
    const struct yw_scenario *s = r->scenario;
    for (size_t i = 0; i < YW_COUNT(codes); i++) {
        if (strcasecmp(codes[i].code, info) != 0) continue; /* 2017 prints one of them as I33400 */
        if (codes[i].medium == AIR && s->medium != YW_MEDIUM_AIR) return NULL;
        if (codes[i].medium == WATER && s->medium != YW_MEDIUM_WATER) return NULL;
        if (codes[i].medium == FURNACE && s->index.furnace < 0) return NULL;
        return &codes[i];
    }
    return NULL;
}

bool yw_info_known(const struct yw_responder *r, const char *info, int factor) {
    const struct code *c = code_of(r, info);
    return c && (c->owner != INSTRUMENT || factor >= 0);
}

/* ---- values ---- */

const char *yw_override(const struct yw_responder *r, int factor, const char *info) {
    for (uint32_t i = 0; i < r->override_n; i++)
        if (r->overrides[i].factor == factor && strcasecmp(r->overrides[i].info, info) == 0)
            return r->overrides[i].value;
    return NULL;
}

/* Wanders between low and high from hour to hour. */
static double wander(const struct yw_responder *r, const struct code *c, int64_t time) {
    uint64_t stream = YW_STREAM_ROOM + (uint64_t)(c - codes) * 1000;
    int64_t hour = time / YW_HOUR;
    double part = (double)(time % YW_HOUR) / (double)YW_HOUR;
    double a = yw_noise_unit(yw_noise_bits(r->seed, stream, (uint64_t)hour));
    double b = yw_noise_unit(yw_noise_bits(r->seed, stream, (uint64_t)hour + 1));
    return c->low + (c->high - c->low) * (a * (1 - part) + b * part);
}

static bool is_doing(const struct yw_responder *r, int factor, int64_t time, bool cleaning) {
    for (uint32_t i = 0; i < r->deeds.count; i++) {
        const struct yw_deed *d = &r->deeds.items[i];
        bool kind = cleaning ? d->kind == YW_DEED_CLEAN : d->kind <= YW_DEED_CHECK;
        if (kind && d->factor == factor && time >= d->from && time < d->until) return true;
    }
    return false;
}

static int working_state(const struct yw_responder *r, int factor, int64_t time) {
    enum { RUNS = 0, FAULTY = 2, CALIBRATES = 3, BLOWS = 5 };
    const struct yw_scenario *s = r->scenario;
    int told = yw_told_state(r, factor);
    if (told >= 0) return told;
    if (is_doing(r, factor, time, false) ||
        yw_episode(&s->calibration, r->seed, YW_STREAM_CALIBRATION, time, NULL, NULL))
        return CALIBRATES;
    if (is_doing(r, factor, time, true) ||
        yw_episode(&s->blowback, r->seed, YW_STREAM_BLOWBACK, time, NULL, NULL))
        return BLOWS;
    int64_t since;
    if (yw_episode(&s->fault, r->seed, YW_STREAM_FAULT, time, &since, NULL) &&
        (int)(yw_noise_bits(r->seed, YW_STREAM_FAULT_FACTOR, (uint64_t)since) % s->factor_count) == factor)
        return FAULTY;
    return RUNS;
}

static int64_t last_calibration(const struct yw_responder *r, int64_t time) {
    const struct yw_episode_rule *rule = &r->scenario->calibration;
    int64_t until = 0;
    for (int back = 0; back < 3 && rule->every_s; back++) {
        yw_episode(rule, r->seed, YW_STREAM_CALIBRATION, time - back * rule->every_s * YW_SECOND, NULL,
                   &until);
        if (until <= time) return until;
    }
    return r->powered;
}

static double number_of(const struct yw_responder *r, const struct code *c, int factor, int64_t time) {
    const struct yw_plant_factor *f = factor >= 0 ? &r->scenario->factors[factor] : NULL;
    double told;
    if (yw_told_number(r, c->code, factor, &told)) return told;
    if (strcmp(c->code, "i13001") == 0) return f->high;
    if (strcmp(c->code, "i13003") == 0 && f->batch_s) return (double)f->batch_s / 60;
    if (strcmp(c->code, "i33201") == 0) return 1.2e6 + (double)(time / YW_HOUR % 100000) * 240;
    if (strcmp(c->code, "i33400") == 0) {
        int64_t hour = (time + YW_CHINA) / YW_HOUR % 24;
        return 100 * r->scenario->load[hour];
    }
    if (strcmp(c->code, "i32001") == 0)
        return yw_episode(&r->scenario->logger.door, r->seed, YW_STREAM_DOOR, time, NULL, NULL) ? 3 : 0;
    return wander(r, c, time);
}

static const char *text_of(const struct yw_responder *r, const struct code *c, int factor, int64_t time,
                           char out[18]) {
    const struct yw_logger_rule *l = &r->scenario->logger;
    if (strcmp(c->code, "i23005") == 0) return l->hardware;
    if (strcmp(c->code, "i23006") == 0) return l->cpu;
    if (strcmp(c->code, "i23007") == 0) return l->mac1;
    if (strcmp(c->code, "i23008") == 0) return l->mac2;
    int64_t told = yw_told_calibrated(r, factor, time);
    hj212_print_time(told > INT64_MIN ? told : last_calibration(r, time), false, out);
    out[14] = '\0';
    return out;
}

/* What a host has set at the station: until its next step, and as long as nobody has changed it since. */
static bool still_holds(const struct yw_responder *r, const struct code *c, int factor,
                        enum yw_parameter parameter) {
    for (uint32_t i = 0; i < r->override_n; i++) {
        const struct yw_override *o = &r->overrides[i];
        double set, now;
        if (o->factor != factor || strcasecmp(o->info, c->code) != 0) continue;
        if (r->live->model.time <= o->since) return true;
        size_t channel = factor < 0 ? 0 : r->scenario->factors[factor].channel;
        now = yw_station_parameter(yw_told_station(r), parameter, channel);
        return yw_parse_f64(o->value, strlen(o->value), &set) && fabs(set - now) <= 1e-9 * (1 + fabs(set));
    }
    return false;
}

static void put_info(const struct yw_responder *r, const struct code *c, int factor, int64_t time,
                     hj212_writer *w) {
    char text[18] = "";
    enum yw_parameter parameter;
    bool told = yw_told_station(r) && yw_told_parameter(c->code, &parameter);
    const char *set = yw_override(r, factor, c->code);
    if (told && set && !still_holds(r, c, factor, parameter)) set = NULL;
    if (set)
        hj212_put(w, c->code, "Info", set);
    else if (c->shape == STATE)
        yw_put_number(w, c->code, "Info", working_state(r, factor, time));
    else if (c->shape == TEXT)
        hj212_put(w, c->code, "Info", text_of(r, c, factor, time, text));
    else
        hj212_put_decimal(
            w, c->code, "Info",
            (hj212_decimal){yw_plant_rounded(number_of(r, c, factor, time), c->digits), c->digits});
}

/* ---- logs ---- */

struct event {
    int64_t time;
    enum yw_device_text text;
    struct yw_station_line line; /* of the station's log, where it comes from there */
    bool told;
};

static void earlier(struct event *best, int64_t from, int64_t time, enum yw_device_text text) {
    if (time >= from && (best->text == YW_TEXT_NONE || time < best->time))
        *best = (struct event){.time = time, .text = text};
}

/* Begin (and end) of the rule's episodes: the first at or after `from`. */
static void from_episodes(const struct yw_responder *r, const struct yw_episode_rule *rule, uint64_t stream,
                          int64_t from, enum yw_device_text begin, enum yw_device_text end,
                          struct event *best) {
    int64_t since, until;
    for (int64_t slot = 0; rule->every_s && slot < 2; slot++) {
        yw_episode(rule, r->seed, stream, from + slot * rule->every_s * YW_SECOND, &since, &until);
        earlier(best, from, since, begin);
        if (end) earlier(best, from, until, end);
    }
}

static struct event next_event(const struct yw_responder *r, const struct code *c, int factor, int64_t from) {
    static const enum yw_device_text done[] = {
        [YW_DEED_CALIBRATE] = YW_TEXT_CALIBRATION, [YW_DEED_ZERO] = YW_TEXT_CALIBRATION,
        [YW_DEED_SPAN] = YW_TEXT_CALIBRATION,      [YW_DEED_CHECK] = YW_TEXT_CHECK,
        [YW_DEED_CLEAN] = YW_TEXT_CLEANING,        [YW_DEED_SAMPLE] = YW_TEXT_SAMPLING,
        [YW_DEED_PERIOD] = YW_TEXT_PARAMETER_SET,  [YW_DEED_ADJUST] = YW_TEXT_PARAMETER_SET};
    const struct yw_scenario *s = r->scenario;
    struct event best = {.text = YW_TEXT_NONE};
    bool process = yw_told_station(r) != NULL;
    if (c->owner == ROOM) {
        from_episodes(r, &s->logger.door, YW_STREAM_DOOR, from, YW_TEXT_DOOR_OPEN, YW_TEXT_DOOR_SHUT, &best);
    } else if (c->owner == LOGGER) {
        uint32_t kept = r->log_n < YW_RESPONDER_LOG ? r->log_n : YW_RESPONDER_LOG;
        for (uint32_t i = 0; i < kept; i++) earlier(&best, from, r->log[i].time, r->log[i].text);
    } else {
        if (s->factors[factor].span > 0 && !process) {
            from_episodes(r, &s->calibration, YW_STREAM_CALIBRATION, from, YW_TEXT_CALIBRATION, YW_TEXT_NONE,
                          &best);
            from_episodes(r, &s->blowback, YW_STREAM_BLOWBACK, from, YW_TEXT_CLEANING, YW_TEXT_NONE, &best);
        }
        for (uint32_t i = 0; i < r->deeds.count; i++) {
            const struct yw_deed *d = &r->deeds.items[i];
            bool logged = process && d->kind != YW_DEED_SAMPLE && d->kind != YW_DEED_PERIOD;
            if (d->factor == factor && !logged) earlier(&best, from, d->from, done[d->kind]);
        }
    }
    struct yw_station_line line;
    static const enum yw_told_owner owners[] = {
        [INSTRUMENT] = YW_TOLD_INSTRUMENT, [LOGGER] = YW_TOLD_LOGGER, [ROOM] = YW_TOLD_ROOM};
    if (process && yw_told_line(r, owners[c->owner], factor, from, &line) &&
        (best.text == YW_TEXT_NONE || line.time < best.time))
        best = (struct event){line.time, yw_told_text(&line), line, true};
    return best;
}

static void put_head(const struct yw_responder *r, const struct code *c, int factor, int64_t time,
                     hj212_writer *w) {
    yw_put_time14(w, "DataTime", time);
    if (c->owner == INSTRUMENT) hj212_put(w, NULL, "PolId", yw_plant_name(&r->scenario->factors[factor]));
}

static void put_event(const struct yw_responder *r, const struct code *c, const struct event *e,
                      hj212_writer *w) {
    char text[320];
    if (e->told) yw_told_print(r, &e->line, text, sizeof text);
    hj212_put(w, c->code, "Info", e->told ? text : yw_device_text(r, e->text));
}

bool yw_info_next(const struct yw_responder *r, const char *info, int factor, int64_t *at, int64_t to,
                  hj212_writer *w) {
    const struct code *c = code_of(r, info);
    if (!c || *at > to) return false;
    int64_t time = *at;
    if (c->shape == LOG) {
        struct event e = next_event(r, c, factor, time);
        if (e.text == YW_TEXT_NONE || e.time > to) return false;
        put_head(r, c, factor, e.time, w);
        put_event(r, c, &e, w);
        *at = e.time - e.time % YW_SECOND + YW_SECOND;
        return true;
    }
    put_head(r, c, factor, time, w);
    put_info(r, c, factor, time, w);
    *at = time + YW_HOUR;
    return true;
}

/* ---- 3020, 3021 ---- */

static struct event last_event(const struct yw_responder *r, const struct code *c, int factor,
                               int64_t clock) {
    int64_t at = clock - 30 * YW_DAY;
    struct event last = {.time = clock, .text = YW_TEXT_ORDER};
    for (int i = 0; i < 2000; i++) {
        struct event e = next_event(r, c, factor, at);
        if (e.text == YW_TEXT_NONE || e.time > clock) break;
        last = e;
        at = e.time - e.time % YW_SECOND + YW_SECOND;
    }
    return last;
}

/* The codes that are asked for, InfoId once or several times; false: there is none, or too many. */
static bool asked_codes(const struct yw_ask *ask, char info[ASKED_MAX][8], size_t *n) {
    hj212_iterator it;
    hj212_item item;
    *n = 0;
    hj212_items(&it, ask->packet->cp);
    while (hj212_next(&it, &item)) {
        if (item.field.n != 6 || memcmp(item.field.p, "InfoId", 6) != 0) continue;
        if (*n == ASKED_MAX || item.value.n != 6 || memchr(item.value.p, '\0', 6)) return false;
        yw_copy(info[(*n)++], 8, item.value.p, item.value.n);
    }
    return *n > 0;
}

int yw_on_info_get(struct yw_responder *r, const struct yw_ask *ask) {
    char info[ASKED_MAX][8], area[YW_PLANT_CP_MAX];
    const struct code *found[ASKED_MAX];
    size_t n, kept = 0;
    hj212_writer w;
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor == -2 || !asked_codes(ask, info, &n)) return YW_EXE_CONDITION;
    if (hj212_cp_field(ask->packet->cp, "BeginTime").p)
        return yw_info_known(r, info[0], factor) ? yw_on_recall(r, ask) : YW_EXE_NO_DATA;
    for (size_t i = 0; i < n; i++)
        if (yw_info_known(r, info[i], factor)) found[kept++] = code_of(r, info[i]);
    if (!kept) return YW_EXE_NO_DATA;
    struct event last = {.time = ask->clock};
    if (found[0]->shape == LOG) last = last_event(r, found[0], factor, ask->clock);
    int64_t time = last.time;
    hj212_writer_init(&w, area, sizeof area);
    put_head(r, found[0], factor, time, &w);
    for (size_t i = 0; i < kept; i++) {
        if (found[i]->shape == LOG && i > 0) last = last_event(r, found[i], factor, ask->clock);
        if (found[i]->shape == LOG)
            put_event(r, found[i], &last, &w);
        else
            put_info(r, found[i], factor, time, &w);
    }
    return yw_responder_answer(r, ask, &w);
}

static bool keep_override(struct yw_responder *r, int factor, const char *code, const char *value,
                          int64_t since) {
    struct yw_override *o = NULL;
    for (uint32_t i = 0; i < r->override_n && !o; i++)
        if (r->overrides[i].factor == factor && strcmp(r->overrides[i].info, code) == 0) o = &r->overrides[i];
    if (!o && r->override_n == YW_OVERRIDES_MAX) return false;
    if (!o) o = &r->overrides[r->override_n++];
    o->factor = (int8_t)factor;
    o->since = since;
    yw_copy(o->info, sizeof o->info, code, strlen(code));
    return yw_copy(o->value, sizeof o->value, value, strlen(value));
}

static double set_number(const struct yw_responder *r, int factor, const char *info, double otherwise) {
    const char *text = yw_override(r, factor, info);
    double value;
    return text && yw_parse_f64(text, strlen(text), &value) ? value : otherwise;
}

int yw_on_info_set(struct yw_responder *r, const struct yw_ask *ask) {
    char info[16], value[40] = "";
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor == -2 || !yw_ask_text(ask, "InfoId", info, sizeof info)) return YW_EXE_CONDITION;
    const struct code *c = code_of(r, info);
    if (!c || !c->settable || (c->owner == INSTRUMENT && factor < 0)) return YW_EXE_CONDITION;
    if (c->owner != INSTRUMENT) factor = -1;
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, ask->packet->cp);
    while (hj212_next(&it, &item))
        if (item.code.p && item.code.n == 6 && strncasecmp(item.code.p, c->code, 6) == 0 && item.value.n &&
            item.value.n < sizeof value && !memchr(item.value.p, '\0', item.value.n))
            yw_copy(value, sizeof value, item.value.p, item.value.n);
    double number;
    if (!value[0] || (c->shape == NUMBER && !yw_parse_f64(value, strlen(value), &number)))
        return YW_EXE_CONDITION;
    enum yw_parameter parameter;
    bool told = yw_told_station(r) && yw_told_parameter(c->code, &parameter);
    if (!keep_override(r, factor, c->code, value, told ? r->live->model.time : ask->clock))
        return YW_EXE_FAULT;
    if (told) {
        /* the station has it: what it stores from the next step on follows, and its log says so */
        bool whole = parameter >= YW_PARAMETER_PER_CHANNEL;
        yw_hand_act(&r->hand,
                    &(struct yw_station_act){.time = r->live->model.time,
                                             .kind = YW_ACT_SET_PARAMETER,
                                             .channel = whole ? UINT8_MAX
                                                              : (uint8_t)r->scenario->factors[factor].channel,
                                             .parameter = (uint8_t)parameter,
                                             .value = number});
        yw_responder_note(r, ask->clock, YW_TEXT_PARAMETER_SET);
        return YW_EXE_DONE;
    }
    /* slope and intercept change what the instrument shows from now on */
    if (strcmp(c->code, "i13008") == 0 || strcmp(c->code, "i13007") == 0)
        yw_responder_deed(r, YW_DEED_ADJUST, factor, ask->clock, 0, set_number(r, factor, "i13008", 1),
                          set_number(r, factor, "i13007", 0));
    yw_responder_note(r, ask->clock, YW_TEXT_PARAMETER_SET);
    return YW_EXE_DONE;
}

/* ---- what the room says by itself ---- */

void yw_put_room(const struct yw_responder *r, int64_t time, hj212_writer *w) {
    static const char *const shown[] = {"i33101", "i33102", "i33103"};
    yw_put_time14(w, "DataTime", time);
    for (size_t i = 0; i < YW_COUNT(shown); i++) put_info(r, code_of(r, shown[i]), -1, time, w);
}

void yw_put_door(const struct yw_responder *r, int64_t time, bool open, hj212_writer *w) {
    yw_put_time14(w, "DataTime", time);
    hj212_put(w, "i31001", "Info", yw_device_text(r, open ? YW_TEXT_DOOR_OPEN : YW_TEXT_DOOR_SHUT));
}

int yw_door_events(const struct yw_responder *r, int64_t from, int64_t to, int64_t at[4], bool open[4]) {
    const struct yw_episode_rule *door = &r->scenario->logger.door;
    int n = 0;
    int64_t last = INT64_MIN;
    for (int k = 0; k < 2 && door->every_s; k++) { /* the slots of both ends */
        int64_t since, until;
        yw_episode(door, r->seed, YW_STREAM_DOOR, k ? to : from, &since, &until);
        if (since == last) break;
        last = since;
        if (since > from && since <= to) at[n] = since, open[n++] = true;
        if (until > from && until <= to) at[n] = until, open[n++] = false;
    }
    return n;
}
