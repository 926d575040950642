/* register.snap: what gateways need of the register, as one file that is mapped and looked up in place. */
#include "register/snap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

const char yw_snap_magic[8] = {'Y', 'W', 'S', 'N', 'A', 'P', '0', '2'};

struct yw_snap {
    const struct yw_snap_header *header;
    const struct yw_snap_device *rows;
    const struct yw_network *networks;
    size_t bytes;
    struct yw_snap_key *keys; /* opened, in memory of their own; NULL: none, or locked */
    size_t key_bytes;
};

/* Every row must be found by looking for its own MN, or a search could miss it. */
static bool rows_sound(const struct yw_snap *s) {
    const struct yw_snap_header *h = s->header;
    uint32_t used = 0;
    for (uint32_t i = 0; i < h->slots; i++) {
        const struct yw_snap_device *d = &s->rows[i];
        size_t n = strnlen(d->mn, sizeof d->mn);
        if (n == 0) continue;
        if (n == sizeof d->mn || d->state > YW_DEVICE_RETIRED || d->id == 0) return false;
        if (d->key_n > YW_SNAP_KEYS || d->key_first > h->keys || d->key_n > h->keys - d->key_first)
            return false;
        if (d->network_n > YW_PEER_NETWORKS_MAX || d->network_first > h->networks ||
            d->network_n > h->networks - d->network_first) {
            return false;
        }
        if (yw_snap_find(s, d->mn, n) != d) return false;
        used++;
    }
    for (uint32_t i = 0; i < h->networks; i++) {
        if (s->networks[i].bits > 128) return false;
    }
    return used == h->devices;
}

static bool header_sound(const struct yw_snap *s) {
    const struct yw_snap_header *h = s->header;
    if (h->header_sum != yw_snap_header_sum(h) || h->slots < 16 || (h->slots & (h->slots - 1)) != 0 ||
        h->devices > h->slots / 2) {
        return false;
    }
    uint64_t want = sizeof *h + (uint64_t)h->slots * sizeof *s->rows + (uint64_t)h->keys * sizeof *s->keys +
                    (uint64_t)h->networks * sizeof *s->networks;
    return s->bytes == want && h->table_sum == yw_hash64(s->rows, s->bytes - sizeof *h, 0);
}

/* Opens the keys into pages that no core dump takes along. */
static void open_keys(struct yw_snap *s, const uint8_t *key) {
    const struct yw_snap_header *h = s->header;
    if (key == NULL || h->keys == 0) return;
    size_t bytes = h->keys * sizeof *s->keys;
    const uint8_t *sealed = (const uint8_t *)(s->rows + h->slots);
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return;
    madvise(at, bytes, MADV_DONTDUMP);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt_detached(at, NULL, sealed, bytes, h->key_tag,
                                                            (const uint8_t *)yw_snap_magic, sizeof h->magic,
                                                            h->key_nonce, key) != 0) {
        munmap(at, bytes);
        return;
    }
    s->keys = at;
    s->key_bytes = bytes;
}

enum yw_code yw_snap_map(int fd, const uint8_t *key, struct yw_snap **out, struct yw_error *err) {
    *out = NULL;
    struct stat st;
    if (fstat(fd, &st) != 0) return yw_fail_errno(err, errno, "register.snap");
    if (st.st_size < (off_t)sizeof(struct yw_snap_header)) {
        return yw_fail(err, YW_E_CORRUPT, "register.snap: %lld bytes are too few", (long long)st.st_size);
    }
    size_t bytes = (size_t)st.st_size;
    void *at = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) return yw_fail_errno(err, errno, "register.snap: cannot be mapped");
    struct yw_snap s = {.header = at,
                        .rows = (const void *)((const char *)at + sizeof(struct yw_snap_header)),
                        .bytes = bytes};
    const struct yw_snap_header *h = s.header;
    enum yw_code code = YW_OK;
    if (memcmp(h->magic, yw_snap_magic, sizeof yw_snap_magic) != 0) {
        code = yw_fail(err, YW_E_VERSION,
                       "register.snap: not a snapshot this program knows; let the pipeline write it anew");
    } else if (!header_sound(&s)) {
        code = yw_fail(err, YW_E_CORRUPT, "register.snap: damaged; the pipeline will write it anew");
    } else {
        s.networks = (const void *)((const char *)(s.rows + h->slots) + h->keys * sizeof *s.keys);
        if (!rows_sound(&s)) {
            code = yw_fail(err, YW_E_CORRUPT, "register.snap: damaged; the pipeline will write it anew");
        }
    }
    struct yw_snap *copy = code == YW_OK ? malloc(sizeof *copy) : NULL;
    if (copy == NULL) {
        munmap(at, bytes);
        return code != YW_OK ? code : yw_fail(err, YW_E_NOMEM, "register.snap: out of memory");
    }
    open_keys(&s, key);
    *copy = s;
    *out = copy;
    return YW_OK;
}

void yw_snap_unmap(struct yw_snap *s) {
    if (s == NULL) return;
    if (s->keys != NULL) {
        sodium_memzero(s->keys, s->key_bytes);
        munmap(s->keys, s->key_bytes);
    }
    munmap((void *)(uintptr_t)s->header, s->bytes);
    free(s);
}

uint32_t yw_snap_version(const struct yw_snap *s) {
    return s->header->version;
}

uint32_t yw_snap_devices(const struct yw_snap *s) {
    return s->header->devices;
}

uint32_t yw_snap_locked(const struct yw_snap *s) {
    return s->keys == NULL ? s->header->keys : 0;
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

static bool hash_fits(const struct yw_snap *s, const uint8_t want[16], const char *pw, size_t n) {
    uint8_t hash[16];
    memset(hash, YW_SNAP_NONE_FITS, sizeof hash);
    if (memcmp(want, hash, sizeof hash) == 0) return false;
    yw_snap_password_hash(s->header->salt, pw, n, hash);
    return sodium_memcmp(hash, want, sizeof hash) == 0;
}

bool yw_snap_password_fits(const struct yw_snap *s, const struct yw_snap_device *d, const char *pw,
                           size_t n) {
    static const uint8_t any[sizeof d->pw_hash];
    if (memcmp(d->pw_hash, any, sizeof any) == 0) return true;
    return hash_fits(s, d->pw_hash, pw, n) || hash_fits(s, d->pw_next_hash, pw, n);
}

size_t yw_snap_keys(const struct yw_snap *s, const struct yw_snap_device *d, const struct yw_snap_key **out) {
    *out = s->keys != NULL ? s->keys + d->key_first : NULL;
    return s->keys != NULL ? d->key_n : 0;
}

bool yw_snap_peer_fits(const struct yw_snap *s, const struct yw_snap_device *d, const uint8_t addr[16]) {
    if (d->network_n == 0) return true;
    for (size_t i = 0; i < d->network_n; i++) {
        if (yw_network_holds(&s->networks[d->network_first + i], addr)) return true;
    }
    return false;
}
