/* Ledger files from anywhere. First byte: 0 the file as it is; 1 a CSV; else the XML of one sheet of an
 * otherwise good .xlsx, which the fuzzer could hardly pack by itself. What is planned without a complaint
 * must be an act that the register accepts. */
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "register/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(zip_t *zip, const char *name, const void *bytes, size_t n) {
    zip_source_t *part = zip_source_buffer(zip, bytes, n, 0);
    zip_int64_t at = zip_file_add(zip, name, part, 0);
    if (at < 0) abort();
    zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0);
}

static void pack(const uint8_t *sheet, size_t n, struct yw_buf *out) {
    static const char workbook[] =
        "<workbook xmlns:r=\"r\"><sheets><sheet name=\"排污单位\" r:id=\"a\"/></sheets></workbook>";
    static const char rels[] = "<Relationships><Relationship Id=\"a\" Target=\"s.xml\"/></Relationships>";
    static const char strings[] =
        "<sst><si><t>统一社会信用代码</t></si><si><t>单位名称</t></si><si><t>许可有效期止</t></si></sst>";
    zip_error_t why;
    zip_source_t *place = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = zip_open_from_source(place, ZIP_TRUNCATE, &why);
    if (zip == NULL) abort();
    zip_source_keep(place);
    add(zip, "xl/workbook.xml", workbook, sizeof workbook - 1);
    add(zip, "xl/_rels/workbook.xml.rels", rels, sizeof rels - 1);
    add(zip, "xl/sharedStrings.xml", strings, sizeof strings - 1);
    add(zip, "xl/s.xml", sheet, n);
    if (zip_close(zip) != 0 || zip_source_open(place) != 0) abort();
    char chunk[4096];
    zip_int64_t got;
    while ((got = zip_source_read(place, chunk, sizeof chunk)) > 0) yw_buf_add(out, chunk, (size_t)got);
    zip_source_close(place);
    zip_source_free(place);
}

static void plan(const struct yw_book *book) {
    struct yw_register *r = yw_register_create();
    struct yw_import p;
    struct yw_error err = {0};
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    enum yw_code code = yw_import_plan(r, book, NULL, &p, &err);
    if (code != YW_OK && err.text[0] == '\0') abort();
    struct yw_act by = {.by = "fuzz", .at = 1};
    if (code == YW_OK && yw_act_register_put(&act, &by, &p.put)) {
        if (yw_register_apply(r, act.data, act.len, &err) != YW_OK) abort();
    }
    yw_import_free(&p);
    yw_buf_free(&act);
    yw_register_destroy(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 100000) return 0;
    struct yw_book *book = yw_book_create();
    struct yw_error err = {0};
    struct yw_buf file;
    enum yw_code code;
    yw_buf_init(&file, 1 << 20);
    if (data[0] == 0) {
        code = yw_book_read(book, data + 1, size - 1, "排放口.csv", &err);
    } else if (data[0] == 1) {
        code = yw_book_read_csv(book, data + 1, size - 1, "", &err);
    } else {
        pack(data + 1, size - 1, &file);
        code = yw_book_read(book, file.data, file.len, "", &err);
    }
    if (code == YW_OK) {
        plan(book);
    } else if (err.text[0] == '\0') {
        abort();
    }
    yw_buf_free(&file);
    yw_book_destroy(book);
    return 0;
}
