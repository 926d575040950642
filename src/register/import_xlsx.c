/* .xlsx into a book: the zip by libzip, its XML by expat, every size bounded, document types refused. */
#include "register/ledger.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { DEPTH_MAX = 64, STRINGS_MAX = 4000000, CHUNK = 32768 };

struct span {
    const char *text;
    size_t n;
};

/* One reader for the four kinds of parts; `part` says which elements count. */
struct xlsx {
    struct yw_book *book;
    struct yw_error *err;
    enum yw_code code;
    zip_t *zip;
    XML_Parser parser;
    size_t left; /* bytes that may still be unpacked */
    int depth;
    enum { WORKBOOK, RELATIONS, STRINGS, SHEET } part;
    bool date1904;
    struct {
        char name[64], relation[64], target[256];
    } sheets[YW_BOOK_SHEETS_MAX];
    size_t sheet_n;
    struct span *strings;
    size_t string_n, string_cap;
    struct yw_buf text; /* of the string or cell being read */
    bool collecting, phonetic;
    /* the row being read */
    struct yw_sheet *sheet;
    uint32_t row;
    size_t column, columns;
    char type;
    struct span cells[YW_BOOK_COLUMNS_MAX];
};

static void stop(struct xlsx *x, enum yw_code code, const char *sentence) {
    if (x->code == YW_OK) x->code = yw_fail(x->err, code, ".xlsx: %s", sentence);
    XML_StopParser(x->parser, XML_FALSE);
}

static const char *attribute(const char **attributes, const char *name) {
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *local = strchr(attributes[i], ':');
        if (strcmp(attributes[i], name) == 0 || (local != NULL && strcmp(local + 1, name) == 0))
            return attributes[i + 1];
    }
    return NULL;
}

static void take(char *to, size_t size, const char *text) {
    yw_copy(to, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* "BC12" -> column 54, row 12 */
static bool place(const char *text, size_t *column, uint32_t *row) {
    size_t c = 0, i = 0;
    for (; text[i] >= 'A' && text[i] <= 'Z' && i < 3; i++) c = c * 26 + (size_t)(text[i] - 'A' + 1);
    if (c == 0 || !yw_parse_u32(text + i, strlen(text + i), 1u << 21, row) || *row == 0) return false;
    *column = c - 1;
    return true;
}

static void begin_row(struct xlsx *x, const char *number) {
    uint32_t n = x->row + 1;
    if (number != NULL && (!yw_parse_u32(number, strlen(number), 1u << 21, &n) || n <= x->row)) {
        stop(x, YW_E_FORMAT, "rows of a sheet are not in order");
        return;
    }
    x->row = n;
    x->column = 0;
    x->columns = 0;
    memset(x->cells, 0, sizeof x->cells);
}

static void begin_cell(struct xlsx *x, const char **attributes) {
    const char *at = attribute(attributes, "r"), *type = attribute(attributes, "t");
    uint32_t row = x->row;
    if (at != NULL && !place(at, &x->column, &row)) {
        stop(x, YW_E_FORMAT, "a cell has no valid address");
        return;
    }
    x->type = type == NULL ? 'n' : strcmp(type, "s") == 0 ? 's' : type[0] == 'b' ? 'b' : 't';
    yw_buf_clear(&x->text);
}

static void end_cell(struct xlsx *x) {
    struct span value = {x->text.data != NULL ? x->text.data : "", x->text.len};
    size_t column = x->column++;
    if (value.n == 0) return;
    if (column >= YW_BOOK_COLUMNS_MAX) {
        stop(x, YW_E_LIMIT,
             "a sheet has more columns than a ledger can have; delete what does not belong to it");
        return;
    }
    uint32_t index;
    if (x->type == 's') {
        if (!yw_parse_u32(value.text, value.n, STRINGS_MAX, &index) || index >= x->string_n) {
            stop(x, YW_E_CORRUPT, "a cell names a shared string that does not exist");
            return;
        }
        value = x->strings[index];
    } else {
        if (x->type == 'b') value = (struct span){value.text[0] == '1' ? "1" : "0", 1};
        char *copy = yw_arena_text(x->book->arena, value.text, value.n);
        if (copy == NULL) {
            stop(x, YW_E_LIMIT, "the ledger is too large; split it");
            return;
        }
        value.text = copy;
    }
    x->cells[column] = value;
    if (column >= x->columns) x->columns = column + 1;
}

static void end_row(struct xlsx *x) {
    const char *cells[YW_BOOK_COLUMNS_MAX];
    size_t lengths[YW_BOOK_COLUMNS_MAX];
    for (size_t i = 0; i < x->columns; i++) {
        cells[i] = x->cells[i].text != NULL ? x->cells[i].text : "";
        lengths[i] = x->cells[i].n;
    }
    if (x->columns == 0) return;
    enum yw_code code = yw_book_row(x->book, x->sheet, x->row, cells, lengths, x->columns, x->err);
    if (code != YW_OK) {
        x->code = code;
        XML_StopParser(x->parser, XML_FALSE);
    }
}

static void end_string(struct xlsx *x) {
    if (x->string_n == x->string_cap) {
        size_t cap = x->string_cap == 0 ? 1024 : x->string_cap * 2;
        struct span *more = cap > STRINGS_MAX ? NULL : realloc(x->strings, cap * sizeof *more);
        if (more == NULL) {
            stop(x, YW_E_LIMIT, "too many shared strings; split the ledger");
            return;
        }
        x->strings = more;
        x->string_cap = cap;
    }
    const char *copy = yw_arena_text(x->book->arena, x->text.data != NULL ? x->text.data : "", x->text.len);
    if (copy == NULL) {
        stop(x, YW_E_LIMIT, "the ledger is too large; split it");
        return;
    }
    x->strings[x->string_n++] = (struct span){copy, x->text.len};
    yw_buf_clear(&x->text);
}

static const char *local_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void XMLCALL on_start(void *user, const char *name, const char **attributes) {
    struct xlsx *x = user;
    const char *e = local_name(name);
    if (++x->depth > DEPTH_MAX) {
        stop(x, YW_E_LIMIT, "elements are nested too deeply");
        return;
    }
    if (x->part == WORKBOOK && strcmp(e, "workbookPr") == 0) {
        const char *v = attribute(attributes, "date1904");
        x->date1904 = v != NULL && (strcmp(v, "1") == 0 || strcmp(v, "true") == 0);
    } else if (x->part == WORKBOOK && strcmp(e, "sheet") == 0) {
        if (x->sheet_n == YW_BOOK_SHEETS_MAX) {
            stop(x, YW_E_LIMIT, "too many sheets");
            return;
        }
        take(x->sheets[x->sheet_n].name, sizeof x->sheets->name, attribute(attributes, "name"));
        take(x->sheets[x->sheet_n].relation, sizeof x->sheets->relation, attribute(attributes, "id"));
        x->sheet_n++;
    } else if (x->part == RELATIONS && strcmp(e, "Relationship") == 0) {
        const char *id = attribute(attributes, "Id"), *target = attribute(attributes, "Target");
        for (size_t i = 0; id != NULL && i < x->sheet_n; i++) {
            if (strcmp(x->sheets[i].relation, id) == 0)
                take(x->sheets[i].target, sizeof x->sheets->target, target);
        }
    } else if (x->part == STRINGS && strcmp(e, "rPh") == 0) {
        x->phonetic = true; /* how to read the characters: not part of the text */
    } else if (x->part == SHEET && strcmp(e, "row") == 0) {
        begin_row(x, attribute(attributes, "r"));
    } else if (x->part == SHEET && strcmp(e, "c") == 0) {
        begin_cell(x, attributes);
    }
    bool holds_text = strcmp(e, "t") == 0 || (x->part == SHEET && strcmp(e, "v") == 0);
    x->collecting = holds_text && x->part >= STRINGS && !x->phonetic;
}

static void XMLCALL on_end(void *user, const char *name) {
    struct xlsx *x = user;
    const char *e = local_name(name);
    x->depth--;
    x->collecting = false;
    if (x->code != YW_OK) return;
    if (x->part == STRINGS && strcmp(e, "rPh") == 0) x->phonetic = false;
    if (x->part == STRINGS && strcmp(e, "si") == 0) end_string(x);
    if (x->part == SHEET && strcmp(e, "c") == 0) end_cell(x);
    if (x->part == SHEET && strcmp(e, "row") == 0) end_row(x);
}

static void XMLCALL on_text(void *user, const char *text, int n) {
    struct xlsx *x = user;
    if (!x->collecting) return;
    if (!yw_buf_add(&x->text, text, (size_t)n)) stop(x, YW_E_LIMIT, "a cell is too long");
}

/* Spreadsheets have no document type; one that has wants to define entities. */
static void XMLCALL on_doctype(void *user, const char *name, const char *system, const char *public_id,
                               int subset) {
    YW_UNUSED(name), YW_UNUSED(system), YW_UNUSED(public_id), YW_UNUSED(subset);
    stop(user, YW_E_FORMAT, "a part holds a document type, which spreadsheets never do");
}

static void parse_part(struct xlsx *x, const char *path, bool needed) {
    if (x->code != YW_OK) return;
    zip_file_t *f = zip_fopen(x->zip, path, ZIP_FL_NOCASE);
    if (f == NULL) {
        if (needed)
            x->code =
                yw_fail(x->err, YW_E_CORRUPT, ".xlsx: the part %s is missing or cannot be unpacked", path);
        return;
    }
    x->parser = XML_ParserCreate(NULL);
    if (x->parser == NULL) {
        zip_fclose(f);
        x->code = yw_fail(x->err, YW_E_NOMEM, ".xlsx: out of memory");
        return;
    }
    x->depth = 0;
    x->collecting = x->phonetic = false;
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    char chunk[CHUNK];
    zip_int64_t n;
    do {
        n = zip_fread(f, chunk, sizeof chunk);
        if (n < 0) {
            x->code = yw_fail(x->err, YW_E_CORRUPT, ".xlsx: the part %s cannot be unpacked", path);
            break;
        }
        if ((size_t)n > x->left) {
            x->code = yw_fail(x->err, YW_E_LIMIT, ".xlsx: unpacks to more than %d MiB; split the ledger",
                              YW_LEDGER_UNPACKED_MAX >> 20);
            break;
        }
        x->left -= (size_t)n;
        if (XML_Parse(x->parser, chunk, (int)n, n == 0) == XML_STATUS_ERROR) {
            if (x->code == YW_OK) {
                x->code = yw_fail(x->err, YW_E_FORMAT, ".xlsx: the part %s is not well-formed (line %lu)",
                                  path, (unsigned long)XML_GetCurrentLineNumber(x->parser));
            }
            break;
        }
    } while (n > 0 && x->code == YW_OK);
    XML_ParserFree(x->parser);
    x->parser = NULL;
    zip_fclose(f);
}

static void parse_sheet(struct xlsx *x, size_t i) {
    if (x->code != YW_OK || x->sheets[i].target[0] == '\0') return;
    char path[300];
    const char *target = x->sheets[i].target;
    snprintf(path, sizeof path, "%s%s", target[0] == '/' ? "" : "xl/",
             target[0] == '/' ? target + 1 : target);
    x->sheet = yw_book_sheet(x->book, x->sheets[i].name, x->err);
    if (x->sheet == NULL) {
        x->code = YW_E_LIMIT;
        return;
    }
    x->sheet->date1904 = x->date1904;
    x->row = 0;
    x->part = SHEET;
    parse_part(x, path, true);
}

enum yw_code yw_book_read_xlsx(struct yw_book *b, const void *bytes, size_t n, struct yw_error *err) {
    zip_error_t why;
    zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &why);
    zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &why);
    if (zip == NULL) {
        zip_source_free(source);
        return yw_fail(err, YW_E_FORMAT, ".xlsx: the zip cannot be read; save the file again");
    }
    struct xlsx *x = calloc(1, sizeof *x);
    if (x == NULL) {
        zip_discard(zip);
        return yw_fail(err, YW_E_NOMEM, ".xlsx: out of memory");
    }
    x->book = b;
    x->err = err;
    x->zip = zip;
    x->left = YW_LEDGER_UNPACKED_MAX;
    yw_buf_init(&x->text, 64 << 10);
    x->part = WORKBOOK;
    parse_part(x, "xl/workbook.xml", true);
    x->part = RELATIONS;
    parse_part(x, "xl/_rels/workbook.xml.rels", true);
    x->part = STRINGS;
    parse_part(x, "xl/sharedStrings.xml", false);
    for (size_t i = 0; i < x->sheet_n; i++) parse_sheet(x, i);
    enum yw_code code = x->code;
    yw_buf_free(&x->text);
    free(x->strings);
    free(x);
    zip_discard(zip);
    return code;
}
