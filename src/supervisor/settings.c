/* The table of settings: defaults, file, command line. */
#include "supervisor/settings.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4000 }; /* a path, and what fits onto a child's command line */

struct row {
    const char *name;
    enum setting_scope scope;
    enum yw_opt_kind kind;
    const char *preset, *hint, *help;
};

static const struct row table[SETTING_COUNT] = {
#define X(id, name, scope, kind, preset, hint, help)                                                         \
    [SETTING_##id] = {name, SCOPE_##scope, YW_OPT_##kind, preset, hint, help},
    SETTING_TABLE(X)
#undef X
};

const char *settings_name(enum setting_id id) {
    return table[id].name;
}

enum setting_scope settings_scope(enum setting_id id) {
    return table[id].scope;
}

uint32_t settings_u32(const struct settings *s, enum setting_id id) {
    uint32_t v = 0;
    yw_parse_u32(s->value[id], strlen(s->value[id]), UINT32_MAX, &v);
    return v;
}

static enum yw_code check(const struct row *r, const char *value, struct yw_error *err) {
    uint32_t number;
    uint64_t size;
    int64_t seconds;
    switch (r->kind) {
    case YW_OPT_U32:
        if (yw_parse_u32(value, strlen(value), UINT32_MAX, &number)) return YW_OK;
        return yw_fail(err, YW_E_USAGE, "%s takes a whole number, not '%s'", r->name, value);
    case YW_OPT_SIZE:
        if (yw_parse_size(value, &size)) return YW_OK;
        return yw_fail(err, YW_E_USAGE, "%s takes a size such as 64K or 4M, not '%s'", r->name, value);
    case YW_OPT_SECONDS:
        if (yw_parse_duration_s(value, &seconds)) return YW_OK;
        return yw_fail(err, YW_E_USAGE, "%s takes a duration such as 30s or 10m, not '%s'", r->name, value);
    case YW_OPT_TEXT:
        if (strlen(value) <= TEXT_MAX) return YW_OK;
        return yw_fail(err, YW_E_USAGE, "%s is longer than %d bytes", r->name, TEXT_MAX);
    case YW_OPT_FLAG:
    case YW_OPT_TIME:
        break;
    }
    return YW_OK;
}

static enum yw_code set_from_file(void *arg, const char *name, const char *value, struct yw_error *err) {
    struct settings *s = arg;
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(table[i].name, name) != 0) continue;
        if (table[i].scope == SCOPE_COMMAND || table[i].scope == SCOPE_FLAG) {
            return yw_fail(err, YW_E_USAGE, "%s can be said on the command line alone", name);
        }
        s->value[i] = yw_arena_text(s->texts, value, strlen(value));
        return s->value[i] != NULL ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for settings");
    }
    return yw_fail(err, YW_E_USAGE, "there is no setting '%s' (yanwu serve --print-settings names them all)",
                   name);
}

static enum yw_code read_file(struct settings *s, const char *data, struct yw_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/settings.yaml", data) >= (int)sizeof path) {
        return yw_fail(err, YW_E_LIMIT, "the name of the data folder is too long");
    }
    struct yw_buf text;
    yw_buf_init(&text, 64 << 10);
    enum yw_code code = yw_file_read(path, 64 << 10, &text, err);
    if (code == YW_E_NOT_FOUND) {
        code = YW_OK;
    } else if (code == YW_OK) {
        code = settings_yaml(path, text.data, text.len, set_from_file, s, err);
    }
    yw_buf_free(&text);
    return code;
}

static enum yw_code read_command(int argc, char **argv, const char **value, bool *flag) {
    struct yw_opt opts[SETTING_COUNT];
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct row *r = &table[i];
        bool is_flag = r->scope == SCOPE_FLAG;
        void *target = is_flag ? (void *)&flag[i] : (void *)&value[i];
        opts[i] = (struct yw_opt){r->name, is_flag ? YW_OPT_FLAG : YW_OPT_TEXT, target, r->hint, r->help};
    }
    const struct yw_command cmd = {
        .name = "yanwu serve",
        .usage = "--data DIR [OPTION...]",
        .summary = "Runs the platform: gateways for devices, the pipeline and the web pages.",
        .more = "What is not said here is read from DIR/settings.yaml, where every option but --data, --only "
                "and\n"
                "--print-settings may stand as `name: value`. Ends on SIGTERM, after everything received is "
                "kept.",
        .opts = opts,
        .opt_count = SETTING_COUNT};
    int count;
    return yw_options(&cmd, argc, argv, &count);
}

enum yw_code settings_load(int argc, char **argv, struct settings *out, struct yw_error *err) {
    *out = (struct settings){0};
    const char *said[SETTING_COUNT] = {0};
    enum yw_code code = read_command(argc, argv, said, out->flag);
    if (code != YW_OK) return yw_fail(err, code, "%s", "");
    out->texts = yw_arena_create(256 << 10);
    if (out->texts == NULL) return yw_fail(err, YW_E_NOMEM, "no memory for settings");
    for (int i = 0; i < SETTING_COUNT; i++) out->value[i] = table[i].preset;
    if (said[SETTING_DATA] != NULL) {
        code = read_file(out, said[SETTING_DATA], err);
        if (code != YW_OK) return code;
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (said[i] != NULL) out->value[i] = said[i];
        code = check(&table[i], out->value[i], err);
        if (code != YW_OK) return code;
    }
    return YW_OK;
}

void settings_free(struct settings *s) {
    if (s->texts != NULL) yw_arena_destroy(s->texts);
    *s = (struct settings){0};
}

void settings_print(const struct settings *s, FILE *to) {
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (table[i].scope == SCOPE_COMMAND || table[i].scope == SCOPE_FLAG) continue;
        fprintf(to, "# %s\n%s: \"%s\"\n", table[i].help, table[i].name, s->value[i]);
    }
}
