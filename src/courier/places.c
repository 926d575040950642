/* Where each target stands in each journal: a file that is mapped, so that it is right after any death of the
 * process. After a cut of power it may be older: then some packets go out again with the QN they had, none is
 * passed over. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "courier/courier.h"

struct places {
    uint64_t magic;
    uint32_t version, target;
    struct yw_mark marks[YW_SENDING_JOURNALS];
};
#define MAGIC UINT64_C(0x31736f7072756f63)

static void path_of(const struct courier *c, uint32_t target, char out[4200]) {
    snprintf(out, 4200, "%s/target-%u.pos", c->folder, target);
}

struct yw_mark *courier_places_open(const struct courier *c, uint32_t target, void **file,
                                    struct yw_error *err) {
    char path[4200];
    path_of(c, target, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        yw_fail_errno(err, errno, "%s cannot be opened", path);
        return NULL;
    }
    struct places *p = MAP_FAILED;
    /* room is reserved now: a full disk must show here and not as a fault on a mapped page */
    if (posix_fallocate(fd, 0, sizeof *p) == 0) {
        p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    int why = errno;
    close(fd);
    if (p == MAP_FAILED) {
        yw_fail_errno(err, why, "%s cannot be mapped", path);
        return NULL;
    }
    if (p->magic == 0) {
        *p = (struct places){.magic = MAGIC, .version = 1, .target = target};
    } else if (p->magic != MAGIC || p->version != 1 || p->target != target) {
        munmap(p, sizeof *p);
        yw_fail(err, YW_E_CORRUPT,
                "%s is damaged: move it away, and the target starts again where it is told to", path);
        return NULL;
    }
    *file = p;
    return p->marks;
}

void courier_places_close(void *file) {
    if (file != NULL) munmap(file, sizeof(struct places));
}

void courier_places_forget(const struct courier *c, uint32_t target) {
    char path[4200];
    path_of(c, target, path);
    unlink(path);
}

/* ---- journals ---- */

struct search {
    int64_t since;
    uint64_t from;
};

static bool before(void *arg, const struct yw_block *b) {
    struct search *s = arg;
    if (b->last_arrival >= s->since) return false;
    s->from = b->to;
    return true;
}

static void journal_paths(const struct courier *c, const char *name, char folder[4200], char blocks[4200]) {
    snprintf(folder, 4200, "%s/journal/%s", c->data, name);
    snprintf(blocks, 4200, "%s/blocks/%s", c->data, name);
}

static struct yw_reader *open_reader(const struct courier *c, const char *name, struct yw_error *err) {
    char folder[4200], blocks[4200];
    struct yw_reader *reader = NULL;
    journal_paths(c, name, folder, blocks);
    return yw_reader_open(folder, blocks, &reader, err) == YW_OK ? reader : NULL;
}

static int mark_of(struct yw_mark *marks, const char *name) {
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        if (strcmp(marks[i].name, name) == 0) return i;
    }
    return -1;
}

/* A journal not seen before begins behind the blocks that ended before the target was made. */
static void begin_mark(struct target *t, struct yw_mark *m, const char *name) {
    char folder[4200], blocks[4200];
    struct search s = {.since = t->config.since};
    struct yw_error err;
    journal_paths(t->courier, name, folder, blocks);
    (void)yw_blocks_each(blocks, before, &s, &err);
    m->front = m->read = s.from;
    m->done_n = 0;
    yw_copy(m->name, sizeof m->name, name, strlen(name));
}

static void use_journal(struct target *t, const char *name) {
    struct yw_error err;
    int i = mark_of(t->sending.marks, name);
    if (i >= 0 && t->feeds[i].reader != NULL) return;
    if (i < 0) {
        i = mark_of(t->sending.marks, "");
        if (i < 0) {
            yw_log(YW_LOG_ERROR, "target %s: more than %d journals; %s is not forwarded", t->config.name,
                   YW_SENDING_JOURNALS, name);
            return;
        }
        begin_mark(t, &t->sending.marks[i], name);
    }
    struct feed *f = &t->feeds[i], *x = &t->express[i];
    f->reader = open_reader(t->courier, name, &err);
    x->reader = f->reader != NULL ? open_reader(t->courier, name, &err) : NULL;
    f->has = x->has = false;
    if (x->reader == NULL || yw_reader_seek(f->reader, t->sending.marks[i].read, &err) != YW_OK) {
        yw_log(YW_LOG_ERROR, "target %s: journal %s cannot be read: %s", t->config.name, name, err.text);
        if (f->reader != NULL) yw_reader_close(f->reader);
        if (x->reader != NULL) yw_reader_close(x->reader);
        f->reader = x->reader = NULL;
    }
}

void courier_journals(struct target *t) {
    char path[4200];
    snprintf(path, sizeof path, "%s/journal", t->courier->data);
    DIR *d = opendir(path);
    if (d == NULL) return;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        uint32_t number;
        size_t n = strlen(e->d_name);
        if (e->d_name[0] != 'p' || n > 8 || !yw_parse_u32(e->d_name + 1, n - 1, 65000, &number)) continue;
        use_journal(t, e->d_name);
    }
    closedir(d);
}
