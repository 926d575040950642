/* effects_parse: share/plant/effects.yaml into the book. */
#include <string.h>

#include "plant/station/effect.h"
#include "plant/station/station.h"
#include "plant/yaml_table.h"

enum { FILE_MAX = 512 << 10 };

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)

static const char *const places[YW_PLACE_COUNT] = {"source",   "duct",   "probe",     "line",
                                                   "analyser", "signal", "parameter", "das",
                                                   "mark",     "upload", "check",     "paper"};
static const char *const deeds[YW_DO_COUNT] = {
    [YW_DO_SET_INPUT] = "input",
    [YW_DO_MIX] = "mix",
    [YW_DO_REMOVE] = "remove",
    [YW_DO_SLOW] = "slow",
    [YW_DO_DELAY] = "delay",
    [YW_DO_SCALE] = "scale",
    [YW_DO_ADD] = "add",
    [YW_DO_NOISE] = "noise",
    [YW_DO_HOLD] = "hold",
    [YW_DO_BOTTLE] = "bottle",
    [YW_DO_CLIP] = "clip",
    [YW_DO_INVENT] = "invent",
    [YW_DO_REPLAY] = "replay",
    [YW_DO_COPY] = "copy",
    [YW_DO_SMOOTH] = "smooth",
    [YW_DO_DRIFT] = "drift",
    [YW_DO_PULSE] = "pulse",
    [YW_DO_PARAMETER] = "parameter",
    [YW_DO_MARK] = "mark",
    [YW_DO_DROP] = "drop",
    [YW_DO_LATE] = "late",
    [YW_DO_CLOCK] = "clock",
    [YW_DO_TWICE] = "twice",
    [YW_DO_FALSE_GAS] = "false_gas",
    [YW_DO_FALSE_CHECK] = "false_check",
    [YW_DO_NO_LOG] = "no_log",
    [YW_DO_DOOR] = "door",
    [YW_DO_CONDITION] = "condition",
    [YW_DO_EVIDENCE] = "evidence",
};
static const char *const conditions[YW_CONDITION_COUNT] = {
    "line_temp", "cooler_temp", "sample_flow", "room_temp", "digest_temp",
    "water",     "flame",       "reagent",     "lamp",      "power"};
static const char *const figures[YW_OF_COUNT] = {"unit", "range", "limit", "standard"};
static const char *const mixed[YW_MIX_COUNT] = {"air", "nitrogen", "tap", "river"};
static const char *const triggers[] = {"always",        "night",   "above",   "inspection",
                                       "no_inspection", "weekend", "sampling"};
static const char *const applies_to[] = {"gas", "water", "both", "ambient"};
static const char *const degrees[] = {"S", "K", "V", "D"};

/* Names for several quantities at once. */
static const struct {
    const char *name;
    enum yw_quantity first, last;
} groups[] = {
    {"gases", YW_Q_SO2, YW_Q_CO},           {"gases", YW_Q_HCL, YW_Q_TOLUENE},
    {"pollutants", YW_Q_SO2, YW_Q_TOLUENE}, {"furnaces", YW_Q_FURNACE1, YW_Q_FURNACE},
    {"batch", YW_Q_COD, YW_Q_TP},           {"immersed", YW_Q_PH, YW_Q_WATER_TEMP},
    {"water", YW_Q_COD, YW_Q_WATER_TEMP},   {"water", YW_Q_TOC, YW_Q_CHLORINE},
};

/* A file's line as the table reader fills it. */
struct deed_line {
    char at[12], what[16], medium[12], mark[4], source[16], parameter[16], condition[16], of[12], input[24];
    double a, b, c;
};
static const struct yw_yaml_key deed_keys[] = {
    {"at", YW_YAML_TEXT, AT(deed_line, at), 0, 0, true, NULL, 0},
    {"do", YW_YAML_TEXT, AT(deed_line, what), 0, 0, true, NULL, 0},
    {"on", YW_YAML_OTHER, 0, 0, 0, 0, false, NULL, 0},
    {"medium", YW_YAML_TEXT, AT(deed_line, medium), 0, 0, false, NULL, 0},
    {"mark", YW_YAML_TEXT, AT(deed_line, mark), 0, 0, false, NULL, 0},
    {"source", YW_YAML_TEXT, AT(deed_line, source), 0, 0, false, NULL, 0},
    {"parameter", YW_YAML_TEXT, AT(deed_line, parameter), 0, 0, false, NULL, 0},
    {"condition", YW_YAML_TEXT, AT(deed_line, condition), 0, 0, false, NULL, 0},
    {"of", YW_YAML_TEXT, AT(deed_line, of), 0, 0, false, NULL, 0},
    {"input", YW_YAML_TEXT, AT(deed_line, input), 0, 0, false, NULL, 0},
    {"a", YW_YAML_NUMBER, AT(deed_line, a), -1e6, 1e6, false, NULL, 0},
    {"b", YW_YAML_NUMBER, AT(deed_line, b), -1e6, 1e6, false, NULL, 0},
    {"c", YW_YAML_NUMBER, AT(deed_line, c), -1e6, 1e6, false, NULL, 0},
};

/* Two languages beside each other: [2][size] of the effect. */
struct text2_name {
    char text[2][80];
};
struct text2 {
    char text[2][320];
};
#define TEXTS(shape)                                                                                         \
    {                                                                                                        \
        {"zh",                                                                                               \
         YW_YAML_TEXT,                                                                                       \
         offsetof(struct shape, text[0]),                                                                    \
         sizeof(((struct shape *)0)->text[0]),                                                               \
         0,                                                                                                  \
         0,                                                                                                  \
         true,                                                                                               \
         NULL,                                                                                               \
         0},                                                                                                 \
        {                                                                                                    \
            "en", YW_YAML_TEXT, offsetof(struct shape, text[1]), sizeof(((struct shape *)0)->text[0]), 0, 0, \
                true, NULL, 0                                                                                \
        }                                                                                                    \
    }
static const struct yw_yaml_key name_keys[] = TEXTS(text2_name), text_keys[] = TEXTS(text2);

struct trigger_line {
    char when[16];
    double a, b;
};
static const struct yw_yaml_key trigger_keys[] = {
    {"when", YW_YAML_TEXT, AT(trigger_line, when), 0, 0, true, NULL, 0},
    {"a", YW_YAML_NUMBER, AT(trigger_line, a), 0, 1e6, false, NULL, 0},
    {"b", YW_YAML_NUMBER, AT(trigger_line, b), 0, 1e6, false, NULL, 0},
};

struct effect_line {
    struct yw_effect e;
    char kind[8];
    struct trigger_line trigger;
};
#define TEXT_PAIR(key, member)                                                                               \
    { key, YW_YAML_MAP, offsetof(struct effect_line, e.member), 0, 0, 0, true, text_keys, 2 }
static const struct yw_yaml_key effect_keys[] = {
    {"id", YW_YAML_TEXT, AT(effect_line, e.id), 0, 0, true, NULL, 0},
    {"kind", YW_YAML_TEXT, AT(effect_line, kind), 0, 0, true, NULL, 0},
    {"name", YW_YAML_MAP, offsetof(struct effect_line, e.name), 0, 0, 0, true, name_keys, 2},
    {"applies", YW_YAML_TEXT, AT(effect_line, e.applies), 0, 0, true, NULL, 0},
    {"trigger", YW_YAML_MAP, offsetof(struct effect_line, trigger), 0, 0, 0, false, trigger_keys, 3},
    TEXT_PAIR("signature", signature),
    TEXT_PAIR("evidence", evidence),
    TEXT_PAIR("alike", alike),
    {"source", YW_YAML_TEXT, AT(effect_line, e.source), 0, 0, true, NULL, 0},
    {"edition", YW_YAML_TEXT, AT(effect_line, e.edition), 0, 0, true, NULL, 0},
    {"confidence", YW_YAML_TEXT, AT(effect_line, e.confidence), 0, 0, true, NULL, 0},
    {"deeds", YW_YAML_OTHER, 0, 0, 0, 0, true, NULL, 0},
};

/* Index of a word in a list; n: it is not there. */
static unsigned find_word(const char *const *words, size_t n, const char *word) {
    unsigned i = 0;
    while (i < n && strcmp(words[i], word) != 0) i++;
    return i;
}

static enum yw_code read_word(size_t line, const char *key, const char *const *words, size_t n,
                              const char *word, unsigned *out, struct yw_error *err) {
    *out = find_word(words, n, word);
    if (*out < n) return YW_OK;
    struct yw_buf list;
    yw_buf_init(&list, 220);
    for (size_t i = 0; i < n; i++) yw_buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
    enum yw_code code = yw_fail(err, YW_E_FORMAT, "line %zu: %s is not `%s`; take one of %s", line, key, word,
                                list.data ? list.data : "the list");
    yw_buf_free(&list);
    return code;
}

static void set_bit(uint64_t bits[2], enum yw_quantity q) {
    bits[q / 64] |= (uint64_t)1 << (q % 64);
}

static bool add_quantities(const char *name, size_t n, uint64_t bits[2]) {
    enum yw_quantity q = yw_quantity_find(name, n);
    if (q < YW_Q_COUNT) {
        set_bit(bits, q);
        return true;
    }
    bool found = false;
    for (size_t i = 0; i < YW_COUNT(groups); i++) {
        if (strlen(groups[i].name) != n || memcmp(groups[i].name, name, n) != 0) continue;
        for (unsigned k = groups[i].first; k <= (unsigned)groups[i].last; k++)
            set_bit(bits, (enum yw_quantity)k);
        found = true;
    }
    return found;
}

static enum yw_code read_on(yaml_document_t *doc, yaml_node_t *node, uint64_t bits[2], struct yw_error *err) {
    if (node->type != YAML_SEQUENCE_NODE)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `on` must be a list of quantities", yw_yaml_line(node));
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
        yaml_node_t *item = yaml_document_get_node(doc, *i);
        if (item->type != YAML_SCALAR_NODE ||
            !add_quantities((const char *)item->data.scalar.value, item->data.scalar.length, bits))
            return yw_fail(
                err, YW_E_FORMAT,
                "line %zu: `%.40s` is no quantity and no group of them (gases, pollutants, furnaces, batch, "
                "immersed, water)",
                yw_yaml_line(item),
                item->type == YAML_SCALAR_NODE ? (const char *)item->data.scalar.value : "this");
    }
    return YW_OK;
}

static unsigned parameter_number(const char *name) {
    unsigned i = 0;
    while (i < YW_PARAMETER_COUNT && strcmp(yw_station_parameter_name((enum yw_parameter)i), name) != 0) i++;
    return i;
}

/* What a deed needs beside its figures. */
static enum yw_code complete(const struct deed_line *l, size_t line, struct yw_effect_deed *d,
                             struct yw_error *err) {
    unsigned i = 0;
    enum yw_code code = YW_OK;
    if (l->medium[0] || d->what == YW_DO_MIX)
        code = read_word(line, "medium", mixed, YW_MIX_COUNT, l->medium, &i, err);
    d->medium = (uint8_t)i;
    if (!code && (l->condition[0] || d->what == YW_DO_CONDITION)) {
        code = read_word(line, "condition", conditions, YW_CONDITION_COUNT, l->condition, &i, err);
        d->condition = (uint8_t)i;
    }
    if (!code && l->of[0]) {
        code = read_word(line, "of", figures, YW_OF_COUNT, l->of, &i, err);
        d->of = (uint8_t)i;
    }
    if (code) return code;
    d->parameter = (uint8_t)parameter_number(l->parameter);
    if (d->what == YW_DO_PARAMETER && d->parameter >= YW_PARAMETER_COUNT)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` is no parameter; see docs/station.md", line,
                       l->parameter);
    for (i = 0; i < YW_MARK_COUNT && strcmp(l->mark, yw_mark_text((enum yw_mark)i)) != 0; i++) continue;
    d->mark = (uint8_t)i;
    if (d->what == YW_DO_MARK && i >= YW_MARK_COUNT)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` is no data mark", line, l->mark);
    d->source = yw_quantity_find(l->source, strlen(l->source));
    if (d->what == YW_DO_COPY && d->source >= YW_Q_COUNT)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `source` must name the quantity that is copied", line);
    if (d->what == YW_DO_SET_INPUT && !l->input[0])
        return yw_fail(err, YW_E_FORMAT, "line %zu: `input` must name the input that is set", line);
    if (d->what == YW_DO_PULSE && !(d->a > 0 && d->b > d->a))
        return yw_fail(err, YW_E_RANGE, "line %zu: a pulse acts a of each b seconds, 0 < a < b", line);
    memcpy(d->input, l->input, sizeof d->input);
    return YW_OK;
}

/* Where a deed makes sense: a wrong place would silently do nothing. */
static bool fits(enum yw_place place, enum yw_deed_what what) {
    static const uint32_t stream = 1u << YW_AT_DUCT | 1u << YW_AT_PROBE | 1u << YW_AT_LINE;
    static const uint32_t value = 1u << YW_AT_ANALYSER | 1u << YW_AT_SIGNAL | 1u << YW_AT_DAS;
    uint32_t ok = 0;
    switch (what) {
    case YW_DO_SET_INPUT:
        ok = 1u << YW_AT_SOURCE;
        break;
    case YW_DO_MIX:
        ok = stream;
        break;
    case YW_DO_SLOW:
    case YW_DO_DELAY:
        ok = 1u << YW_AT_PROBE | 1u << YW_AT_LINE | 1u << YW_AT_ANALYSER;
        break;
    case YW_DO_REMOVE:
    case YW_DO_SCALE:
    case YW_DO_ADD:
    case YW_DO_BOTTLE:
        ok = stream | value;
        break;
    case YW_DO_NOISE:
    case YW_DO_DRIFT:
        ok = 1u << YW_AT_ANALYSER;
        break;
    case YW_DO_HOLD:
        ok = value | 1u << YW_AT_PROBE | 1u << YW_AT_LINE;
        break;
    case YW_DO_CLIP:
    case YW_DO_INVENT:
    case YW_DO_REPLAY:
    case YW_DO_COPY:
    case YW_DO_SMOOTH:
        ok = value;
        break;
    case YW_DO_PULSE:
        ok = UINT32_MAX;
        break;
    case YW_DO_PARAMETER:
        ok = 1u << YW_AT_PARAMETER;
        break;
    case YW_DO_MARK:
        ok = 1u << YW_AT_MARK;
        break;
    case YW_DO_DROP:
    case YW_DO_LATE:
    case YW_DO_CLOCK:
    case YW_DO_TWICE:
        ok = 1u << YW_AT_UPLOAD;
        break;
    case YW_DO_FALSE_GAS:
    case YW_DO_FALSE_CHECK:
        ok = 1u << YW_AT_CHECK;
        break;
    case YW_DO_NO_LOG:
    case YW_DO_DOOR:
    case YW_DO_EVIDENCE:
        ok = 1u << YW_AT_PAPER;
        break;
    case YW_DO_CONDITION:
        ok = 1u << YW_AT_LINE | 1u << YW_AT_ANALYSER;
        break;
    case YW_DO_COUNT:
        break;
    }
    return (ok >> place & 1) != 0;
}

static enum yw_code read_deed(yaml_document_t *doc, yaml_node_t *node, struct yw_effect_deed *d,
                              struct yw_error *err) {
    struct deed_line l = {.a = 0};
    enum yw_code code = yw_yaml_map(doc, node, deed_keys, YW_COUNT(deed_keys), &l, err);
    if (code) return code;
    size_t line = yw_yaml_line(node);
    unsigned place = 0, what = 0;
    code = read_word(line, "at", places, YW_PLACE_COUNT, l.at, &place, err);
    if (!code) code = read_word(line, "do", deeds, YW_DO_COUNT, l.what, &what, err);
    if (code) return code;
    *d = (struct yw_effect_deed){
        .place = (enum yw_place)place, .what = (enum yw_deed_what)what, .a = l.a, .b = l.b, .c = l.c};
    if (!fits(d->place, d->what))
        return yw_fail(err, YW_E_FORMAT, "line %zu: `%s` cannot happen at `%s`; see docs/faults.md", line,
                       l.what, l.at);
    yaml_node_t *on = yw_yaml_get(doc, node, "on");
    if (on) code = read_on(doc, on, d->quantities, err);
    return code ? code : complete(&l, line, d, err);
}

static enum yw_code read_trigger(const struct trigger_line *l, size_t line, struct yw_trigger *t,
                                 struct yw_error *err) {
    unsigned kind = YW_WHEN_ALWAYS;
    if (l->when[0]) {
        enum yw_code code = read_word(line, "when", triggers, YW_COUNT(triggers), l->when, &kind, err);
        if (code) return code;
    }
    *t = (struct yw_trigger){.kind = (uint8_t)kind, .a = l->a, .b = l->b};
    if (kind == YW_WHEN_NIGHT && (l->a > 24 || l->b > 24))
        return yw_fail(err, YW_E_RANGE, "line %zu: a night goes from hour a to hour b, 0 to 24", line);
    if (kind == YW_WHEN_ABOVE && !(l->a > 0 && l->b > 0 && l->b <= l->a))
        return yw_fail(err, YW_E_RANGE, "line %zu: above a times the limit, until below b: 0 < b <= a", line);
    return YW_OK;
}

static enum yw_code read_effect(yaml_document_t *doc, yaml_node_t *node, struct yw_effect *e,
                                struct yw_error *err) {
    struct effect_line l;
    memset(&l, 0, sizeof l);
    enum yw_code code = yw_yaml_map(doc, node, effect_keys, YW_COUNT(effect_keys), &l, err);
    if (code) return code;
    size_t line = yw_yaml_line(node);
    unsigned word = 0;
    static const char *const kinds[] = {"fault", "fraud"};
    code = read_word(line, "kind", kinds, 2, l.kind, &word, err);
    l.e.fraud = word == 1;
    if (!code) code = read_word(line, "applies", applies_to, YW_COUNT(applies_to), l.e.applies, &word, err);
    if (!code) code = read_word(line, "confidence", degrees, YW_COUNT(degrees), l.e.confidence, &word, err);
    if (!code) code = read_trigger(&l.trigger, line, &l.e.trigger, err);
    if (code) return code;
    yaml_node_t *list = yw_yaml_get(doc, node, "deeds");
    if (list->type != YAML_SEQUENCE_NODE || list->data.sequence.items.start == list->data.sequence.items.top)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `deeds` must be a list with something in it",
                       yw_yaml_line(list));
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        yaml_node_t *item = yaml_document_get_node(doc, *i);
        if (l.e.deed_n >= YW_DEEDS_PER_EFFECT)
            return yw_fail(err, YW_E_LIMIT, "line %zu: more than %d deeds; make two effects of it",
                           yw_yaml_line(item), YW_DEEDS_PER_EFFECT);
        code = read_deed(doc, item, &l.e.deeds[l.e.deed_n++], err);
        if (code) return code;
    }
    *e = l.e;
    return YW_OK;
}

static enum yw_code read_book(yaml_document_t *doc, struct yw_effect_book *out, struct yw_error *err) {
    yaml_node_t *root = yaml_document_get_root_node(doc);
    static const struct yw_yaml_key keys[] = {{"effects", YW_YAML_OTHER, 0, 0, 0, 0, true, NULL, 0}};
    enum yw_code code = yw_yaml_map(doc, root, keys, 1, NULL, err);
    if (code) return code;
    yaml_node_t *list = yw_yaml_get(doc, root, "effects");
    if (list->type != YAML_SEQUENCE_NODE)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `effects` must be a list", yw_yaml_line(list));
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        yaml_node_t *item = yaml_document_get_node(doc, *i);
        if (out->n >= YW_EFFECTS_MAX)
            return yw_fail(err, YW_E_LIMIT, "line %zu: more than %d effects", yw_yaml_line(item),
                           YW_EFFECTS_MAX);
        struct yw_effect *e = &out->items[out->n];
        code = read_effect(doc, item, e, err);
        if (code) return code;
        if (yw_effect_find(out, e->id, strlen(e->id)))
            return yw_fail(err, YW_E_EXISTS, "line %zu: `%s` stands twice", yw_yaml_line(item), e->id);
        out->n++;
    }
    return YW_OK;
}

enum yw_code yw_effects_parse(const char *text, size_t n, struct yw_effect_book *out, struct yw_error *err) {
    memset(out, 0, sizeof *out);
    yaml_document_t doc;
    enum yw_code code = yw_yaml_load(text, n, FILE_MAX, &doc, err);
    if (code) return code;
    code = read_book(&doc, out, err);
    yaml_document_delete(&doc);
    if (code) out->n = 0;
    return code;
}

const struct yw_effect *yw_effect_find(const struct yw_effect_book *b, const char *id, size_t n) {
    for (size_t i = 0; i < b->n; i++)
        if (strlen(b->items[i].id) == n && memcmp(b->items[i].id, id, n) == 0) return &b->items[i];
    return NULL;
}
