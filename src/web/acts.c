/* Owner of the acts journal: replay at start, then one act after the other, each durable before it counts. */
#include "web/acts.h"

#include "journal/journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ACTS_SEGMENT_BYTES = 32 << 20, PATH_BYTES = 4096 };

struct yw_acts {
    struct yw_journal *journal;
    struct yw_register *reg;
    pthread_rwlock_t lock;
    uint8_t domain;
};

struct paths {
    char journal[PATH_BYTES], blocks[PATH_BYTES];
};

static enum yw_code paths_of(const char *data, struct paths *p, struct yw_error *err) {
    int a = snprintf(p->journal, sizeof p->journal, "%s/journal/acts", data);
    int b = snprintf(p->blocks, sizeof p->blocks, "%s/blocks/acts", data);
    if (a >= PATH_BYTES || b >= PATH_BYTES)
        return yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    return YW_OK;
}

/* Lines that are no acts are many (each question to a device is one): known by how they begin, so that they
 * need not be read through for nothing. */
static bool is_note(const char *json, size_t n) {
    static const char *const begins[] = {"{\"command\":", "{\"station\":", "{\"alarm\":", "{\"shift\":"};
    for (size_t i = 0; i < YW_COUNT(begins); i++) {
        size_t length = strlen(begins[i]);
        if (n >= length && memcmp(json, begins[i], length) == 0) return true;
    }
    return false;
}

/* An act that the register rejects was rejected when it was made, too; it stays in the journal and goes on
 * counting. */
static enum yw_code replay(const struct paths *p, struct yw_register *r,
                           void (*each)(void *arg, const char *json, size_t n), void *arg,
                           struct yw_error *err) {
    struct yw_reader *reader;
    enum yw_code code = yw_reader_open(p->journal, p->blocks, &reader, err);
    if (code != YW_OK) return code;
    struct yw_record record;
    while ((code = yw_reader_next(reader, &record, err)) == YW_OK) {
        if (record.direction != YW_DIR_ACT) continue;
        if (each != NULL) each(arg, record.payload, record.length);
        if (!is_note(record.payload, record.length))
            (void)yw_register_apply(r, record.payload, record.length, NULL);
    }
    yw_reader_close(reader);
    return code == YW_E_END ? YW_OK : code;
}

enum yw_code yw_acts_open_with(const struct yw_io *io, const char *data, uint8_t domain,
                               void (*each)(void *arg, const char *json, size_t n), void *arg,
                               struct yw_acts **out, struct yw_error *err) {
    struct paths p;
    enum yw_code code = paths_of(data, &p, err);
    if (code != YW_OK) return code;
    code = yw_make_dirs(p.journal, err);
    if (code != YW_OK) return code;
    struct yw_acts *a = calloc(1, sizeof *a);
    if (a == NULL) return yw_fail(err, YW_E_NOMEM, "acts: out of memory");
    /* Acts go first: any number of readers must not keep one waiting. */
    pthread_rwlockattr_t kind;
    pthread_rwlockattr_init(&kind);
    pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&a->lock, &kind);
    pthread_rwlockattr_destroy(&kind);
    a->domain = domain;
    a->reg = yw_register_create();
    code = a->reg == NULL ? yw_fail(err, YW_E_NOMEM, "acts: out of memory") : YW_OK;
    if (code == YW_OK) {
        code = yw_journal_open_sized(io, p.journal, "acts", ACTS_SEGMENT_BYTES, &a->journal, NULL, err);
    }
    if (code == YW_OK) code = replay(&p, a->reg, each, arg, err);
    if (code != YW_OK) {
        yw_acts_close(a);
        return code;
    }
    *out = a;
    return YW_OK;
}

enum yw_code yw_acts_open_on(const struct yw_io *io, const char *data, uint8_t domain, struct yw_acts **out,
                             struct yw_error *err) {
    return yw_acts_open_with(io, data, domain, NULL, NULL, out, err);
}

enum yw_code yw_acts_open(const char *data, uint8_t domain, struct yw_acts **out, struct yw_error *err) {
    return yw_acts_open_on(yw_io_system(), data, domain, out, err);
}

void yw_acts_close(struct yw_acts *a) {
    if (a == NULL) return;
    if (a->journal != NULL) yw_journal_close(a->journal);
    yw_register_destroy(a->reg);
    pthread_rwlock_destroy(&a->lock);
    free(a);
}

const struct yw_register *yw_acts_lock(struct yw_acts *a) {
    pthread_rwlock_rdlock(&a->lock);
    return a->reg;
}

const struct yw_register *yw_acts_lock_alone(struct yw_acts *a) {
    pthread_rwlock_wrlock(&a->lock);
    return a->reg;
}

void yw_acts_unlock(struct yw_acts *a) {
    pthread_rwlock_unlock(&a->lock);
}

enum yw_code yw_acts_note(struct yw_acts *a, const char *json, size_t n, struct yw_error *err) {
    struct yw_record record = {.arrival = yw_now(),
                               .direction = YW_DIR_ACT,
                               .domain = a->domain,
                               .register_version = yw_register_version(a->reg),
                               .payload = json,
                               .length = (uint32_t)n};
    if (n > YW_ACT_MAX)
        return yw_fail(err, YW_E_LIMIT, "the act is longer than %d MiB; do it in parts", YW_ACT_MAX >> 20);
    enum yw_code code = yw_journal_append(a->journal, &record, err);
    if (code == YW_OK) code = yw_journal_commit(a->journal, err);
    return code;
}

enum yw_code yw_acts_commit(struct yw_acts *a, const char *json, size_t n, struct yw_error *err) {
    enum yw_code code = yw_acts_note(a, json, n, err);
    return code == YW_OK ? yw_register_apply(a->reg, json, n, err) : code;
}

enum yw_code yw_acts_read(const char *data, struct yw_register **out, struct yw_error *err) {
    struct paths p;
    enum yw_code code = paths_of(data, &p, err);
    if (code != YW_OK) return code;
    struct stat st;
    if (stat(data, &st) != 0) return yw_fail(err, YW_E_NOT_FOUND, "%s: there is no such data folder", data);
    struct yw_register *r = yw_register_create();
    if (r == NULL) return yw_fail(err, YW_E_NOMEM, "acts: out of memory");
    if (stat(p.journal, &st) == 0) code = replay(&p, r, NULL, NULL, err);
    if (code == YW_E_NOT_FOUND) code = YW_OK; /* a folder in which nothing was written yet */
    if (code != YW_OK) {
        yw_register_destroy(r);
        return code;
    }
    *out = r;
    return YW_OK;
}
