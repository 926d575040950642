/* settings.yaml as pairs of name and value. */
#include <yaml.h>

#include "supervisor/settings.h"

#include <string.h>

struct pair { /* what the parser is about to finish */
    char name[128];
    bool has_name;
};

static enum yw_code scalar(struct pair *p, const char *path, const yaml_event_t *e,
                           enum yw_code (*set)(void *, const char *, const char *, struct yw_error *),
                           void *arg, struct yw_error *err) {
    const char *text = (const char *)e->data.scalar.value;
    size_t n = e->data.scalar.length, line = e->start_mark.line + 1;
    if (strlen(text) != n) return yw_fail(err, YW_E_FORMAT, "%s line %zu: a NUL is no text", path, line);
    if (!p->has_name) {
        if (!yw_copy(p->name, sizeof p->name, text, n)) {
            return yw_fail(err, YW_E_FORMAT, "%s line %zu: a name is too long", path, line);
        }
        p->has_name = true;
        return YW_OK;
    }
    p->has_name = false;
    struct yw_error inner;
    enum yw_code code = set(arg, p->name, text, &inner);
    return code == YW_OK ? YW_OK : yw_fail(err, code, "%s line %zu: %s", path, line, inner.text);
}

enum yw_code settings_yaml(const char *path, const char *text, size_t n,
                           enum yw_code (*set)(void *arg, const char *name, const char *value,
                                               struct yw_error *err),
                           void *arg, struct yw_error *err) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return yw_fail(err, YW_E_NOMEM, "no memory to read %s", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    struct pair pair = {.has_name = false};
    enum yw_code code = YW_OK;
    int depth = 0;
    for (bool more = true; more && code == YW_OK;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            code = yw_fail(err, YW_E_FORMAT, "%s line %zu: %s", path, parser.problem_mark.line + 1,
                           parser.problem != NULL ? parser.problem : "not YAML");
            break;
        }
        if (e.type == YAML_STREAM_END_EVENT) more = false;
        if (e.type == YAML_MAPPING_START_EVENT) depth++;
        if (e.type == YAML_SEQUENCE_START_EVENT || e.type == YAML_ALIAS_EVENT || depth > 1 ||
            (e.type == YAML_SCALAR_EVENT && depth == 0 && e.data.scalar.length > 0)) {
            code = yw_fail(err, YW_E_FORMAT, "%s line %zu: settings are lines of `name: value`", path,
                           e.start_mark.line + 1);
        } else if (e.type == YAML_SCALAR_EVENT && depth == 1) {
            code = scalar(&pair, path, &e, set, arg, err);
        }
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    return code;
}
