/* Is it a document? What prints them relies on what is checked here. */
#include "report/report.h"

#include <string.h>

struct check {
    struct yw_error *err;
    char where[96];
    size_t rows;
};

static enum yw_code wrong(struct check *c, const char *what) {
    return yw_fail(c->err, YW_E_FORMAT, "%s: %s", c->where, what);
}

static enum yw_code too_many(struct check *c, const char *what, int most) {
    return yw_fail(c->err, YW_E_LIMIT, "%s: more than %d %s", c->where, most, what);
}

static bool is_text(const json_t *v) {
    return json_is_string(v) && json_string_length(v) <= YW_DOCUMENT_TEXT_MAX;
}

static bool is_value(const json_t *v) {
    return json_is_number(v) || json_is_null(v);
}

/* A text member; needed: it must be there. */
static enum yw_code text(struct check *c, const json_t *o, const char *name, bool needed) {
    const json_t *v = json_object_get(o, name);
    if ((v == NULL && !needed) || is_text(v)) return YW_OK;
    char what[80];
    snprintf(what, sizeof what, "\"%s\" must be a text of at most %d bytes", name, YW_DOCUMENT_TEXT_MAX);
    return wrong(c, what);
}

static enum yw_code values(struct check *c, const json_t *list, const char *name) {
    if (!json_is_array(list)) return wrong(c, "an array of numbers is missing");
    if (json_array_size(list) > YW_DOCUMENT_POINTS_MAX) return too_many(c, name, YW_DOCUMENT_POINTS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!is_value(json_array_get(list, i))) return wrong(c, "not a number or null");
    return YW_OK;
}

static enum yw_code check_facts(struct check *c, const json_t *block) {
    const json_t *items = json_object_get(block, "items");
    if (!json_is_array(items)) return wrong(c, "\"items\" must be an array");
    if (json_array_size(items) > YW_DOCUMENT_COLUMNS_MAX)
        return too_many(c, "facts", YW_DOCUMENT_COLUMNS_MAX);
    enum yw_code code = YW_OK;
    for (size_t i = 0; i < json_array_size(items) && code == YW_OK; i++) {
        const json_t *f = json_array_get(items, i);
        code = text(c, f, "name", true);
        if (code == YW_OK) code = text(c, f, "unit", true);
        if (code == YW_OK && !is_value(json_object_get(f, "value")))
            code = wrong(c, "a fact without a value");
    }
    return code;
}

static enum yw_code check_row(struct check *c, const json_t *row, size_t columns) {
    const json_t *cells = json_object_get(row, "cells");
    if (!json_is_array(cells) || json_array_size(cells) != columns)
        return wrong(c, "a row must have one cell for each column");
    enum yw_code code = text(c, row, "to", false);
    for (size_t i = 0; i < columns && code == YW_OK; i++) {
        const json_t *v = json_array_get(cells, i);
        if (json_is_object(v)) {
            if (!is_value(json_object_get(v, "v"))) code = wrong(c, "a cell without a number \"v\"");
            if (code == YW_OK) code = text(c, v, "to", true);
        } else if (!is_value(v) && !is_text(v)) {
            code = wrong(c, "a cell is a number, null, a text or {v, to}");
        }
    }
    return code;
}

static enum yw_code check_table(struct check *c, const json_t *block) {
    const json_t *columns = json_object_get(block, "columns"), *rows = json_object_get(block, "rows");
    size_t n = json_array_size(columns);
    if (n == 0 || !json_is_array(rows)) return wrong(c, "\"columns\" and \"rows\" must be arrays");
    if (n > YW_DOCUMENT_COLUMNS_MAX) return too_many(c, "columns", YW_DOCUMENT_COLUMNS_MAX);
    enum yw_code code = text(c, block, "note", false);
    for (size_t i = 0; i < n && code == YW_OK; i++) {
        const json_t *col = json_array_get(columns, i);
        double width = json_number_value(json_object_get(col, "width"));
        if (!(width >= 0.1 && width <= 20)) code = wrong(c, "\"width\" of a column must be 0.1 to 20");
        if (code == YW_OK) code = text(c, col, "title", true);
        if (code == YW_OK) code = text(c, col, "unit", true);
    }
    char where[96];
    memcpy(where, c->where, sizeof where);
    for (size_t i = 0; i < json_array_size(rows) && code == YW_OK; i++) {
        if (++c->rows > YW_DOCUMENT_ROWS_MAX) return too_many(c, "rows", YW_DOCUMENT_ROWS_MAX);
        snprintf(c->where, sizeof c->where, "%.60s.rows[%zu]", where, i);
        code = check_row(c, json_array_get(rows, i), n);
    }
    return code;
}

static enum yw_code check_bars(struct check *c, const json_t *block) {
    const json_t *items = json_object_get(block, "items");
    if (!json_is_array(items)) return wrong(c, "\"items\" must be an array");
    if (json_array_size(items) > YW_DOCUMENT_POINTS_MAX) return too_many(c, "bars", YW_DOCUMENT_POINTS_MAX);
    enum yw_code code = values(c, json_object_get(block, "lines"), "lines");
    if (code == YW_OK && !(json_number_value(json_object_get(block, "top")) > 0))
        code = wrong(c, "\"top\" must be above 0");
    for (size_t i = 0; i < json_array_size(items) && code == YW_OK; i++) {
        const json_t *bar = json_array_get(items, i);
        code = text(c, bar, "name", true);
        if (code == YW_OK && !is_value(json_object_get(bar, "value")))
            code = wrong(c, "a bar without a value");
    }
    return code;
}

static enum yw_code check_line(struct check *c, const json_t *block) {
    const json_t *list = json_object_get(block, "values"), *names = json_object_get(block, "names");
    enum yw_code code = values(c, list, "values");
    if (code == YW_OK && json_array_size(names) != json_array_size(list))
        code = wrong(c, "\"names\" must be as many as \"values\"");
    for (size_t i = 0; i < json_array_size(names) && code == YW_OK; i++)
        if (!is_text(json_array_get(names, i))) code = wrong(c, "a name must be a text");
    if (code == YW_OK && !is_value(json_object_get(block, "limit")))
        code = wrong(c, "\"limit\": a number or null");
    return code;
}

static enum yw_code check_block(struct check *c, const json_t *block) {
    enum yw_code code = text(c, block, "kind", true);
    if (code != YW_OK) return code;
    const char *kind = json_string_value(json_object_get(block, "kind"));
    if (strcmp(kind, "facts") == 0) return check_facts(c, block);
    code = text(c, block, "title", true);
    if (code == YW_OK && strcmp(kind, "table") == 0) return check_table(c, block);
    if (code == YW_OK) code = text(c, block, "unit", true);
    if (code != YW_OK) return code;
    if (strcmp(kind, "bars") == 0) return check_bars(c, block);
    if (strcmp(kind, "line") == 0) return check_line(c, block);
    return wrong(c, "\"kind\" is facts, table, bars or line");
}

static enum yw_code check_document(struct check *c, const json_t *o) {
    static const char *const heads[] = {"report", "lang",   "title",      "subtitle",   "installation",
                                        "domain", "digest", "printed_by", "printed_at", "base"};
    enum yw_code code = json_is_object(o) ? YW_OK : wrong(c, "must be an object");
    for (size_t i = 0; i < YW_COUNT(heads) && code == YW_OK; i++) code = text(c, o, heads[i], true);
    const json_t *notes = json_object_get(o, "notes"), *blocks = json_object_get(o, "blocks");
    if (code == YW_OK && (!json_is_array(notes) || !json_is_array(blocks)))
        code = wrong(c, "\"notes\" and \"blocks\" must be arrays");
    if (code == YW_OK && json_array_size(notes) > YW_DOCUMENT_COLUMNS_MAX)
        code = too_many(c, "notes", YW_DOCUMENT_COLUMNS_MAX);
    for (size_t i = 0; i < json_array_size(notes) && code == YW_OK; i++)
        if (!is_text(json_array_get(notes, i))) code = wrong(c, "a note must be a text");
    if (code == YW_OK && json_array_size(blocks) > YW_DOCUMENT_BLOCKS_MAX)
        code = too_many(c, "blocks", YW_DOCUMENT_BLOCKS_MAX);
    for (size_t i = 0; i < json_array_size(blocks) && code == YW_OK; i++) {
        snprintf(c->where, sizeof c->where, "blocks[%zu]", i);
        code = check_block(c, json_array_get(blocks, i));
    }
    return code;
}

enum yw_code yw_report_document_read(const char *text_in, size_t n, json_t **out, struct yw_error *err) {
    *out = NULL;
    if (n > YW_DOCUMENT_BYTES_MAX)
        return yw_fail(err, YW_E_LIMIT, "the document is larger than %d bytes", YW_DOCUMENT_BYTES_MAX);
    json_error_t where;
    json_t *o = json_loadb(text_in, n, 0, &where);
    if (o == NULL)
        return yw_fail(err, YW_E_FORMAT, "the document is not JSON: line %d: %.200s", where.line, where.text);
    struct check c = {.err = err, .where = "document"};
    enum yw_code code = check_document(&c, o);
    if (code != YW_OK) {
        json_decref(o);
        return code;
    }
    *out = o;
    return YW_OK;
}
