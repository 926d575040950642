/* Writing register.snap. */
#include "register/snap.h"

#include <stdlib.h>
#include <string.h>

struct making {
    struct yw_snap_header h;
    const struct yw_register *r;
    const uint8_t *secret, *master;
    struct yw_snap_device *rows;
    struct yw_snap_key *keys;
    struct yw_network *networks;
    size_t left_out;
};

static void hash_of(const struct making *m, const struct yw_device *d, const char *sealed, uint8_t out[16]) {
    char pw[YW_PASSWORD_BYTES];
    if (yw_password_open(m->secret, d->mn, sealed, pw, sizeof pw, NULL) == YW_OK) {
        yw_snap_password_hash(m->h.salt, pw, strlen(pw), out);
    } else {
        memset(out, YW_SNAP_NONE_FITS, 16);
    }
    sodium_memzero(pw, sizeof pw);
}

static void put_keys(struct making *m, uint32_t device, struct yw_snap_device *row) {
    const struct yw_device_key *now[YW_SNAP_KEYS];
    size_t n = yw_register_keys_now(m->r, device, now);
    row->key_first = m->h.keys;
    for (size_t i = 0; i < n; i++) {
        struct yw_snap_key *k = &m->keys[m->h.keys];
        bool opened =
            now[i] != NULL && m->master != NULL && yw_key_open(m->master, now[i], k->key, NULL) == YW_OK;
        m->left_out += now[i] != NULL && !opened;
        if (opened) k->id = now[i]->key_id;
        if (!opened && i > 0) continue; /* the first place is that of the present key, be it empty */
        m->h.keys++;
        row->key_n++;
    }
    if (row->key_n == 1 && m->keys[row->key_first].id == 0) {
        row->key_n = 0;
        m->h.keys--;
    }
}

static void put_networks(struct making *m, const struct yw_device *d, struct yw_snap_device *row) {
    struct yw_network list[YW_PEER_NETWORKS_MAX];
    size_t n;
    row->network_first = m->h.networks;
    if (d->peers[0] == '\0' || yw_networks_parse(d->peers, list, &n, NULL) != YW_OK) return;
    memcpy(m->networks + m->h.networks, list, n * sizeof *list);
    m->h.networks += (uint32_t)n;
    row->network_n = (uint8_t)n;
}

static void fill_row(struct making *m, const struct yw_device *d, struct yw_snap_device *row) {
    memcpy(row->mn, d->mn, sizeof row->mn);
    row->id = d->id;
    row->outlet = d->outlet;
    row->state = d->state;
    row->version = d->version;
    row->rtd_interval_s = d->rtd_interval_s;
    row->min_interval_min = d->min_interval_min;
    row->pin_crc = d->pin_crc;
    row->pin_case = d->pin_case;
    row->pin_text = d->pin_text;
    row->pin_reply = d->pin_reply;
    row->twin_policy =
        d->twin_policy != 0 ? d->twin_policy : (uint8_t)yw_register_policy(m->r, "twin_policy", 0);
    row->overtime_s = d->overtime_s;
    row->recount = d->recount;
    row->execute_s = d->execute_s;
    if (d->pw[0] != '\0') hash_of(m, d, d->pw, row->pw_hash);
    memset(row->pw_next_hash, YW_SNAP_NONE_FITS, sizeof row->pw_next_hash);
    if (d->pw_next[0] != '\0') hash_of(m, d, d->pw_next, row->pw_next_hash);
    put_keys(m, d->id, row);
    put_networks(m, d, row);
}

/* The table of keys is encrypted as one piece: whoever holds the snapshot key opens all of them, nobody else
 * any. */
static void seal_keys(struct making *m) {
    uint8_t key[32];
    unsigned long long tag;
    randombytes_buf(m->h.key_nonce, sizeof m->h.key_nonce);
    if (m->h.keys == 0) return;
    yw_master_snapshot_key(m->master, key);
    crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
        (uint8_t *)m->keys, m->h.key_tag, &tag, (const uint8_t *)m->keys, m->h.keys * sizeof *m->keys,
        (const uint8_t *)yw_snap_magic, sizeof m->h.magic, NULL, m->h.key_nonce, key);
    sodium_memzero(key, sizeof key);
}

/* Most keys and networks that can come; rows are dense in the file, these tables are cut to what is used. */
static size_t count_networks(const struct yw_device *d, size_t n) {
    size_t with = 0;
    for (size_t i = 0; i < n; i++) with += d[i].peers[0] != '\0';
    return with * YW_PEER_NETWORKS_MAX;
}

static size_t count_keys(const struct yw_register *r, size_t devices) {
    size_t most = devices * YW_SNAP_KEYS, all = yw_register_key_count(r) * 2;
    return most < all ? most : all; /* an empty first place for each key at most */
}

enum yw_code yw_snap_write(const struct yw_io *io, const char *path, const struct yw_register *r,
                           const uint8_t *secret, const uint8_t *master, size_t *left_out,
                           struct yw_error *err) {
    size_t n;
    const struct yw_device *d = yw_register_devices(r, &n);
    struct making m = {.h = {.version = yw_register_version(r), .devices = (uint32_t)n, .slots = 16},
                       .r = r,
                       .secret = secret,
                       .master = master};
    memcpy(m.h.magic, yw_snap_magic, sizeof m.h.magic);
    while (m.h.slots / 2 < n) m.h.slots *= 2;
    randombytes_buf(m.h.salt, sizeof m.h.salt);
    randombytes_buf(&m.h.seed, sizeof m.h.seed);
    size_t row_bytes = m.h.slots * sizeof *m.rows, key_most = count_keys(r, n) + YW_SNAP_KEYS,
           network_most = count_networks(d, n);
    size_t most = sizeof m.h + row_bytes + key_most * sizeof *m.keys + network_most * sizeof *m.networks;
    char *file = calloc(1, most);
    m.networks = calloc(network_most + 1, sizeof *m.networks);
    enum yw_code code = YW_OK;
    if (file == NULL || m.networks == NULL) {
        code = yw_fail(err, YW_E_NOMEM, "%s: out of memory for %zu devices", path, n);
    } else {
        m.rows = (void *)(file + sizeof m.h);
        m.keys = (void *)(file + sizeof m.h + row_bytes);
        for (size_t i = 0; i < n; i++) {
            size_t at = (size_t)yw_hash64(d[i].mn, strlen(d[i].mn), m.h.seed) & (m.h.slots - 1);
            while (m.rows[at].mn[0] != '\0') at = (at + 1) & (m.h.slots - 1);
            fill_row(&m, &d[i], &m.rows[at]);
        }
        seal_keys(&m);
        size_t bytes = sizeof m.h + row_bytes + m.h.keys * sizeof *m.keys;
        memcpy(file + bytes, m.networks, m.h.networks * sizeof *m.networks);
        bytes += m.h.networks * sizeof *m.networks;
        m.h.table_sum = yw_hash64(m.rows, bytes - sizeof m.h, 0);
        m.h.header_sum = yw_snap_header_sum(&m.h);
        memcpy(file, &m.h, sizeof m.h);
        code = yw_file_replace(io, path, file, bytes, err);
    }
    if (left_out != NULL) *left_out = m.left_out;
    free(m.networks);
    free(file);
    return code;
}
