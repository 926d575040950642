/* Commands and station rooms: lines of the acts journal that are no acts, and the events by which workers
 * tell what became of a command. */
#include "pipeline/fold.h"

#include "command/command.h"
#include "command/dialog.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *o, const char *name) {
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

static void take_text(const json_t *o, const char *name, char *to, size_t size) {
    const char *text = text_of(o, name);
    yw_copy(to, size, text, strlen(text));
}

/* A whole number of [0, most]; anything else says nothing. */
static int64_t number_of(const json_t *o, const char *name, int64_t most) {
    int64_t v = json_integer_value(json_object_get(o, name));
    return v >= 0 && v <= most ? v : 0;
}

static uint8_t word_of(const json_t *o, const char *name, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text_of(o, name), words[i]) == 0) return (uint8_t)i;
    }
    return 0;
}

/* ---- lines of the acts journal ---- */

/* Secrets stay shut: the data area is kept as it may be shown. */
static void take_cp(const json_t *o, const struct yw_fold_with *with, struct yw_asked *a) {
    static const char hidden[] = "******";
    char context[YW_SEAL_CONTEXT_MAX], clear[YW_TEXT_SEAL_MAX + 1];
    const char *cp = text_of(o, "cp");
    if (!yw_password_is_sealed(cp)) {
        yw_command_veil(yw_command_by_key(a->key), cp, a->cp, sizeof a->cp);
        return;
    }
    snprintf(context, sizeof context, "command %lld", (long long)a->id);
    bool opened = with->secret && yw_text_open(with->secret, context, cp, clear, sizeof clear, NULL) == YW_OK;
    if (opened)
        yw_command_veil(yw_command_by_key(a->key), clear, a->cp, sizeof a->cp);
    else
        yw_copy(a->cp, sizeof a->cp, hidden, sizeof hidden - 1);
    sodium_memzero(clear, sizeof clear);
}

static enum yw_line fold_command(const json_t *line, const json_t *o, uint32_t version,
                                 const struct yw_fold_with *with, struct yw_asked *a) {
    static const char *const flows[] = {"request", "notice"};
    static const char *const answers[] = {"none", "one", "uploads", "follows"};
    *a = yw_asked_part(number_of(o, "id", INT64_MAX));
    a->cn = (uint16_t)number_of(o, "cn", 9999);
    if (a->id == 0 || a->cn == 0) return YW_LINE_NONE;
    a->device = (uint32_t)number_of(o, "device", UINT32_MAX);
    if (with->reg && a->device != 0) a->outlet = yw_register_outlet_at(with->reg, a->device, version);
    a->version = (uint16_t)number_of(o, "version", UINT16_MAX);
    a->flow = word_of(o, "flow", flows, YW_COUNT(flows));
    a->answer = word_of(o, "answer", answers, YW_COUNT(answers));
    yw_origin_parse(text_of(o, "origin"), &a->origin);
    take_text(o, "qn", a->qn, sizeof a->qn);
    take_text(o, "key", a->key, sizeof a->key);
    take_text(o, "target", a->target, sizeof a->target);
    take_text(line, "by", a->by, sizeof a->by);
    take_text(line, "reason", a->reason, sizeof a->reason);
    a->at = number_of(line, "at", INT64_MAX);
    a->valid_until = number_of(o, "valid_until", INT64_MAX);
    a->from = number_of(o, "from", INT64_MAX);
    a->to = number_of(o, "to", INT64_MAX);
    take_cp(o, with, a);
    return YW_LINE_COMMAND;
}

static void add_field(struct yw_folded *out, const char *factor, const char *field, const char *text,
                      bool number) {
    struct yw_value *v = &out->values[out->row.count];
    hj212_decimal d;
    size_t n = strlen(text);
    if (n == 0) return;
    memset(v, 0, sizeof *v);
    yw_copy(v->factor, sizeof v->factor, factor, strlen(factor));
    yw_copy(v->field, sizeof v->field, field, strlen(field));
    if (number && hj212_parse_decimal(hj212_text(text), &d)) {
        v->mantissa = d.mantissa;
        v->scale = d.scale;
    } else {
        size_t room = out->text_size - out->text_n;
        if (room > YW_TEXT_MAX + 1) room = YW_TEXT_MAX + 1;
        if (room < 2) return;
        char *to = out->text + out->text_n;
        yw_copy(to, room, text, n);
        v->is_text = true;
        v->text = to;
        v->text_n = (uint32_t)strlen(to);
        out->text_n += v->text_n + 1;
    }
    out->row.count++;
}

static enum yw_line fold_station(const json_t *line, const json_t *o, const struct yw_record *record,
                                 struct yw_folded *out) {
    const char *kind = text_of(o, "kind");
    out->text_n = 0;
    out->row = (struct yw_row){.outlet = (uint32_t)number_of(o, "outlet", UINT32_MAX),
                               .kind = YW_KIND_STATION,
                               .time = number_of(o, "time", INT64_MAX),
                               .source = {record->arrival, YW_JOURNAL_ACTS, record->position},
                               .copies = 1,
                               .values = out->values};
    if (out->row.outlet == 0 || kind[0] == 0 || strlen(kind) > YW_FACTOR_MAX) return YW_LINE_NONE;
    add_field(out, kind, "State", text_of(o, "state"), false);
    add_field(out, kind, "Value", text_of(o, "value"), true);
    add_field(out, kind, "Unit", text_of(o, "unit"), false);
    add_field(out, kind, "Text", text_of(o, "text"), false);
    add_field(out, kind, "Source", text_of(o, "source"), false);
    add_field(out, kind, "By", text_of(line, "by"), false);
    return YW_LINE_STATION;
}

enum yw_line yw_fold_line(const struct yw_record *record, uint32_t version, const struct yw_fold_with *with,
                          struct yw_asked *asked, struct yw_folded *out) {
    json_t *line = json_loadb(record->payload, record->length, 0, NULL);
    const json_t *command = json_object_get(line, "command"), *station = json_object_get(line, "station");
    enum yw_line what = YW_LINE_NONE;
    if (json_is_object(command))
        what = fold_command(line, command, version, with, asked);
    else if (json_is_object(station))
        what = fold_station(line, station, record, out);
    json_decref(line);
    return what;
}

/* ---- events ---- */

static enum yw_event fold_step(const json_t *o, const struct yw_source *source, struct yw_asked *a) {
    const char *step = text_of(o, "step");
    if (json_is_integer(json_object_get(o, "qnrtn"))) a->qnrtn = (int16_t)number_of(o, "qnrtn", INT16_MAX);
    a->until = number_of(o, "until", INT64_MAX);
    if (strcmp(step, "sent") == 0) {
        a->sent = a->first = *source;
        a->attempts = (uint16_t)number_of(o, "attempt", UINT16_MAX);
        return YW_EVENT_COMMAND;
    }
    if (strcmp(step, "accepted") == 0) {
        a->accepted = *source;
    } else if (strcmp(step, "answer") == 0) {
        a->answers[0] = *source;
        a->answer_n = 1;
    } else if (strcmp(step, "end") == 0) {
        a->ended = *source;
        yw_outcome_parse(text_of(o, "outcome"), &a->outcome);
        if (json_is_integer(json_object_get(o, "exertn")))
            a->exertn = (int16_t)number_of(o, "exertn", INT16_MAX);
        a->uploads = (uint32_t)number_of(o, "uploads", UINT32_MAX);
    } else {
        return YW_EVENT_NONE;
    }
    return json_is_integer(json_object_get(o, "position")) ? YW_EVENT_PACKET : YW_EVENT_COMMAND;
}

enum yw_event yw_fold_event(const struct yw_record *record, uint16_t journal, struct yw_asked *asked,
                            uint64_t *position) {
    const struct yw_source source = {record->arrival, journal, record->position};
    json_t *o = json_loadb(record->payload, record->length, 0, NULL);
    enum yw_event what = YW_EVENT_NONE;
    if (strcmp(text_of(o, "event"), "start") == 0) what = YW_EVENT_START;
    if (strcmp(text_of(o, "event"), "command") == 0) {
        *asked = yw_asked_part(number_of(o, "id", INT64_MAX));
        asked->device = record->device;
        if (asked->id != 0) what = fold_step(o, &source, asked);
        *position = (uint64_t)number_of(o, "position", INT64_MAX);
    }
    json_decref(o);
    return what;
}

void yw_fold_event_packet(struct yw_asked *asked, const struct yw_record *record, uint16_t journal,
                          const hj212_packet *packet) {
    const struct yw_source source = {record->arrival, journal, record->position};
    if (asked->accepted.arrival != 0) asked->accepted = source;
    if (asked->ended.arrival != 0) asked->ended = source;
    if (asked->answer_n == 0) return;
    asked->answers[0] = source;
    if (packet) yw_fold_text(asked->answer_cp, sizeof asked->answer_cp, packet->cp);
}
