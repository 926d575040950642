/* versions: things of outlets that are put, amended and withdrawn, with every version kept. Rows stand in the
 * order of their acts and never move; ids grow. An outlet's things and a thing's versions are chains through
 * them, so that an act costs the same however many there are. */
#ifndef YW_REGISTER_VERSIONS_H
#define YW_REGISTER_VERSIONS_H

#include "register/model.h"

#define YW_NO_ROW UINT32_MAX

struct yw_version { /* every versioned row begins with it */
    uint64_t id;
    uint32_t outlet, version; /* version from 1 */
    uint32_t before;          /* row of the version before, YW_NO_ROW: none */
    int64_t at;               /* of its act */
    char *texts;              /* owned: every text of the row */
};
struct yw_thing { /* one id */
    uint64_t id;
    uint32_t last;   /* row of its newest version */
    uint32_t before; /* thing of the same outlet before it */
};
struct yw_things_of { /* one outlet */
    uint32_t outlet;
    uint32_t last; /* its newest thing */
    uint32_t n;
};

/* rows_most: versions in all; outlet_most: things of one outlet; version_most: of one thing. */
void yw_versions_init(struct yw_versions *v, size_t row_size, size_t rows_most, uint32_t outlet_most,
                      uint32_t version_most);
void yw_versions_free(struct yw_versions *v);
/* The newest version of an id, NULL: there is none. */
void *yw_versions_get(const struct yw_versions *v, uint64_t id);
/* A new thing (its id beyond all others) or the next version of a known one; head.before is set here. Takes
 * over row->texts where it returns YW_OK. what names it in errors. */
enum yw_code yw_versions_put(struct yw_versions *v, void *row, const char *what, struct yw_error *err);
/* Whether n rows could all be put one after the other, and room for them; nothing changes. No id twice, new
 * ids growing. */
enum yw_code yw_versions_fit(struct yw_versions *v, const void *rows, size_t n, const char *what,
                             struct yw_error *err);
uint64_t yw_versions_next(const struct yw_versions *v);
/* Newest versions of an outlet's things, the newest id first, until each returns false. */
void yw_versions_of(const struct yw_versions *v, uint32_t outlet, bool (*each)(void *arg, const void *row),
                    void *arg);
/* All things' newest versions, the newest id first. */
void yw_versions_all(const struct yw_versions *v, bool (*each)(void *arg, const void *row), void *arg);
/* The version before, NULL: it is the first. */
const void *yw_versions_before(const struct yw_versions *v, const void *row);

#endif
