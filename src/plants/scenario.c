/* scenario: the YAML that says what an outlet is like. */
#include <math.h>
#include <string.h>

#include "plants/scenario_int.h"

static const struct yw_yaml_key episode_keys[] = {
    {.name = "every",
     .kind = YW_YAML_SPAN,
     .offset = offsetof(struct yw_episode_rule, every_s),
     RANGE(60, 366.0 * 86400),
     .required = true},
    {.name = "lasts",
     .kind = YW_YAML_SPAN,
     .offset = offsetof(struct yw_episode_rule, lasts_s),
     RANGE(10, 366.0 * 86400),
     .required = true},
};
#define EPISODE(member, name_)                                                                               \
    {                                                                                                        \
        .name = name_, .kind = YW_YAML_MAP, .offset = offsetof(struct yw_scenario, member),                  \
        .inner = episode_keys, .inner_count = 2                                                              \
    }

#define LOGGER(member, name_, kind_, ...) KEY(struct yw_logger_rule, member, name_, kind_, __VA_ARGS__)
#define LOGGER_EPISODE(member, name_)                                                                        \
    {                                                                                                        \
        .name = name_, .kind = YW_YAML_MAP, .offset = offsetof(struct yw_logger_rule, member),               \
        .inner = episode_keys, .inner_count = 2                                                              \
    }
static const struct yw_yaml_key logger_keys[] = {
    {.name = "dialect", .kind = YW_YAML_OTHER},
    LOGGER(clock_offset_s, "clock_offset", YW_YAML_NUMBER, RANGE(-86400, 86400)),
    LOGGER(clock_drift_s, "clock_drift", YW_YAML_NUMBER, RANGE(-3600, 3600)),
    LOGGER(clock_request_s, "clock_request", YW_YAML_SPAN, RANGE(60, 366.0 * 86400)),
    LOGGER(heartbeat_s, "heartbeat", YW_YAML_SPAN, RANGE(5, 86400)),
    LOGGER(answer_after_s, "answers_after", YW_YAML_SPAN, RANGE(0, 600)),
    LOGGER(refuses, "refuses", YW_YAML_TEXT, .required = false),
    LOGGER(deaf_to, "deaf_to", YW_YAML_TEXT, .required = false),
    LOGGER(drops_acks, "drops_acks", YW_YAML_NUMBER, RANGE(0, 1)),
    LOGGER_EPISODE(unsent, "unsent"),
    LOGGER_EPISODE(lost, "lost"),
    LOGGER(memory_s, "memory", YW_YAML_SPAN, RANGE(3600, 3660.0 * 86400)),
    LOGGER(rate, "rate", YW_YAML_WHOLE, RANGE(1, 10000)),
    LOGGER(bottles, "bottles", YW_YAML_WHOLE, RANGE(0, 99)),
    LOGGER(station_s, "station", YW_YAML_SPAN, RANGE(60, 86400)),
    LOGGER_EPISODE(door, "door"),
    LOGGER(electricity_s, "electricity", YW_YAML_SPAN, RANGE(60, 86400)),
    LOGGER(conditions_s, "conditions", YW_YAML_SPAN, RANGE(60, 86400)),
    LOGGER(key, "key", YW_YAML_TEXT, .required = false),
    LOGGER(key_created, "key_created", YW_YAML_TEXT, .required = false),
    LOGGER(key_life_s, "key_life", YW_YAML_SPAN, RANGE(60, 3660.0 * 86400)),
    LOGGER(registers, "registers", YW_YAML_YES, .required = false),
    LOGGER(hardware, "hardware", YW_YAML_TEXT, .required = false),
    LOGGER(cpu, "cpu", YW_YAML_TEXT, .required = false),
    LOGGER(mac1, "mac1", YW_YAML_TEXT, .required = false),
    LOGGER(mac2, "mac2", YW_YAML_TEXT, .required = false),
};

static const struct yw_yaml_key scenario_keys[] = {
    KEY(struct yw_scenario, id, "id", YW_YAML_TEXT, .required = true),
    KEY(struct yw_scenario, name, "name", YW_YAML_TEXT, .required = true),
    KEY(struct yw_scenario, name_en, "name_en", YW_YAML_TEXT, ANY),
    KEY(struct yw_scenario, note, "note", YW_YAML_TEXT, ANY),
    KEY(struct yw_scenario, level, "level", YW_YAML_WHOLE, RANGE(0, 5)),
    {.name = "seed", .kind = YW_YAML_OTHER},
    {.name = "medium", .kind = YW_YAML_OTHER, .required = true},
    KEY(struct yw_scenario, version, "version", YW_YAML_WHOLE, .required = true),
    KEY(struct yw_scenario, st, "st", YW_YAML_TEXT, .required = true),
    KEY(struct yw_scenario, mn, "mn", YW_YAML_TEXT, .required = true),
    KEY(struct yw_scenario, pw, "password", YW_YAML_TEXT, .required = true),
    KEY(struct yw_scenario, sample_s, "sample", YW_YAML_SPAN, RANGE(1, 60), .required = true),
    KEY(struct yw_scenario, realtime_s, "realtime", YW_YAML_SPAN, RANGE(30, 3600), .required = true),
    KEY(struct yw_scenario, minute_s, "minute", YW_YAML_SPAN, RANGE(60, 1800), .required = true),
    KEY(struct yw_scenario, area_m2, "stack_area_m2", YW_YAML_NUMBER, RANGE(0.01, 1000)),
    KEY(struct yw_scenario, reference_oxygen, "reference_oxygen", YW_YAML_NUMBER, RANGE(1, 20)),
    {.name = "load",
     .kind = YW_YAML_NUMBERS,
     .offset = offsetof(struct yw_scenario, load),
     .size = 24,
     RANGE(0.01, 1.2),
     .required = true},
    {.name = "weekend",
     .kind = YW_YAML_NUMBERS,
     .offset = offsetof(struct yw_scenario, weekend),
     .size = 24,
     RANGE(0.01, 1.2)},
    KEY(struct yw_scenario, load_noise, "load_noise", YW_YAML_NUMBER, RANGE(0, 0.5)),
    KEY(struct yw_scenario, load_slow, "load_slow", YW_YAML_NUMBER, RANGE(0, 0.5)),
    KEY(struct yw_scenario, load_tau_s, "load_tau", YW_YAML_SPAN, RANGE(10, 3600)),
    KEY(struct yw_scenario, start_up_s, "start_up", YW_YAML_SPAN, RANGE(60, 3.0 * 86400)),
    KEY(struct yw_scenario, shut_down_s, "shut_down", YW_YAML_SPAN, RANGE(60, 3.0 * 86400)),
    KEY(struct yw_scenario, facility, "facility", YW_YAML_TEXT, .required = false),
    EPISODE(stop, "stop"),
    EPISODE(calibration, "calibration"),
    EPISODE(blowback, "blowback"),
    EPISODE(fault, "fault"),
    EPISODE(link_loss, "link_loss"),
    {.name = "logger",
     .kind = YW_YAML_MAP,
     .offset = offsetof(struct yw_scenario, logger),
     .inner = logger_keys,
     .inner_count = YW_COUNT(logger_keys)},
    {.name = "factors", .kind = YW_YAML_OTHER, .required = true},
    {.name = "plant", .kind = YW_YAML_OTHER}, /* of a process */
    {.name = "station", .kind = YW_YAML_OTHER},
    {.name = "weather", .kind = YW_YAML_OTHER},
    {.name = "inputs", .kind = YW_YAML_OTHER},
    {.name = "events", .kind = YW_YAML_OTHER},
    {.name = "inspections", .kind = YW_YAML_OTHER},
    {.name = "world", .kind = YW_YAML_OTHER},
};

static const struct yw_yaml_key factor_keys[] = {
    KEY(struct yw_plant_factor, code, "code", YW_YAML_TEXT, .required = true),
    KEY(struct yw_plant_factor, wire, "name", YW_YAML_TEXT, .required = false),
    KEY(struct yw_plant_factor, digits, "digits", YW_YAML_WHOLE, RANGE(0, 4), .required = true),
    KEY(struct yw_plant_factor, cou_digits, "cou_digits", YW_YAML_WHOLE, RANGE(0, 6)),
    KEY(struct yw_plant_factor, mean, "mean", YW_YAML_NUMBER, RANGE(-1e6, 1e6), .required = true),
    KEY(struct yw_plant_factor, load_power, "load_power", YW_YAML_NUMBER, RANGE(-3, 3)),
    KEY(struct yw_plant_factor, load_slope, "load_slope", YW_YAML_NUMBER, RANGE(-1e6, 1e6)),
    KEY(struct yw_plant_factor, noise, "noise", YW_YAML_NUMBER, RANGE(0, 1e5)),
    KEY(struct yw_plant_factor, additive, "additive", YW_YAML_YES, .required = false),
    KEY(struct yw_plant_factor, tau_s, "tau", YW_YAML_SPAN, RANGE(1, 3600)),
    KEY(struct yw_plant_factor, common, "common", YW_YAML_NUMBER, RANGE(-1, 1)),
    KEY(struct yw_plant_factor, puff, "puff", YW_YAML_NUMBER, RANGE(-1e5, 1e5)),
    KEY(struct yw_plant_factor, puff_every_s, "puff_every", YW_YAML_SPAN, RANGE(60, 366.0 * 86400)),
    KEY(struct yw_plant_factor, puff_lasts_s, "puff_lasts", YW_YAML_SPAN, RANGE(10, 86400)),
    KEY(struct yw_plant_factor, low, "low", YW_YAML_NUMBER, RANGE(-1e9, 1e9), .required = true),
    KEY(struct yw_plant_factor, high, "high", YW_YAML_NUMBER, RANGE(-1e9, 1e9), .required = true),
    KEY(struct yw_plant_factor, stopped, "stopped", YW_YAML_NUMBER, RANGE(-1e6, 1e6)),
    KEY(struct yw_plant_factor, start_up, "start_up", YW_YAML_NUMBER, RANGE(0.01, 100)),
    KEY(struct yw_plant_factor, zero, "zero_gas", YW_YAML_NUMBER, RANGE(-1e6, 1e6)),
    KEY(struct yw_plant_factor, span, "span_gas", YW_YAML_NUMBER, RANGE(0, 1e6)),
    KEY(struct yw_plant_factor, batch_s, "batch", YW_YAML_SPAN, RANGE(60, 86400)),
    KEY(struct yw_plant_factor, converted, "converted", YW_YAML_YES, .required = false),
    KEY(struct yw_plant_factor, mass, "mass", YW_YAML_YES, .required = false),
};

int yw_scenario_factor(const struct yw_scenario *s, const char *code) {
    for (size_t i = 0; i < s->factor_count; i++)
        if (strcmp(s->factors[i].code, code) == 0) return (int)i;
    return -1;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool is_upper_hex(const char *text, size_t n) {
    return strlen(text) == n && strspn(text, "0123456789ABCDEF") == n;
}

static enum yw_code check_factor(const struct yw_scenario *s, const struct yw_plant_factor *f, size_t line,
                                 struct yw_error *err) {
    size_t n = strlen(f->code);
    bool noise = f->code[0] == 'L' && strspn(f->code, LETTERS DIGITS) == n && n >= 2;
    if (!noise && (n < 3 || strspn(f->code, "abcdefghijklmnopqrstuvwxyz" DIGITS) != n))
        return yw_fail(err, YW_E_FORMAT, "line %zu: code `%s` is not a factor code such as a21026", line,
                       f->code);
    if (strspn(f->wire, LETTERS DIGITS "_") != strlen(f->wire))
        return yw_fail(err, YW_E_FORMAT, "line %zu: name `%s` must be letters and digits, such as SO2 or 011",
                       line, f->wire);
    if (yw_scenario_factor(s, f->code) >= 0)
        return yw_fail(err, YW_E_FORMAT, "line %zu: factor %s stands twice", line, f->code);
    if (!(f->low < f->high))
        return yw_fail(err, YW_E_RANGE, "line %zu: low of %s must be under its high", line, f->code);
    if (f->converted && s->reference_oxygen == 0)
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: %s is converted, but the scenario has no reference_oxygen", line, f->code);
    if (f->puff_lasts_s > f->puff_every_s)
        return yw_fail(err, YW_E_RANGE, "line %zu: puffs of %s last longer than their interval", line,
                       f->code);
    if (!f->additive && f->noise > 2)
        return yw_fail(err, YW_E_RANGE,
                       "line %zu: relative noise of %s is over 2; say `additive: yes` if it is meant so",
                       line, f->code);
    return YW_OK;
}

static enum yw_code read_factors(yaml_document_t *doc, yaml_node_t *list, struct yw_scenario *s,
                                 struct yw_error *err) {
    if (list->type != YAML_SEQUENCE_NODE)
        return yw_fail(err, YW_E_FORMAT, "line %zu: factors must be a list", yw_yaml_line(list));
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        yaml_node_t *node = yaml_document_get_node(doc, *i);
        if (s->factor_count == YW_PLANT_FACTORS_MAX)
            return yw_fail(err, YW_E_LIMIT, "line %zu: more than %d factors", yw_yaml_line(node),
                           YW_PLANT_FACTORS_MAX);
        struct yw_plant_factor f = {
            .tau_s = 300, .start_up = 1, .cou_digits = 3, .from = YW_Q_COUNT, .share = 1};
        enum yw_code code = s->life.kind
                                ? yw_read_process_factor(doc, node, s, &f, err)
                                : yw_yaml_map(doc, node, factor_keys, YW_COUNT(factor_keys), &f, err);
        if (!code) code = check_factor(s, &f, yw_yaml_line(node), err);
        if (code) return code;
        s->factors[s->factor_count++] = f;
    }
    if (s->factor_count == 0)
        return yw_fail(err, YW_E_FORMAT, "line %zu: there are no factors", yw_yaml_line(list));
    return YW_OK;
}

static void find_companions(struct yw_scenario *s) {
    s->index = (struct yw_scenario_index){
        .flow = yw_scenario_factor(s, s->medium == YW_MEDIUM_WATER ? "w00000" : "a00000"),
        .oxygen = yw_scenario_factor(s, "a19001"),
        .temp = yw_scenario_factor(s, "a01012"),
        .pressure = yw_scenario_factor(s, "a01013"),
        .moisture = yw_scenario_factor(s, "a01014"),
        .velocity = yw_scenario_factor(s, "a01011"),
        .furnace = yw_scenario_factor(s, "a01901"),
    };
}

/* The line of a key of the scenario, so that every complaint says where. */
static size_t line_of(yaml_document_t *doc, const char *key) {
    yaml_node_t *root = yaml_document_get_root_node(doc), *node = yw_yaml_get(doc, root, key);
    return yw_yaml_line(node ? node : root);
}

static enum yw_code check_episode(yaml_document_t *doc, const struct yw_episode_rule *r, const char *name,
                                  int64_t least_s, struct yw_error *err) {
    if (r->every_s && r->lasts_s >= r->every_s)
        return yw_fail(err, YW_E_RANGE, "line %zu: `%s` lasts as long as its interval; make `every` longer",
                       line_of(doc, name), name);
    if (r->every_s && (double)r->lasts_s * 0.6 <= (double)least_s)
        return yw_fail(
            err, YW_E_RANGE,
            "line %zu: `%s` must last over %.1f h: shut_down and start_up lie within it, and it may be "
            "shortened to 60 %%",
            line_of(doc, name), name, (double)least_s / 0.6 / 3600);
    return YW_OK;
}

static enum yw_code check_episodes(yaml_document_t *doc, const struct yw_scenario *s, struct yw_error *err) {
    enum yw_code code = check_episode(doc, &s->stop, "stop", s->start_up_s + s->shut_down_s, err);
    if (!code) code = check_episode(doc, &s->calibration, "calibration", 0, err);
    if (!code) code = check_episode(doc, &s->blowback, "blowback", 0, err);
    if (!code) code = check_episode(doc, &s->fault, "fault", 0, err);
    if (!code) code = check_episode(doc, &s->link_loss, "link_loss", 0, err);
    if (!code) code = check_episode(doc, &s->logger.unsent, "logger", 0, err);
    if (!code) code = check_episode(doc, &s->logger.lost, "logger", 0, err);
    if (!code) code = check_episode(doc, &s->logger.door, "logger", 0, err);
    return code;
}

static enum yw_code check_identity(yaml_document_t *doc, const struct yw_scenario *s, struct yw_error *err) {
    if (s->version != 2005 && s->version != 2017 && s->version != 2025)
        return yw_fail(err, YW_E_RANGE, "line %zu: version is %u; plants speak 2005, 2017 and 2025",
                       line_of(doc, "version"), s->version);
    if (!is_upper_hex(s->mn, 24) || strncmp(s->mn, YW_PLANT_MN_PREFIX, 4) != 0)
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: mn must be 24 characters of 0-9 A-F that begin with " YW_PLANT_MN_PREFIX
                       ", the prefix reserved for simulated plants",
                       line_of(doc, "mn"));
    if (strlen(s->pw) != 6 || strpbrk(s->pw, ";=,&"))
        return yw_fail(err, YW_E_FORMAT, "line %zu: password must have six characters",
                       line_of(doc, "password"));
    if (strlen(s->st) != 2 || strpbrk(s->st, ";=,&"))
        return yw_fail(err, YW_E_FORMAT, "line %zu: st must have two characters", line_of(doc, "st"));
    if (strpbrk(s->facility, ";=,&-"))
        return yw_fail(err, YW_E_FORMAT, "line %zu: facility must be a code such as SB1",
                       line_of(doc, "facility"));
    return YW_OK;
}

bool yw_dialect_parse(const char *text, uint32_t *odd) {
    static const struct {
        const char *name;
        uint32_t bit;
    } names[] = {{"crc-modbus", YW_ODD_CRC_MODBUS},
                 {"crc-lower", YW_ODD_CRC_LOWER},
                 {"resend", YW_ODD_RESEND},
                 {"gbk", YW_ODD_GBK},
                 {"len-characters", YW_ODD_LEN_CHARS},
                 {"no-tail", YW_ODD_NO_TAIL},
                 {"own-st", YW_ODD_OWN_ST},
                 {"qn-header", YW_ODD_QN_HEAD},
                 {"cipher-printed", YW_ODD_PRINTED},
                 {"answers-bad-crc", YW_ODD_BAD_CRC},
                 {"no-flag", YW_ODD_NO_FLAG}};
    *odd = 0;
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, ", "), before = *odd;
        for (size_t i = 0; i < YW_COUNT(names); i++)
            if (strlen(names[i].name) == n && memcmp(names[i].name, at, n) == 0) *odd |= names[i].bit;
        if (n && *odd == before) return false;
        at += n + (at[n] != '\0');
    }
    return true;
}

/* `at` is the line of the key `logger`. */
static enum yw_code check_logger(const struct yw_logger_rule *l, uint32_t version, size_t at,
                                 struct yw_error *err) {
    int64_t created;
    if (l->key[0] && (version != 2025 || strlen(l->key) != 16 || strlen(l->key_created) != 17 ||
                      !yw_time_parse(l->key_created, 17, &created)))
        return yw_fail(
            err, YW_E_FORMAT,
            "line %zu: key takes 16 characters, key_created 17 digits of date and time, version 2025", at);
    if (l->registers && (version != 2025 || !l->hardware[0]))
        return yw_fail(err, YW_E_FORMAT, "line %zu: registers takes version 2025 and `hardware`", at);
    const char *texts[] = {l->key, l->hardware, l->cpu, l->mac1, l->mac2};
    for (size_t i = 0; i < YW_COUNT(texts); i++)
        if (strpbrk(texts[i], ";=,&\r\n"))
            return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` must be without ; = , and &", at, texts[i]);
    const char *lists[] = {l->refuses, l->deaf_to};
    for (size_t i = 0; i < YW_COUNT(lists); i++)
        if (strspn(lists[i], DIGITS ", al") != strlen(lists[i]))
            return yw_fail(err, YW_E_FORMAT,
                           "line %zu: refuses and deaf_to take command numbers with blanks between, or all",
                           at);
    return YW_OK;
}

static enum yw_code read_dialect(yaml_document_t *doc, yaml_node_t *root, struct yw_logger_rule *l,
                                 struct yw_error *err) {
    yaml_node_t *logger = yw_yaml_get(doc, root, "logger");
    yaml_node_t *node = logger ? yw_yaml_get(doc, logger, "dialect") : NULL;
    if (!node) return YW_OK;
    if (node->type != YAML_SCALAR_NODE || !yw_dialect_parse((const char *)node->data.scalar.value, &l->odd))
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: dialect names what docs/plants.md lists: crc-modbus, crc-lower, gbk ...",
                       yw_yaml_line(node));
    return YW_OK;
}

static enum yw_code check_whole(yaml_document_t *doc, const struct yw_scenario *s, struct yw_error *err) {
    enum yw_code code = check_identity(doc, s, err);
    if (code) return code;
    if (3600 % s->minute_s || s->minute_s % s->sample_s || s->realtime_s % s->sample_s ||
        86400 % s->realtime_s)
        return yw_fail(
            err, YW_E_RANGE,
            "line %zu: sample must divide minute and realtime, minute the hour, realtime the day, evenly",
            line_of(doc, "sample"));
    if (s->area_m2 > 0 && (s->index.velocity < 0 || s->index.flow < 0))
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: stack_area_m2 needs the factors a01011 (velocity) and a00000 (flow)",
                       line_of(doc, "stack_area_m2"));
    for (size_t i = 0; i < s->factor_count; i++)
        if (s->factors[i].converted && s->index.oxygen < 0)
            return yw_fail(err, YW_E_FORMAT, "line %zu: %s is converted, but there is no a19001 (oxygen)",
                           line_of(doc, "factors"), s->factors[i].code);
    code = check_logger(&s->logger, s->version, line_of(doc, "logger"), err);
    return code ? code : check_episodes(doc, s, err);
}

/* What only a process has, and what it must not have. */
static enum yw_code check_kind(yaml_document_t *doc, yaml_node_t *root, const struct yw_scenario *s,
                               struct yw_error *err) {
    static const char *const process[] = {"station", "weather", "inputs", "events", "inspections"};
    static const char *const statistical[] = {"calibration", "blowback", "fault"};
    for (size_t i = 0; !s->life.kind && i < YW_COUNT(process); i++)
        if (yw_yaml_get(doc, root, process[i]))
            return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` needs a `plant`", line_of(doc, process[i]),
                           process[i]);
    for (size_t i = 0; s->life.kind && i < YW_COUNT(statistical); i++)
        if (yw_yaml_get(doc, root, statistical[i]))
            return yw_fail(
                err, YW_E_FORMAT,
                "line %zu: `%s` is of statistical scenarios; with a plant it stands in `station` or "
                "`events`",
                line_of(doc, statistical[i]), statistical[i]);
    return YW_OK;
}

/* What must be known before the factors: the plant. */
static enum yw_code read_before(yaml_document_t *doc, yaml_node_t *root, struct yw_scenario *s,
                                struct yw_error *err) {
    yaml_node_t *plant = yw_yaml_get(doc, root, "plant"), *seed = yw_yaml_get(doc, root, "seed");
    const char *text = seed ? yw_node_text(seed) : "";
    if (seed && !yw_parse_u64(text, strlen(text), &s->seed))
        return yw_fail(err, YW_E_FORMAT, "line %zu: seed must be a whole number", yw_yaml_line(seed));
    yw_station_spec_usual(&s->life.station, s->medium == YW_MEDIUM_WATER);
    enum yw_code code = plant ? yw_read_plant(doc, plant, s, err) : YW_OK;
    return code ? code : check_kind(doc, root, s, err);
}

/* What can be understood only with the factors. */
static enum yw_code read_behind(yaml_document_t *doc, yaml_node_t *root, const struct yw_effect_book *book,
                                struct yw_scenario *s, struct yw_error *err) {
    yaml_node_t *world = yw_yaml_get(doc, root, "world"), *node;
    enum yw_code code = world ? yw_read_world(doc, world, s, err) : YW_OK;
    if (code || !s->life.kind) return code;
    if ((node = yw_yaml_get(doc, root, "station"))) code = yw_read_station(doc, node, s, err);
    if (!code && (node = yw_yaml_get(doc, root, "weather"))) code = yw_read_weather(doc, node, s, err);
    if (!code && (node = yw_yaml_get(doc, root, "inputs"))) code = yw_read_inputs(doc, node, s, err);
    if (!code && (node = yw_yaml_get(doc, root, "events"))) code = yw_read_events(doc, node, book, s, err);
    if (!code && (node = yw_yaml_get(doc, root, "inspections")))
        code = yw_read_inspections(doc, node, s, err);
    return code ? code : yw_finish_station(s, line_of(doc, "factors"), err);
}

static enum yw_code read_root(yaml_document_t *doc, const struct yw_effect_book *book, struct yw_scenario *s,
                              struct yw_error *err) {
    yaml_node_t *root = yaml_document_get_root_node(doc);
    enum yw_code code = yw_yaml_map(doc, root, scenario_keys, YW_COUNT(scenario_keys), s, err);
    if (code) return code;
    yaml_node_t *medium = yw_yaml_get(doc, root, "medium");
    const char *text = medium->type == YAML_SCALAR_NODE ? (const char *)medium->data.scalar.value : "";
    if (strcmp(text, "air") != 0 && strcmp(text, "water") != 0)
        return yw_fail(err, YW_E_FORMAT, "line %zu: medium must be air or water", yw_yaml_line(medium));
    s->medium = text[0] == 'a' ? YW_MEDIUM_AIR : YW_MEDIUM_WATER;
    if (!yw_yaml_get(doc, root, "weekend")) memcpy(s->weekend, s->load, sizeof s->weekend);
    code = read_before(doc, root, s, err);
    if (!code) code = read_factors(doc, yw_yaml_get(doc, root, "factors"), s, err);
    if (!code) code = read_behind(doc, root, book, s, err);
    if (!code) code = read_dialect(doc, root, &s->logger, err);
    if (code) return code;
    find_companions(s);
    return check_whole(doc, s, err);
}

enum yw_code yw_scenario_parse(const char *text, size_t n, const struct yw_effect_book *book,
                               struct yw_scenario *out, struct yw_error *err) {
    *out = (struct yw_scenario){.load_tau_s = 1200,
                                .seed = 1,
                                .life = {.weather = {.mean_c = 14, .year_c = 13, .day_c = 5}},
                                .start_up_s = 3600,
                                .shut_down_s = 1800,
                                .logger = {.memory_s = 366 * 86400, .rate = 50, .bottles = 24}};
    yaml_document_t doc;
    enum yw_code code = yw_yaml_load(text, n, YW_PLANT_SCENARIO_MAX, &doc, err);
    if (code) return code;
    code = read_root(&doc, book, out, err);
    yaml_document_delete(&doc);
    return code;
}

enum yw_code yw_scenario_load(const char *path, const struct yw_effect_book *book, struct yw_scenario *out,
                              struct yw_error *err) {
    struct yw_buf text;
    yw_buf_init(&text, YW_PLANT_SCENARIO_MAX + 1);
    struct yw_error inner;
    enum yw_code code = yw_file_read(path, YW_PLANT_SCENARIO_MAX, &text, err);
    if (!code && (code = yw_scenario_parse(text.data ? text.data : "", text.len, book, out, &inner)))
        yw_fail(err, code, "%s: %s", path, inner.text);
    yw_buf_free(&text);
    return code;
}
