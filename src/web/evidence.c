/* Evidence of marks and filings: files kept by what they hold. The name of a file is its SHA-256, so the same
 * file twice is one, and what an act names can never be another file than the one that was given. */
#include "web/marks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { PATH_BYTES = 4300, FREE_LEAST = 256 << 20 /* bytes that stay free for the journals */ };

static const struct {
    const char *suffix, *type;
    size_t n;
    const char *begins;
} kinds[] = {
    {"pdf", "application/pdf", 5, "%PDF-"},
    {"jpg", "image/jpeg", 3, "\xFF\xD8\xFF"},
    {"png", "image/png", 8, "\x89PNG\r\n\x1A\n"},
    {"zip", "application/zip", 4, "PK\x03\x04"}, /* .xlsx and .docx too */
};

static int kind_of(const char *bytes, size_t n) {
    for (size_t i = 0; i < YW_COUNT(kinds); i++) {
        if (n > kinds[i].n && memcmp(bytes, kinds[i].begins, kinds[i].n) == 0) return (int)i;
    }
    return -1;
}

static bool is_digest(const char *text) {
    return strlen(text) == YW_DIGEST_TEXT && strspn(text, "0123456789abcdef") == YW_DIGEST_TEXT;
}

static void place_of(const struct yw_web *w, const char *digest, char folder[PATH_BYTES],
                     char path[PATH_BYTES]) {
    snprintf(folder, PATH_BYTES, "%s/evidence/%.2s", w->data, digest);
    snprintf(path, PATH_BYTES, "%s/evidence/%.2s/%.64s", w->data, digest, digest);
}

bool yw_evidence_there(struct yw_web *w, const char *digest) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    struct stat st;
    if (!is_digest(digest)) return false;
    place_of(w, digest, folder, path);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool yw_member_evidence(struct yw_request *q, const json_t *o, const char *out[YW_MARK_EVIDENCE_MAX],
                        size_t *n) {
    const json_t *array = json_object_get(o, "evidence");
    *n = 0;
    if (array == NULL || json_is_null(array)) return true;
    bool good = json_is_array(array) && json_array_size(array) <= YW_MARK_EVIDENCE_MAX;
    for (size_t i = 0; good && i < json_array_size(array); i++) {
        const char *digest = json_string_value(json_array_get(array, i));
        good = digest != NULL && yw_evidence_there(q->web, digest);
        if (good) out[(*n)++] = digest;
    }
    if (!good)
        (void)yw_problem(q, 422, "evidence", "佐证材料应先上传，最多 8 个文件",
                         "evidence: an array of at most 8 SHA-256 texts of files uploaded before");
    return good;
}

YW_HANDLER(yw_post_evidence) {
    const char *bytes = q->body.data != NULL ? q->body.data : "";
    int kind = kind_of(bytes, q->body.len);
    if (kind < 0)
        return yw_problem(q, 422, "evidence", "只接受 PDF、JPEG、PNG、xlsx、docx 或 zip 文件",
                          "only PDF, JPEG, PNG, xlsx, docx or zip files are taken");
    uint8_t digest[32];
    char text[YW_DIGEST_TEXT + 1], folder[PATH_BYTES], path[PATH_BYTES];
    struct yw_error err = {0};
    struct statvfs disk;
    yw_sha256(bytes, q->body.len, digest);
    for (size_t i = 0; i < sizeof digest; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
    place_of(q->web, text, folder, path);
    enum yw_code code = YW_OK;
    if (!yw_evidence_there(q->web, text)) {
        if (statvfs(q->web->data, &disk) == 0 &&
            (uint64_t)disk.f_bavail * disk.f_frsize < (uint64_t)FREE_LEAST + q->body.len)
            code = yw_fail(&err, YW_E_FULL, "less than %d MiB are free", FREE_LEAST >> 20);
        if (code == YW_OK) code = yw_make_dirs(folder, &err);
        if (code == YW_OK) code = yw_file_replace(yw_io_system(), path, bytes, q->body.len, &err);
    }
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_put_text(&q->out, "sha256", text);
    yj_put_i64(&q->out, "bytes", (int64_t)q->body.len);
    yj_put_text(&q->out, "type", kinds[kind].type);
    yj_close(&q->out, '}');
    return 200;
}

unsigned yw_evidence_answer(struct yw_request *q, const char *joined) {
    static const char *const names[] = {"evidence.pdf", "evidence.jpg", "evidence.png", "evidence.zip"};
    const char *digest = yw_query(q, "sha256");
    char folder[PATH_BYTES], path[PATH_BYTES];
    struct yw_error err = {0};
    if (!is_digest(digest) || strstr(joined, digest) == NULL || !yw_evidence_there(q->web, digest))
        return yw_problem(q, 404, "not_found", "没有这份材料", "there is no such file here");
    place_of(q->web, digest, folder, path);
    enum yw_code code = yw_file_read(path, YW_EVIDENCE_BYTES, &q->out, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    int kind = kind_of(q->out.data, q->out.len);
    q->content_type = kind < 0 ? "application/octet-stream" : kinds[kind].type;
    q->download = kind < 0 ? "evidence" : names[kind];
    return 200;
}

YW_HANDLER(yw_get_mark_evidence) {
    const struct yw_mark_row *v[YW_MARK_VERSIONS_MAX];
    const char *digest = yw_query(q, "sha256");
    size_t n = yw_register_mark_versions(q->reg, q->thing, v, YW_COUNT(v));
    for (size_t i = 0; i < n; i++) {
        if (is_digest(digest) && strstr(v[i]->evidence, digest) != NULL)
            return yw_evidence_answer(q, v[i]->evidence);
    }
    return yw_evidence_answer(q, "");
}

YW_HANDLER(yw_get_filing_evidence) {
    const struct yw_filing_row *v[YW_FILING_VERSIONS_MAX];
    const char *digest = yw_query(q, "sha256");
    size_t n = yw_register_filing_versions(q->reg, q->thing, v, YW_COUNT(v));
    for (size_t i = 0; i < n; i++) {
        if (yw_is_unit(q) && v[i]->role > 2) continue; /* the authority's own */
        if (is_digest(digest) && strstr(v[i]->evidence, digest) != NULL)
            return yw_evidence_answer(q, v[i]->evidence);
    }
    return yw_evidence_answer(q, "");
}
