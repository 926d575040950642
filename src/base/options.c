/* One table of options feeds the parser and --help. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

static void print_help(const struct yw_command *cmd) {
    printf("usage: %s %s\n\n%s\n", cmd->name, cmd->usage, cmd->summary);
    if (cmd->opt_count) printf("\noptions:\n");
    for (size_t i = 0; i < cmd->opt_count; i++) {
        const struct yw_opt *o = &cmd->opts[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->hint ? " " : "", o->hint ? o->hint : "");
        printf("  %-28s %s\n", left, o->help);
    }
    printf("  %-28s %s\n", "--help", "this text");
    if (cmd->more) printf("\n%s\n", cmd->more);
}

static bool set_value(const struct yw_opt *o, const char *value) {
    size_t n = strlen(value);
    switch (o->kind) {
    case YW_OPT_FLAG:
        return false;
    case YW_OPT_TEXT:
        *(const char **)o->target = value;
        return true;
    case YW_OPT_U32:
        return yw_parse_u32(value, n, UINT32_MAX, o->target);
    case YW_OPT_SIZE:
        return yw_parse_size(value, o->target);
    case YW_OPT_SECONDS:
        return yw_parse_duration_s(value, o->target);
    case YW_OPT_TIME:
        return yw_time_parse(value, n, o->target);
    }
    return false;
}

static const char *form_of(enum yw_opt_kind kind) {
    static const char *const forms[] = {
        "",
        "a text",
        "a whole number",
        "a size such as 64K or 4M",
        "a duration such as 30s, 5m or 2h",
        "a time such as 2026-11-23T08:00 (Beijing time) or 20261123080000",
    };
    return forms[kind];
}

static const struct yw_opt *find_option(const struct yw_command *cmd, const char *name, size_t n) {
    for (size_t i = 0; i < cmd->opt_count; i++)
        if (strlen(cmd->opts[i].name) == n && memcmp(cmd->opts[i].name, name, n) == 0) return &cmd->opts[i];
    return NULL;
}

static enum yw_code wrong(const struct yw_command *cmd) {
    fprintf(stderr, "usage: %s %s\nSee %s --help.\n", cmd->name, cmd->usage, cmd->name);
    return YW_E_USAGE;
}

/* Handles the option at argv[*i], moving *i over its value. */
static enum yw_code take_option(const struct yw_command *cmd, int argc, char **argv, int *i) {
    const char *name = argv[*i] + 2, *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    if (n == 4 && memcmp(name, "help", 4) == 0) {
        print_help(cmd);
        exit(0);
    }
    const struct yw_opt *o = find_option(cmd, name, n);
    if (!o) {
        fprintf(stderr, "%s: there is no option --%.*s\n", cmd->name, (int)n, name);
        return wrong(cmd);
    }
    if (o->kind == YW_OPT_FLAG) {
        if (equals) {
            fprintf(stderr, "%s: --%s takes no value\n", cmd->name, o->name);
            return wrong(cmd);
        }
        *(bool *)o->target = true;
        return YW_OK;
    }
    const char *value = equals ? equals + 1 : *i + 1 < argc ? argv[++*i] : NULL;
    if (!value || !set_value(o, value)) {
        fprintf(stderr, "%s: --%s takes %s\n", cmd->name, o->name, form_of(o->kind));
        return wrong(cmd);
    }
    return YW_OK;
}

enum yw_code yw_options(const struct yw_command *cmd, int argc, char **argv, int *count) {
    int kept = 1;
    bool only_arguments = false;
    for (int i = 1; i < argc; i++) {
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strncmp(argv[i], "--", 2) == 0) {
            enum yw_code code = take_option(cmd, argc, argv, &i);
            if (code != YW_OK) return code;
        } else {
            argv[kept++] = argv[i];
        }
    }
    *count = kept - 1;
    if (*count < cmd->least || *count > cmd->most) {
        fprintf(stderr, "%s: %s\n", cmd->name,
                *count < cmd->least ? "an argument is missing" : "too many arguments");
        return wrong(cmd);
    }
    return YW_OK;
}
