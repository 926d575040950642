/* register.snap: what gateways need of the register, as one file that is mapped and looked up in place.
 *
 * Header of 64 bytes, then a table of 128-byte rows with open addressing on the hash of MN (a row with an
 * empty MN is free). Little-endian. Passwords are there as a keyed hash alone, the key being this file's
 * random salt. */
#include "register/register.h"

#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>

_Static_assert(sizeof(struct yw_snap_device) == 128, "a row of register.snap has 128 bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "register.snap is mapped as it lies: little-endian only");

struct header {
    char magic[8];
    uint32_t version; /* of the register */
    uint32_t devices; /* rows in use */
    uint32_t slots;   /* rows in all, a power of two */
    uint32_t zero;
    uint8_t salt[crypto_shorthash_siphashx24_KEYBYTES];
    uint64_t seed; /* of the MN hash */
    uint64_t table_sum, header_sum;
};
_Static_assert(sizeof(struct header) == 64, "the header of register.snap has 64 bytes");

static const char magic[8] = {'Y', 'W', 'S', 'N', 'A', 'P', '0', '1'};

struct yw_snap {
    const struct header *header;
    const struct yw_snap_device *rows;
    size_t bytes;
};

enum { NONE_FITS = 0xff }; /* each byte of the hash of a password that could not be opened */

static void password_hash(const uint8_t salt[16], const char *pw, size_t n, uint8_t out[16]) {
    (void)crypto_shorthash_siphashx24(out, (const unsigned char *)pw, n, salt);
}

static uint64_t header_sum(const struct header *h) {
    return yw_hash64(h, offsetof(struct header, header_sum), 0);
}

static void fill_row(struct yw_snap_device *row, const struct yw_device *d, const struct header *h,
                     const uint8_t *key) {
    memcpy(row->mn, d->mn, sizeof row->mn);
    row->id = d->id;
    row->outlet = d->outlet;
    row->state = d->state;
    row->version = d->version;
    row->rtd_interval_s = d->rtd_interval_s;
    row->min_interval_min = d->min_interval_min;
    if (d->pw[0] == '\0') return;
    char pw[YW_PASSWORD_BYTES];
    if (yw_password_open(key, d->mn, d->pw, pw, sizeof pw, NULL) == YW_OK) {
        password_hash(h->salt, pw, strlen(pw), row->pw_hash);
    } else {
        memset(row->pw_hash, NONE_FITS, sizeof row->pw_hash);
    }
    sodium_memzero(pw, sizeof pw);
}

enum yw_code yw_snap_write(const struct yw_io *io, const char *path, const struct yw_register *r,
                           const uint8_t *key, struct yw_error *err) {
    size_t n;
    const struct yw_device *d = yw_register_devices(r, &n);
    struct header h = {.version = yw_register_version(r), .devices = (uint32_t)n, .slots = 16};
    memcpy(h.magic, magic, sizeof magic);
    while (h.slots / 2 < n) h.slots *= 2;
    randombytes_buf(h.salt, sizeof h.salt);
    randombytes_buf(&h.seed, sizeof h.seed);
    size_t bytes = sizeof h + h.slots * sizeof(struct yw_snap_device);
    char *file = calloc(1, bytes);
    if (file == NULL) return yw_fail(err, YW_E_NOMEM, "%s: out of memory for %zu devices", path, n);
    struct yw_snap_device *rows = (void *)(file + sizeof h);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)yw_hash64(d[i].mn, strlen(d[i].mn), h.seed) & (h.slots - 1);
        while (rows[at].mn[0] != '\0') at = (at + 1) & (h.slots - 1);
        fill_row(&rows[at], &d[i], &h, key);
    }
    h.table_sum = yw_hash64(rows, bytes - sizeof h, 0);
    h.header_sum = header_sum(&h);
    memcpy(file, &h, sizeof h);
    enum yw_code code = yw_file_replace(io, path, file, bytes, err);
    free(file);
    return code;
}

/* Every row must be found by looking for its own MN, or a search could miss it. */
static bool rows_sound(const struct yw_snap *s) {
    uint32_t used = 0;
    for (uint32_t i = 0; i < s->header->slots; i++) {
        const struct yw_snap_device *d = &s->rows[i];
        size_t n = strnlen(d->mn, sizeof d->mn);
        if (n == 0) continue;
        if (n == sizeof d->mn || d->state > YW_DEVICE_RETIRED || d->id == 0) return false;
        if (yw_snap_find(s, d->mn, n) != d) return false;
        used++;
    }
    return used == s->header->devices;
}

enum yw_code yw_snap_map(int fd, struct yw_snap **out, struct yw_error *err) {
    *out = NULL;
    struct stat st;
    if (fstat(fd, &st) != 0) return yw_fail_errno(err, errno, "register.snap");
    if (st.st_size < (off_t)sizeof(struct header)) {
        return yw_fail(err, YW_E_CORRUPT, "register.snap: %lld bytes are too few", (long long)st.st_size);
    }
    size_t bytes = (size_t)st.st_size;
    void *at = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) return yw_fail_errno(err, errno, "register.snap: cannot be mapped");
    struct yw_snap s = {
        .header = at, .rows = (const void *)((const char *)at + sizeof(struct header)), .bytes = bytes};
    const struct header *h = s.header;
    enum yw_code code = YW_OK;
    if (memcmp(h->magic, magic, sizeof magic) != 0) {
        code = yw_fail(err, YW_E_VERSION,
                       "register.snap: not a snapshot this program knows; let the pipeline write it anew");
    } else if (h->header_sum != header_sum(h) || h->slots < 16 || (h->slots & (h->slots - 1)) != 0 ||
               bytes - sizeof *h != (size_t)h->slots * sizeof(struct yw_snap_device) ||
               h->devices > h->slots / 2 || h->table_sum != yw_hash64(s.rows, bytes - sizeof *h, 0) ||
               !rows_sound(&s)) {
        code = yw_fail(err, YW_E_CORRUPT, "register.snap: damaged; the pipeline will write it anew");
    }
    struct yw_snap *copy = code == YW_OK ? malloc(sizeof *copy) : NULL;
    if (copy == NULL) {
        munmap(at, bytes);
        return code != YW_OK ? code : yw_fail(err, YW_E_NOMEM, "register.snap: out of memory");
    }
    *copy = s;
    *out = copy;
    return YW_OK;
}

void yw_snap_unmap(struct yw_snap *s) {
    if (s == NULL) return;
    munmap((void *)(uintptr_t)s->header, s->bytes);
    free(s);
}

uint32_t yw_snap_version(const struct yw_snap *s) {
    return s->header->version;
}

uint32_t yw_snap_devices(const struct yw_snap *s) {
    return s->header->devices;
}

const struct yw_snap_device *yw_snap_find(const struct yw_snap *s, const char *mn, size_t n) {
    if (n == 0 || n >= sizeof s->rows->mn) return NULL;
    uint32_t mask = s->header->slots - 1;
    uint32_t at = (uint32_t)yw_hash64(mn, n, s->header->seed) & mask;
    /* At most half the rows are in use (checked when mapped), so this ends. */
    for (; s->rows[at].mn[0] != '\0'; at = (at + 1) & mask) {
        const char *there = s->rows[at].mn;
        if (memcmp(there, mn, n) == 0 && there[n] == '\0') return &s->rows[at];
    }
    return NULL;
}

bool yw_snap_password_fits(const struct yw_snap *s, const struct yw_snap_device *d, const char *pw,
                           size_t n) {
    static const uint8_t any[sizeof d->pw_hash];
    if (memcmp(d->pw_hash, any, sizeof any) == 0) return true;
    uint8_t hash[sizeof d->pw_hash];
    memset(hash, NONE_FITS, sizeof hash);
    if (memcmp(d->pw_hash, hash, sizeof hash) == 0) return false;
    password_hash(s->header->salt, pw, n, hash);
    return sodium_memcmp(hash, d->pw_hash, sizeof hash) == 0;
}
