/* CSV ledgers into a book: one file, a zip of files, or a folder. */
#include "register/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

/* "D:\台账\排放口.csv" -> "排放口" */
static void stem(const char *path, char *out, size_t size) {
    const char *from = path;
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == '/' || *p == '\\') from = p + 1;
    }
    const char *dot = strrchr(from, '.');
    yw_copy(out, size, from, dot != NULL ? (size_t)(dot - from) : strlen(from));
}

enum yw_code yw_book_read_csv(struct yw_book *b, const void *bytes, size_t n, const char *name,
                              struct yw_error *err) {
    char sheet_name[64];
    stem(name, sheet_name, sizeof sheet_name);
    struct yw_sheet *s = yw_book_sheet(b, sheet_name[0] != '\0' ? sheet_name : "CSV", err);
    if (s == NULL) return YW_E_LIMIT;
    struct yw_csv *csv = yw_csv_open(bytes, n, err);
    if (csv == NULL) return YW_E_FORMAT;
    enum yw_code code;
    const char *const *fields;
    size_t count;
    while ((code = yw_csv_row(csv, &fields, &count, err)) == YW_OK) {
        const char *cells[YW_BOOK_COLUMNS_MAX];
        size_t lengths[YW_BOOK_COLUMNS_MAX];
        while (count > YW_BOOK_COLUMNS_MAX && fields[count - 1][0] == '\0') count--;
        for (size_t i = 0; i < count && i < YW_BOOK_COLUMNS_MAX; i++) {
            /* An apostrophe in front of = + - @ keeps spreadsheet programs from running it; see
             * export_write.c. */
            cells[i] =
                fields[i] + (fields[i][0] == '\'' && fields[i][1] != '\0' && strchr("=+-@", fields[i][1]));
            lengths[i] = strlen(cells[i]);
        }
        code = yw_book_row(b, s, (uint32_t)yw_csv_line(csv), cells, lengths, count, err);
        if (code != YW_OK) break;
    }
    yw_csv_close(csv);
    return code == YW_E_END ? YW_OK : code;
}

static enum yw_code read_entry(zip_t *zip, zip_uint64_t i, size_t *left, struct yw_book *b,
                               struct yw_error *err) {
    const char *raw = zip_get_name(zip, i, ZIP_FL_ENC_RAW);
    if (raw == NULL) return YW_OK;
    size_t length = strlen(raw);
    if (length < 5 || (strcmp(raw + length - 4, ".csv") != 0 && strcmp(raw + length - 4, ".CSV") != 0))
        return YW_OK;
    struct yw_buf name, text;
    yw_buf_init(&name, 4096);
    yw_buf_init(&text, *left);
    if (yw_utf8_valid(raw, length)) {
        yw_buf_puts(&name, raw);
    } else {
        (void)yw_gbk_to_utf8(raw, length, &name);
    }
    zip_file_t *f = zip_fopen_index(zip, i, 0);
    zip_int64_t got = f == NULL ? -1 : 0;
    char chunk[16384];
    while (f != NULL && (got = zip_fread(f, chunk, sizeof chunk)) > 0) {
        if (!yw_buf_add(&text, chunk, (size_t)got)) break;
    }
    if (f != NULL) zip_fclose(f);
    enum yw_code code;
    if (text.failed) {
        code = yw_fail(err, YW_E_LIMIT, "the zip unpacks to more than %d bytes", YW_LEDGER_UNPACKED_MAX);
    } else if (got < 0) {
        code = yw_fail(err, YW_E_CORRUPT, "%s in the zip cannot be unpacked",
                       name.data != NULL ? name.data : "a file");
    } else {
        *left -= text.len;
        code = yw_book_read_csv(b, text.data != NULL ? text.data : "", text.len,
                                name.data != NULL ? name.data : "", err);
    }
    yw_buf_free(&name);
    yw_buf_free(&text);
    return code;
}

static enum yw_code read_zip(struct yw_book *b, const void *bytes, size_t n, struct yw_error *err) {
    zip_error_t why;
    zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &why);
    zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &why);
    if (zip == NULL) {
        zip_source_free(source);
        return yw_fail(err, YW_E_FORMAT, "neither .xlsx nor a zip of CSV files: %s",
                       "the zip cannot be read");
    }
    enum yw_code code = YW_OK;
    zip_int64_t count = zip_get_num_entries(zip, 0);
    size_t left = YW_LEDGER_UNPACKED_MAX;
    if (zip_name_locate(zip, "xl/workbook.xml", ZIP_FL_NOCASE) >= 0) {
        code = yw_book_read_xlsx(b, bytes, n, err);
        count = 0;
    }
    for (zip_int64_t i = 0; i < count && code == YW_OK; i++) {
        code = read_entry(zip, (zip_uint64_t)i, &left, b, err);
    }
    if (code == YW_OK && b->n == 0) {
        code = yw_fail(err, YW_E_FORMAT, "the zip holds no sheets: expected .xlsx or .csv files in it");
    }
    zip_discard(zip);
    return code;
}

enum yw_code yw_book_read(struct yw_book *b, const void *bytes, size_t n, const char *name,
                          struct yw_error *err) {
    if (n > YW_LEDGER_BYTES_MAX) {
        return yw_fail(err, YW_E_LIMIT, "larger than %d MiB; split the ledger", YW_LEDGER_BYTES_MAX >> 20);
    }
    if (n == 0) return yw_fail(err, YW_E_FORMAT, "the file is empty");
    if (n >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) return read_zip(b, bytes, n, err);
    if (n >= 8 && memcmp(bytes, "\xd0\xcf\x11\xe0", 4) == 0) {
        return yw_fail(err, YW_E_FORMAT, "an old .xls file: save it as .xlsx or CSV and import that");
    }
    if (memchr(bytes, '\0', n) != NULL) {
        return yw_fail(err, YW_E_FORMAT, "neither .xlsx, .csv nor a zip of CSV files");
    }
    return yw_book_read_csv(b, bytes, n, name, err);
}

struct folder {
    struct yw_book *book;
    const char *path;
    struct yw_error *err;
    enum yw_code code;
};

static enum yw_code read_file(struct yw_book *b, const char *path, struct yw_error *err) {
    struct yw_buf file;
    yw_buf_init(&file, YW_LEDGER_BYTES_MAX);
    enum yw_code code = yw_file_read(path, YW_LEDGER_BYTES_MAX, &file, err);
    if (code == YW_OK) code = yw_book_read(b, file.data != NULL ? file.data : "", file.len, path, err);
    yw_buf_free(&file);
    return code;
}

static bool read_one(void *arg, const char *name) {
    struct folder *f = arg;
    size_t n = strlen(name);
    if (n < 5 || (strcmp(name + n - 4, ".csv") != 0 && strcmp(name + n - 4, ".CSV") != 0)) return true;
    struct yw_buf path;
    yw_buf_init(&path, 8192);
    yw_buf_printf(&path, "%s/%s", f->path, name);
    f->code = path.failed ? yw_fail(f->err, YW_E_LIMIT, "the path is too long")
                          : read_file(f->book, path.data, f->err);
    yw_buf_free(&path);
    return f->code == YW_OK;
}

enum yw_code yw_book_read_path(struct yw_book *b, const char *path, struct yw_error *err) {
    struct stat st;
    if (stat(path, &st) != 0) return yw_fail_errno(err, errno, "%s", path);
    if (!S_ISDIR(st.st_mode)) return read_file(b, path, err);
    struct folder f = {b, path, err, YW_OK};
    const struct yw_io *io = yw_io_system();
    int rc = io->list(io->ctx, path, read_one, &f);
    if (rc < 0) return yw_fail_errno(err, -rc, "%s", path);
    return f.code;
}
