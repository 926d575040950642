/* Overlays: YAML of two levels, read event by event. */
#include "web/overlay.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct reading {
    struct yw_overlay *to;
    const char *where;
    char section[32]; /* "aliases" while inside it, "" at the top */
    char name[YW_OVERLAY_TEXT];
    bool has_name;
};

static enum yw_code complain(const struct reading *r, const yaml_event_t *e, struct yw_error *err,
                             const char *what) {
    return yw_fail(err, YW_E_FORMAT, "%s line %zu: %s", r->where, e->start_mark.line + 1, what);
}

static enum yw_code top(struct reading *r, const yaml_event_t *e, const char *text, struct yw_error *err) {
    struct yw_overlay *o = r->to;
    struct {
        const char *name;
        char *to;
        size_t size;
    } members[] = {{"name", o->name, sizeof o->name},
                   {"title_zh", o->title_zh, sizeof o->title_zh},
                   {"title_en", o->title_en, sizeof o->title_en},
                   {"source", o->source, sizeof o->source},
                   {"confidence", o->confidence, sizeof o->confidence}};
    for (size_t i = 0; i < YW_COUNT(members); i++) {
        if (strcmp(members[i].name, r->name) != 0) continue;
        if (yw_copy(members[i].to, members[i].size, text, strlen(text))) return YW_OK;
        return complain(r, e, err, "this text is too long");
    }
    return complain(r, e, err,
                    "known are name, title_zh, title_en, source, confidence, aliases, fields, commands");
}

static bool is_code(const char *text, size_t most) {
    size_t n = strlen(text);
    return n > 0 && n < most &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._") == n;
}

/* "中文 / English" */
static void split_word(struct yw_overlay_word *w, const char *text) {
    const char *slash = strstr(text, " / ");
    size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
    (void)yw_copy(w->zh, sizeof w->zh, text, n);
    const char *en = slash != NULL ? slash + 3 : text;
    (void)yw_copy(w->en, sizeof w->en, en, strlen(en));
}

static enum yw_code inside(struct reading *r, const yaml_event_t *e, const char *text, struct yw_error *err) {
    struct yw_overlay *o = r->to;
    if (strcmp(r->section, "aliases") == 0) {
        if (!is_code(r->name, YW_ALIAS_FROM) || !is_code(text, YW_ALIAS_TO))
            return complain(r, e, err, "an alias is a short name and the code it stands for");
        if (o->alias_n == YW_ALIASES_MAX) return complain(r, e, err, "more than 64 aliases");
        struct yw_alias *a = &o->aliases[o->alias_n++];
        (void)yw_copy(a->from, sizeof a->from, r->name, strlen(r->name));
        (void)yw_copy(a->to, sizeof a->to, text, strlen(text));
        return YW_OK;
    }
    bool fields = strcmp(r->section, "fields") == 0;
    size_t *n = fields ? &o->field_n : &o->command_n;
    struct yw_overlay_word *w = fields ? o->fields : o->commands;
    if (!is_code(r->name, sizeof w->name)) return complain(r, e, err, "this is not a name");
    if (*n == YW_COUNT(o->fields)) return complain(r, e, err, "more than 64 names");
    (void)yw_copy(w[*n].name, sizeof w->name, r->name, strlen(r->name));
    split_word(&w[(*n)++], text);
    return YW_OK;
}

static enum yw_code scalar(struct reading *r, const yaml_event_t *e, int depth, struct yw_error *err) {
    const char *text = (const char *)e->data.scalar.value;
    if (strlen(text) != e->data.scalar.length || !yw_utf8_valid(text, strlen(text)))
        return complain(r, e, err, "this is not UTF-8 text");
    if (!r->has_name) {
        r->has_name = true;
        return yw_copy(r->name, sizeof r->name, text, strlen(text))
                   ? YW_OK
                   : complain(r, e, err, "a name is too long");
    }
    r->has_name = false;
    return depth == 1 ? top(r, e, text, err) : inside(r, e, text, err);
}

static enum yw_code open_section(struct reading *r, const yaml_event_t *e, int depth, struct yw_error *err) {
    static const char *const sections[] = {"aliases", "fields", "commands"};
    if (depth == 1) return YW_OK;
    for (size_t i = 0; depth == 2 && r->has_name && i < YW_COUNT(sections); i++) {
        if (strcmp(sections[i], r->name) != 0) continue;
        (void)yw_copy(r->section, sizeof r->section, r->name, strlen(r->name));
        r->has_name = false;
        return YW_OK;
    }
    return complain(r, e, err, "only aliases, fields and commands hold further lines");
}

static enum yw_code one_event(struct reading *r, const yaml_event_t *e, int *depth, struct yw_error *err) {
    switch (e->type) {
    case YAML_MAPPING_START_EVENT:
        return open_section(r, e, ++*depth, err);
    case YAML_MAPPING_END_EVENT:
        if (--*depth == 1) r->section[0] = '\0';
        return YW_OK;
    case YAML_SCALAR_EVENT:
        if (*depth > 0) return scalar(r, e, *depth, err);
        return e->data.scalar.length == 0 ? YW_OK
                                          : complain(r, e, err, "an overlay is lines of `name: value`");
    case YAML_SEQUENCE_START_EVENT:
    case YAML_ALIAS_EVENT:
        return complain(r, e, err, "an overlay is lines of `name: value`");
    default:
        return YW_OK;
    }
}

enum yw_code yw_overlay_read(const char *where, const char *text, size_t n, struct yw_overlay *out,
                             struct yw_error *err) {
    yaml_parser_t parser;
    memset(out, 0, sizeof *out);
    if (n > YW_OVERLAY_BYTES_MAX) return yw_fail(err, YW_E_LIMIT, "%s is larger than 64 KiB", where);
    if (!yaml_parser_initialize(&parser)) return yw_fail(err, YW_E_NOMEM, "no memory to read %s", where);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    struct reading r = {.to = out, .where = where};
    enum yw_code code = YW_OK;
    int depth = 0;
    for (bool more = true; more && code == YW_OK;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            code = yw_fail(err, YW_E_FORMAT, "%s line %zu: %s", where, parser.problem_mark.line + 1,
                           parser.problem != NULL ? parser.problem : "not YAML");
            break;
        }
        more = e.type != YAML_STREAM_END_EVENT;
        code = one_event(&r, &e, &depth, err);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    if (code == YW_OK && (out->name[0] == '\0' || out->source[0] == '\0' || out->confidence[0] == '\0'))
        code = yw_fail(err, YW_E_FORMAT, "%s: name, source and confidence must be there", where);
    return code;
}

static bool name_is_plain(const char *name) {
    size_t n = strlen(name);
    return n > 0 && n < 32 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

enum yw_code yw_overlay_load(const char *name, struct yw_overlay *out, struct yw_error *err) {
    char relative[80], path[4096];
    if (!name_is_plain(name)) return yw_fail(err, YW_E_NOT_FOUND, "overlay: there is no '%s'", name);
    snprintf(relative, sizeof relative, "hj212/overlays/%s.yaml", name);
    if (yw_share_path(relative, path, sizeof path, NULL) != YW_OK)
        return yw_fail(err, YW_E_NOT_FOUND, "overlay: there is no '%s' in share/hj212/overlays", name);
    struct yw_buf file;
    yw_buf_init(&file, YW_OVERLAY_BYTES_MAX);
    enum yw_code code = yw_file_read(path, YW_OVERLAY_BYTES_MAX, &file, err);
    if (code == YW_OK)
        code = yw_overlay_read(relative, file.data != NULL ? file.data : "", file.len, out, err);
    if (code == YW_OK && strcmp(out->name, name) != 0)
        code = yw_fail(err, YW_E_FORMAT, "%s: its name is '%s'", relative, out->name);
    yw_buf_free(&file);
    return code;
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

size_t yw_overlay_names(char names[][32], size_t max) {
    char path[4096];
    size_t n = 0;
    if (yw_share_path("hj212/overlays", path, sizeof path, NULL) != YW_OK) return 0;
    DIR *d = opendir(path);
    const struct dirent *e;
    while (d != NULL && n < max && (e = readdir(d)) != NULL) {
        size_t length = strlen(e->d_name);
        if (length < 6 || length - 5 >= 32 || strcmp(e->d_name + length - 5, ".yaml") != 0) continue;
        (void)yw_copy(names[n], 32, e->d_name, length - 5);
        n += name_is_plain(names[n]);
    }
    if (d != NULL) closedir(d);
    qsort(names, n, 32, by_name);
    return n;
}
