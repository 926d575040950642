/* yanwu hj212 encode: the inverse of decode. */
#include "hj212_cli.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { AREA_MAX = HJ212_LEN_MAX };

/* A string or null under this name. */
static bool get_text(const json_t *object, const char *name, hj212_span *out, struct yw_error *err) {
    const json_t *v = json_object_get(object, name);
    *out = (hj212_span){NULL, 0};
    if (!v || json_is_null(v)) return true;
    if (!json_is_string(v)) {
        yw_fail(err, YW_E_FORMAT, "\"%s\" is neither a string nor null", name);
        return false;
    }
    *out = (hj212_span){json_string_value(v), (uint32_t)json_string_length(v)};
    for (uint32_t i = 0; i < out->n; i++)
        if (strchr(";,=&#", out->p[i]) || (unsigned char)out->p[i] < 0x20) {
            yw_fail(err, YW_E_FORMAT, "\"%s\" holds a character that a header field cannot hold", name);
            return false;
        }
    return true;
}

static bool fits_name(const char *s) {
    return *s && !strpbrk(s, ";,=&#\r\n");
}

static bool fits_value(const char *s) {
    size_t n = strlen(s);
    bool log_text = n >= 4 && strncmp(s, "//", 2) == 0 && strcmp(s + n - 2, "//") == 0;
    if (strstr(s, "&&") || strpbrk(s, "\r\n")) return false;
    return log_text || !strpbrk(s, ";,");
}

static bool put_item(hj212_writer *w, const char *factor, const char *field, const json_t *value,
                     struct yw_error *err) {
    const char *text = json_string_value(value);
    if (!text || !fits_name(field) || (factor && !fits_name(factor)) || !fits_value(text)) {
        yw_fail(err, YW_E_FORMAT, "%s%s%s: names and values are strings without separators",
                factor ? factor : "", factor ? "-" : "", field);
        return false;
    }
    hj212_put(w, factor, field, text);
    return true;
}

static bool put_cp(hj212_writer *w, json_t *cp, struct yw_error *err) {
    const char *name;
    json_t *value, *one;
    size_t i;
    json_object_foreach(cp, name, value) {
        if (!json_is_array(value)) {
            if (!put_item(w, NULL, name, value, err)) return false;
            continue;
        }
        json_array_foreach(value, i, one) if (!put_item(w, NULL, name, one, err)) return false;
    }
    return true;
}

static bool put_items(hj212_writer *w, const json_t *items, struct yw_error *err) {
    size_t i;
    json_t *item, *value;
    const char *field;
    json_array_foreach(items, i, item) {
        const char *code = json_string_value(json_object_get(item, "code"));
        json_t *fields = json_object_get(item, "fields");
        if (!code || !json_is_object(fields)) {
            yw_fail(err, YW_E_FORMAT, "entry %zu of \"items\" is not {\"code\":..,\"fields\":{..}}", i + 1);
            return false;
        }
        json_object_foreach(fields, field, value) if (!put_item(w, code, field, value, err)) return false;
    }
    return true;
}

/* The data area: the raw bytes of cp_hex where they were kept, else cp and items. */
static bool get_area(const json_t *object, char *area, hj212_span *out, struct yw_error *err) {
    json_t *hex = json_object_get(object, "cp_hex"), *cp = json_object_get(object, "cp");
    json_t *items = json_object_get(object, "items");
    if (hex) {
        size_t n = 0;
        if (!json_is_string(hex) ||
            !yw_parse_hex(json_string_value(hex), json_string_length(hex), area, AREA_MAX, &n)) {
            yw_fail(err, YW_E_FORMAT, "\"cp_hex\" is not a data area in hexadecimal");
            return false;
        }
        *out = (hj212_span){area, (uint32_t)n};
        return true;
    }
    if ((cp && !json_is_object(cp)) || (items && !json_is_array(items))) {
        yw_fail(err, YW_E_FORMAT, "\"cp\" is an object and \"items\" an array");
        return false;
    }
    hj212_writer w;
    hj212_writer_init(&w, area, AREA_MAX);
    if (!put_cp(&w, cp, err) || !put_items(&w, items, err)) return false;
    *out = hj212_written(&w);
    if (!out->p) yw_fail(err, YW_E_LIMIT, "the data segment would be longer than %d bytes", HJ212_LEN_MAX);
    return out->p != NULL;
}

static size_t object_to_frame(const json_t *object, const uint8_t *key, bool printed, uint8_t *out,
                              struct yw_error *err) {
    char area[AREA_MAX];
    hj212_message m = {.key = key, .printed = printed};
    if (!json_is_object(object)) {
        yw_fail(err, YW_E_FORMAT, "not a JSON object");
        return 0;
    }
    if (json_is_null(json_object_get(object, "version"))) {
        yw_fail(err, YW_E_FORMAT, "this object tells of garbage between packets, which cannot be made again");
        return 0;
    }
    if (!get_text(object, "qn", &m.qn, err) || !get_text(object, "st", &m.st, err) ||
        !get_text(object, "cn", &m.cn, err) || !get_text(object, "pw", &m.pw, err) ||
        !get_text(object, "mn", &m.mn, err) || !get_text(object, "flag", &m.flag, err) ||
        !get_text(object, "pnum", &m.pnum, err) || !get_text(object, "pno", &m.pno, err) ||
        !get_text(object, "rf", &m.rf, err) || !get_area(object, area, &m.cp, err))
        return 0;
    size_t n = hj212_encode(&m, out, HJ212_FRAME_MAX);
    if (n == 0) yw_fail(err, YW_E_LIMIT, "the data segment would be longer than %d bytes", HJ212_LEN_MAX);
    return n;
}

size_t hj212_json_to_frame(const char *line, size_t n, const uint8_t *key, bool printed, uint8_t *out,
                           struct yw_error *err) {
    json_error_t where;
    json_t *object = json_loadb(line, n, 0, &where);
    if (!object) {
        yw_fail(err, YW_E_FORMAT, "column %d: %s", where.column, where.text);
        return 0;
    }
    size_t length = object_to_frame(object, key, printed, out, err);
    json_decref(object);
    return length;
}

static int encode_lines(FILE *in, const char *command, const uint8_t *key, bool printed) {
    static uint8_t frame[HJ212_FRAME_MAX];
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int status = 0;
    for (unsigned long number = 1; (n = getline(&line, &room, in)) >= 0; number++) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r')) n--;
        if (n == 0) continue;
        struct yw_error err;
        size_t length = hj212_json_to_frame(line, (size_t)n, key, printed, frame, &err);
        if (length == 0) {
            fprintf(stderr, "%s: line %lu: %s\n", command, number, err.text);
            status = 1;
        } else if (fwrite(frame, 1, length, stdout) != length) {
            break;
        }
    }
    free(line);
    if (ferror(in) || fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot %s\n", command, ferror(in) ? "read the input" : "write the output");
        return 1;
    }
    return status;
}

int hj212_encode_main(int argc, char **argv) {
    const char *shown_only = NULL;
    bool printed = false;
    const struct yw_opt opts[] = {
        {"key", YW_OPT_TEXT, &shown_only, "KEY",
         "encrypt the data areas with this SM4 key (16 characters or 32 hexadecimal digits)"},
        {"printed", YW_OPT_FLAG, &printed, NULL, "write encrypted data areas as {0x..} text, not raw"},
    };
    const struct yw_command cmd = {
        .name = "yanwu hj212 encode",
        .usage = "[--key KEY [--printed]] [FILE]",
        .summary =
            "Reads JSON lines as decode prints them (standard input without FILE) and writes frames. LEN "
            "and\n"
            "CRC are computed. A line that is no packet is named on standard error and left out; the exit\n"
            "status is 1 then.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 0,
        .most = 1,
    };
    struct hj212_keys keys;
    int count;
    if (!hj212_take_keys(cmd.name, &argc, argv, &keys)) return 2;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    bool is_file = count && strcmp(argv[1], "-") != 0;
    FILE *in = is_file ? fopen(argv[1], "rbe") : stdin;
    if (!in) {
        fprintf(stderr, "%s: cannot read %s: %s\n", cmd.name, argv[1], strerror(errno));
        return 1;
    }
    int status = encode_lines(in, cmd.name, keys.count ? keys.bytes : NULL, printed);
    if (is_file) fclose(in);
    return status;
}
