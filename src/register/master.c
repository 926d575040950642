/* The master key, a file outside the data folder, and the keys of devices that it opens. */
#include "register/model.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RING = 64, WHY = 320 };

enum yw_code yw_master_path(const char *data, const char *file, char *out, size_t size,
                            struct yw_error *err) {
    int n;
    if (file != NULL && file[0] != '\0') {
        n = snprintf(out, size, "%s", file);
    } else {
        /* "folder/" names the folder, not something in it. */
        size_t end = strlen(data);
        while (end > 1 && data[end - 1] == '/') end--;
        n = snprintf(out, size, "%.*s.master.key", (int)(end < 4096 ? end : 4096), data);
    }
    return n >= 0 && (size_t)n < size ? YW_OK
                                      : yw_fail(err, YW_E_LIMIT, "the path of the master key is too long");
}

enum yw_code yw_master_find(const char *path, uint8_t key[YW_MASTER_BYTES], struct yw_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return yw_fail(err, YW_E_NOT_FOUND,
                       "the master key %s is not there: bring it back from its backup, or say where it lies "
                       "with master-key",
                       path);
    }
    if (fd < 0) return yw_fail_errno(err, errno, "the master key %s", path);
    uint8_t bytes[YW_MASTER_BYTES + 1];
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n == YW_MASTER_BYTES) memcpy(key, bytes, YW_MASTER_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    return n == YW_MASTER_BYTES ? YW_OK
                                : yw_fail(err, YW_E_CORRUPT, "the master key %s does not have %d bytes", path,
                                          YW_MASTER_BYTES);
}

enum yw_code yw_master_load(const char *path, uint8_t key[YW_MASTER_BYTES], struct yw_error *err) {
    enum yw_code code = yw_master_find(path, key, err);
    if (code != YW_E_NOT_FOUND) return code;
    code = yw_secret_make(path, err);
    return code == YW_OK ? yw_master_find(path, key, err) : code;
}

void yw_master_snapshot_key(const uint8_t key[YW_MASTER_BYTES], uint8_t out[32]) {
    crypto_kdf_derive_from_key(out, 32, 1, "snapshot", key);
}

/* ---- a ring of opened keys ---- */

struct yw_keyring {
    char path[4096], why[WHY];
    bool has_master;
    uint8_t master[YW_MASTER_BYTES];
    struct {
        uint32_t id;
        uint8_t key[YW_SM4_BYTES];
    } at[RING]; /* by id modulo RING */
};

struct yw_keyring *yw_keyring_create(const char *master_path) {
    struct yw_keyring *k = calloc(1, sizeof *k);
    if (k == NULL || yw_copy(k->path, sizeof k->path, master_path, strlen(master_path))) return k;
    free(k);
    return NULL;
}

void yw_keyring_destroy(struct yw_keyring *k) {
    if (k == NULL) return;
    sodium_memzero(k, sizeof *k);
    free(k);
}

const char *yw_keyring_why(const struct yw_keyring *k) {
    return k->why;
}

const uint8_t *yw_keyring_key(struct yw_keyring *k, const struct yw_register *r, uint32_t key_id) {
    size_t i = key_id % RING;
    if (key_id != 0 && k->at[i].id == key_id) return k->at[i].key;
    const struct yw_device_key *sealed = yw_register_key(r, key_id);
    struct yw_error err = {0};
    uint8_t key[YW_SM4_BYTES];
    enum yw_code code = sealed != NULL ? YW_OK : yw_fail(&err, YW_E_NOT_FOUND, "there is no key %u", key_id);
    if (code == YW_OK && !k->has_master) {
        code = yw_master_find(k->path, k->master, &err);
        k->has_master = code == YW_OK;
    }
    if (code == YW_OK) code = yw_key_open(k->master, sealed, key, &err);
    yw_copy(k->why, sizeof k->why, err.text, strlen(err.text));
    if (code == YW_OK) {
        k->at[i].id = key_id;
        memcpy(k->at[i].key, key, sizeof key);
    } else if (code == YW_E_CORRUPT) {
        k->has_master = false; /* the right one may be brought back */
    }
    sodium_memzero(key, sizeof key);
    return code == YW_OK ? k->at[i].key : NULL;
}
