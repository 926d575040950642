#include "sim_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, HANDLE_BASE = 1 << 24, PATH_BYTES = 160 };

struct inode {
    uint8_t *now, *disk; /* both `cap` bytes, zero behind their sizes */
    uint8_t *dirty;      /* a flag per sector */
    size_t cap, now_size, disk_size;
};

struct name {
    char path[PATH_BYTES];
    int now, disk; /* inode, -1: none */
    int from;      /* of a rename not yet synced: index of the old name; -1 */
};

struct handle {
    int inode; /* -1: closed */
    bool writable;
};

struct sim {
    struct yw_io io;
    uint64_t random;
    struct inode *inodes;
    struct name *names;
    struct handle *handles;
    int inode_count, name_count, handle_count;
    int first_handle; /* those before are dead */
    bool dark;
    uint64_t countdown, operations;
    int64_t space;
    int failing_syncs, failing_dir_syncs;
    int64_t clock;
};

/* ---- the seed ---- */

static uint64_t draw(struct sim *s) {
    uint64_t z = s->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t sim_random(struct sim *s, uint64_t below) {
    return below ? draw(s) % below : 0;
}

static bool chance(struct sim *s, uint64_t one_in) {
    return sim_random(s, one_in) == 0;
}

/* A test has no use for going on without memory. */
static void *grow(void *p, size_t bytes) {
    void *q = realloc(p, bytes);
    if (!q) abort();
    return q;
}

/* ---- inodes ---- */

static int make_inode(struct sim *s) {
    s->inodes = grow(s->inodes, (size_t)(s->inode_count + 1) * sizeof *s->inodes);
    s->inodes[s->inode_count] = (struct inode){0};
    return s->inode_count++;
}

static void ensure(struct inode *f, size_t size) {
    if (size <= f->cap) return;
    size_t cap = f->cap ? f->cap : 8192;
    while (cap < size) cap *= 2;
    f->now = grow(f->now, cap);
    f->disk = grow(f->disk, cap);
    f->dirty = grow(f->dirty, cap / SECTOR);
    memset(f->now + f->cap, 0, cap - f->cap);
    memset(f->disk + f->cap, 0, cap - f->cap);
    memset(f->dirty + f->cap / SECTOR, 0, (cap - f->cap) / SECTOR);
    f->cap = cap;
}

static void mark(struct inode *f, size_t from, size_t to) {
    if (from < to) memset(f->dirty + from / SECTOR, 1, (to - 1) / SECTOR - from / SECTOR + 1);
}

static void flush_sector(struct inode *f, size_t sector, size_t bytes) {
    memcpy(f->disk + sector * SECTOR, f->now + sector * SECTOR, bytes);
    if (bytes == SECTOR) f->dirty[sector] = 0;
}

/* The kernel writes back whatever it likes whenever it likes. */
static void write_back_some(struct sim *s, struct inode *f) {
    if (!chance(s, 8)) return;
    for (size_t i = 0; i < f->cap / SECTOR; i++)
        if (f->dirty[i] && chance(s, 3)) flush_sector(f, i, SECTOR);
}

static void resize(struct inode *f, size_t size) {
    ensure(f, size);
    if (size < f->now_size) {
        memset(f->now + size, 0, f->now_size - size);
        mark(f, size, f->now_size);
    }
    f->now_size = size;
}

/* What the disk holds of one file after the power went. */
static void settle_inode(struct sim *s, struct inode *f) {
    uint64_t mood = sim_random(s, 4); /* nothing, everything, or some of it */
    for (size_t i = 0; i < f->cap / SECTOR; i++) {
        if (!f->dirty[i] || mood == 0) continue;
        if (mood == 1 || chance(s, 2))
            flush_sector(f, i, SECTOR);
        else if (chance(s, 3))
            flush_sector(f, i, sim_random(s, SECTOR / 8) * 8);
    }
    if (f->now_size != f->disk_size && chance(s, 2)) {
        size_t low = f->now_size < f->disk_size ? f->now_size : f->disk_size;
        size_t high = f->now_size < f->disk_size ? f->disk_size : f->now_size;
        f->disk_size = chance(s, 2) ? f->now_size : low + sim_random(s, high - low + 1);
    }
    if (f->cap > f->disk_size) memset(f->disk + f->disk_size, 0, f->cap - f->disk_size);
    if (f->cap) {
        memcpy(f->now, f->disk, f->cap);
        memset(f->dirty, 0, f->cap / SECTOR);
    }
    f->now_size = f->disk_size;
}

/* ---- names ---- */

static struct name *find_name(const struct sim *s, const char *path) {
    for (int i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i].path, path) == 0) return &s->names[i];
    return NULL;
}

static struct name *make_name(struct sim *s, const char *path) {
    struct name *n = find_name(s, path);
    if (n) return n;
    s->names = grow(s->names, (size_t)(s->name_count + 1) * sizeof *s->names);
    n = &s->names[s->name_count++];
    *n = (struct name){.now = -1, .disk = -1, .from = -1};
    if (!yw_copy(n->path, sizeof n->path, path, strlen(path))) abort();
    return n;
}

static const char *entry_in(const struct name *n, const char *folder) {
    size_t len = strlen(folder);
    if (strncmp(n->path, folder, len) != 0 || n->path[len] != '/' || strchr(n->path + len + 1, '/'))
        return NULL;
    return n->path + len + 1;
}

/* A rename may be half done in that both names exist, never in that neither does. */
static void settle_names(struct sim *s) {
    for (int i = 0; i < s->name_count; i++) {
        struct name *n = &s->names[i];
        if (n->from < 0 || !chance(s, 2)) continue;
        n->now = n->disk;
        s->names[n->from].now = s->names[n->from].disk;
    }
    for (int i = 0; i < s->name_count; i++) {
        struct name *n = &s->names[i];
        if (n->now != n->disk && (n->from >= 0 || chance(s, 2))) n->disk = n->now;
        n->now = n->disk;
        n->from = -1;
    }
}

/* ---- power ---- */

void sim_kill(struct sim *s) {
    s->first_handle = s->handle_count;
}

void sim_cut(struct sim *s) {
    sim_kill(s);
    for (int i = 0; i < s->inode_count; i++) settle_inode(s, &s->inodes[i]);
    settle_names(s);
    s->dark = false;
    s->countdown = 0;
}

void sim_cut_within(struct sim *s, uint64_t n) {
    s->countdown = n;
}

bool sim_dark(const struct sim *s) {
    return s->dark;
}

uint64_t sim_operations(const struct sim *s) {
    return s->operations;
}

/* Every changing operation passes here. true: the power goes within this one. */
static bool tick(struct sim *s) {
    s->operations++;
    if (s->countdown == 0 || --s->countdown > 0) return false;
    s->dark = true;
    return true;
}

static struct inode *inode_of(struct sim *s, int fd) {
    int i = fd - HANDLE_BASE;
    if (i < s->first_handle || i >= s->handle_count || s->handles[i].inode < 0) return NULL;
    return &s->inodes[s->handles[i].inode];
}

/* ---- the table ---- */

static int sim_open(void *ctx, const char *path, int flags) {
    struct sim *s = ctx;
    if (s->dark) return -EIO;
    struct name *n = find_name(s, path);
    if ((!n || n->now < 0) && !(flags & O_CREAT)) return -ENOENT;
    if (n && n->now >= 0 && (flags & O_CREAT) && (flags & O_EXCL)) return -EEXIST;
    if (!n || n->now < 0) {
        if (tick(s)) return -EIO;
        if (s->space == 0) return -ENOSPC;
        int inode = make_inode(s);
        n = make_name(s, path);
        n->now = inode;
    }
    s->handles = grow(s->handles, (size_t)(s->handle_count + 1) * sizeof *s->handles);
    s->handles[s->handle_count] = (struct handle){n->now, (flags & O_ACCMODE) != O_RDONLY};
    return HANDLE_BASE + s->handle_count++;
}

static int sim_close(void *ctx, int fd) {
    struct sim *s = ctx;
    if (!inode_of(s, fd)) return -EBADF;
    s->handles[fd - HANDLE_BASE].inode = -1;
    return 0;
}

static ssize_t sim_pread(void *ctx, int fd, void *bytes, size_t n, int64_t offset) {
    struct sim *s = ctx;
    struct inode *f = inode_of(s, fd);
    if (s->dark) return -EIO;
    if (!f || offset < 0) return -EBADF;
    if ((size_t)offset >= f->now_size) return 0;
    if (n > f->now_size - (size_t)offset) n = f->now_size - (size_t)offset;
    memcpy(bytes, f->now + offset, n);
    return (ssize_t)n;
}

static ssize_t sim_pwrite(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    struct sim *s = ctx;
    struct inode *f = inode_of(s, fd);
    if (s->dark) return -EIO;
    if (!f || offset < 0 || !s->handles[fd - HANDLE_BASE].writable) return -EBADF;
    bool going = tick(s);
    if (going) n = sim_random(s, n / 8 + 1) * 8;
    size_t end = (size_t)offset + n;
    if (end > f->now_size) {
        size_t more = end - f->now_size;
        if (s->space >= 0 && more > (uint64_t)s->space) {
            if ((size_t)s->space <= more - n) return -ENOSPC;
            n -= more - (size_t)s->space;
            more = (size_t)s->space;
            end = (size_t)offset + n;
        }
        if (s->space >= 0) s->space -= (int64_t)more;
        resize(f, end);
    }
    if (n > 0) memcpy(f->now + offset, bytes, n);
    mark(f, (size_t)offset, end);
    write_back_some(s, f);
    return going ? -EIO : (ssize_t)n;
}

static int sim_sync(void *ctx, int fd) {
    struct sim *s = ctx;
    struct inode *f = inode_of(s, fd);
    if (s->dark) return -EIO;
    if (!f) return -EBADF;
    if (tick(s)) return -EIO; /* settling at the cut decides what got through */
    if (s->failing_syncs > 0) {
        s->failing_syncs--;
        bool forget = chance(s, 2);
        for (size_t i = 0; i < f->cap / SECTOR; i++) {
            if (!f->dirty[i]) continue;
            if (chance(s, 3)) flush_sector(f, i, SECTOR);
            if (forget) memcpy(f->now + i * SECTOR, f->disk + i * SECTOR, SECTOR);
            f->dirty[i] = 0;
        }
        return -EIO;
    }
    for (size_t i = 0; i < f->cap / SECTOR; i++)
        if (f->dirty[i]) flush_sector(f, i, SECTOR);
    f->disk_size = f->now_size;
    return 0;
}

static int sim_truncate(void *ctx, int fd, int64_t size) {
    struct sim *s = ctx;
    struct inode *f = inode_of(s, fd);
    if (s->dark || tick(s)) return -EIO;
    if (!f || size < 0) return -EBADF;
    if (s->space >= 0) s->space += (int64_t)f->now_size - size;
    if (s->space < -1) s->space = 0;
    resize(f, (size_t)size);
    return 0;
}

static int sim_allocate(void *ctx, int fd, int64_t size) {
    struct sim *s = ctx;
    struct inode *f = inode_of(s, fd);
    if (s->dark || tick(s)) return -EIO;
    if (!f || size < 0) return -EBADF;
    if ((size_t)size <= f->now_size) return 0;
    int64_t more = size - (int64_t)f->now_size;
    if (s->space >= 0 && more > s->space) return -ENOSPC;
    if (s->space >= 0) s->space -= more;
    resize(f, (size_t)size);
    return 0;
}

static int64_t sim_size(void *ctx, int fd) {
    struct sim *s = ctx;
    struct inode *f = inode_of(s, fd);
    if (s->dark) return -EIO;
    return f ? (int64_t)f->now_size : -EBADF;
}

static int sim_sync_dir(void *ctx, const char *path) {
    struct sim *s = ctx;
    if (s->dark || tick(s)) return -EIO;
    if (s->failing_dir_syncs > 0) {
        s->failing_dir_syncs--;
        return -EIO;
    }
    for (int i = 0; i < s->name_count; i++) {
        if (!entry_in(&s->names[i], path)) continue;
        s->names[i].disk = s->names[i].now;
        s->names[i].from = -1;
    }
    return 0;
}

static int sim_rename(void *ctx, const char *from, const char *to) {
    struct sim *s = ctx;
    if (s->dark || tick(s)) return -EIO;
    struct name *a = find_name(s, from);
    if (!a || a->now < 0) return -ENOENT;
    int index = (int)(a - s->names);
    struct name *b = make_name(s, to);
    a = &s->names[index]; /* names may have moved */
    b->now = a->now;
    b->from = index;
    a->now = -1;
    return 0;
}

static int sim_remove(void *ctx, const char *path) {
    struct sim *s = ctx;
    if (s->dark || tick(s)) return -EIO;
    struct name *n = find_name(s, path);
    if (!n || n->now < 0) return -ENOENT;
    if (s->space >= 0) s->space += (int64_t)s->inodes[n->now].now_size;
    n->now = -1;
    return 0;
}

static int sim_list(void *ctx, const char *path, bool (*each)(void *arg, const char *name), void *arg) {
    struct sim *s = ctx;
    if (s->dark) return -EIO;
    for (int i = 0; i < s->name_count; i++) {
        const char *entry = s->names[i].now >= 0 ? entry_in(&s->names[i], path) : NULL;
        if (entry && !each(arg, entry)) break;
    }
    return 0;
}

static int64_t sim_now(void *ctx) {
    return ((struct sim *)ctx)->clock;
}

/* ---- making and inspecting ---- */

struct sim *sim_create(uint64_t seed) {
    struct sim *s = calloc(1, sizeof *s);
    if (!s) abort();
    s->random = seed;
    s->space = -1;
    s->clock = 1795000000 * YW_SECOND;
    s->io = (struct yw_io){.ctx = s,
                           .open = sim_open,
                           .close = sim_close,
                           .pread = sim_pread,
                           .pwrite = sim_pwrite,
                           .sync = sim_sync,
                           .truncate = sim_truncate,
                           .allocate = sim_allocate,
                           .size = sim_size,
                           .sync_dir = sim_sync_dir,
                           .rename = sim_rename,
                           .remove = sim_remove,
                           .list = sim_list,
                           .now = sim_now};
    return s;
}

void sim_destroy(struct sim *s) {
    if (!s) return;
    for (int i = 0; i < s->inode_count; i++) {
        free(s->inodes[i].now);
        free(s->inodes[i].disk);
        free(s->inodes[i].dirty);
    }
    free(s->inodes);
    free(s->names);
    free(s->handles);
    free(s);
}

const struct yw_io *sim_io(struct sim *s) {
    return &s->io;
}

void sim_space(struct sim *s, int64_t bytes) {
    s->space = bytes;
}

void sim_fail_syncs(struct sim *s, int count) {
    s->failing_syncs = count;
}

void sim_fail_dir_syncs(struct sim *s, int count) {
    s->failing_dir_syncs = count;
}

void sim_clock(struct sim *s, int64_t now) {
    s->clock = now;
}

const uint8_t *sim_bytes(struct sim *s, const char *path, size_t *size) {
    struct name *n = find_name(s, path);
    if (!n || n->now < 0) return NULL;
    struct inode *f = &s->inodes[n->now];
    *size = f->now_size;
    return f->now;
}

bool sim_flip(struct sim *s, const char *path, size_t offset, uint8_t mask) {
    struct name *n = find_name(s, path);
    if (!n || n->now < 0 || offset >= s->inodes[n->now].now_size) return false;
    s->inodes[n->now].now[offset] ^= mask;
    s->inodes[n->now].disk[offset] = s->inodes[n->now].now[offset];
    return true;
}

void sim_put(struct sim *s, const char *path, const void *bytes, size_t n) {
    int inode = make_inode(s);
    struct name *name = make_name(s, path);
    struct inode *f = &s->inodes[inode];
    resize(f, n);
    if (n > 0) {
        memcpy(f->now, bytes, n);
        memcpy(f->disk, bytes, n);
    }
    f->disk_size = n;
    name->now = name->disk = inode;
}

size_t sim_files(const struct sim *s, const char *folder) {
    size_t count = 0;
    for (int i = 0; i < s->name_count; i++)
        if (s->names[i].now >= 0 && entry_in(&s->names[i], folder)) count++;
    return count;
}
