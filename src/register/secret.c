/* The installation's key, made once, by whichever program needs it first; passwords and texts sealed with it.
 */
#include "register/model.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEY_BYTES = 32 };

/* The folder that path lies in. */
static void folder_of(const char *path, char out[4096]) {
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    snprintf(out, 4096, "%.*s", n == 0 ? 1 : (int)n, n == 0 ? "." : path);
}

enum yw_code yw_secret_make(const char *path, struct yw_error *err) {
    uint8_t key[KEY_BYTES];
    char fresh[4096 + 32], folder[4096];
    randombytes_buf(key, sizeof key);
    snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    folder_of(path, folder);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return yw_fail_errno(err, errno, "%s: cannot be made", fresh);
    bool ok = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
    int why = errno;
    close(fd);
    sodium_memzero(key, sizeof key);
    /* A link fails where another program was first; its key counts then. */
    if (ok && link(fresh, path) != 0 && errno != EEXIST) ok = false, why = errno;
    unlink(fresh);
    if (!ok) return yw_fail_errno(err, why, "%s: cannot be written", path);
    int synced = yw_io_system()->sync_dir(yw_io_system()->ctx, folder);
    return synced < 0 ? yw_fail_errno(err, -synced, "%s", folder) : YW_OK;
}

enum yw_code yw_secret_find(const char *data, uint8_t key[32], struct yw_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/secret.key", data) >= (int)sizeof path) {
        return yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? yw_fail(err, YW_E_NOT_FOUND, "%s: there is none", path)
                               : yw_fail_errno(err, errno, "%s", path);
    }
    ssize_t n = read(fd, key, KEY_BYTES);
    close(fd);
    return n == KEY_BYTES ? YW_OK : yw_fail(err, YW_E_CORRUPT, "%s: shorter than %d bytes", path, KEY_BYTES);
}

enum yw_code yw_secret_load(const char *data, uint8_t key[32], struct yw_error *err) {
    enum yw_code code = yw_secret_find(data, key, err);
    if (code != YW_E_NOT_FOUND) return code;
    char path[4096];
    snprintf(path, sizeof path, "%s/secret.key", data); /* its length was checked by find */
    code = yw_secret_make(path, err);
    return code == YW_OK ? yw_secret_find(data, key, err) : code;
}

/* ---- devices' passwords ---- */

static const char sealed_mark[] = "sealed:";
enum {
    MARK_LENGTH = sizeof sealed_mark - 1,
    NONCE = crypto_secretbox_NONCEBYTES,
    AROUND = NONCE + crypto_secretbox_MACBYTES,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};
_Static_assert(MARK_LENGTH + sodium_base64_ENCODED_LEN(AROUND + YW_PASSWORD_BYTES - 1, BASE64) <=
                   YW_PASSWORD_SEALED,
               "a sealed password has its place");

struct seal_keys {
    uint8_t box[crypto_secretbox_KEYBYTES], nonce[crypto_generichash_KEYBYTES];
};

static struct seal_keys keys_of(const uint8_t key[KEY_BYTES]) {
    struct seal_keys k;
    crypto_kdf_derive_from_key(k.box, sizeof k.box, 1, "devicepw", key);
    crypto_kdf_derive_from_key(k.nonce, sizeof k.nonce, 2, "devicepw", key);
    return k;
}

static void nonce_of(const struct seal_keys *k, const char *mn, const char *pw, uint8_t out[NONCE]) {
    crypto_generichash_state s;
    crypto_generichash_init(&s, k->nonce, sizeof k->nonce, NONCE);
    crypto_generichash_update(&s, (const uint8_t *)mn, strlen(mn) + 1);
    crypto_generichash_update(&s, (const uint8_t *)pw, strlen(pw));
    crypto_generichash_final(&s, out, NONCE);
}

bool yw_password_is_sealed(const char *text) {
    return strncmp(text, sealed_mark, MARK_LENGTH) == 0;
}

enum yw_code yw_password_seal(const uint8_t key[32], const char *mn, const char *pw, char *out, size_t size,
                              struct yw_error *err) {
    size_t n = strlen(pw);
    if (size < YW_PASSWORD_SEALED) return yw_fail(err, YW_E_LIMIT, "pw: no room for its sealed text");
    if (n >= YW_PASSWORD_BYTES || !yw_chars_fit(YW_CHARS_PRINT, pw, n) || yw_password_is_sealed(pw)) {
        return yw_fail(
            err, YW_E_FORMAT,
            "pw: takes at most %d ASCII characters, no blanks, and does not begin with \"sealed:\"",
            YW_PASSWORD_BYTES - 1);
    }
    out[0] = '\0';
    if (n == 0) return YW_OK;
    uint8_t box[AROUND + YW_PASSWORD_BYTES];
    struct seal_keys k = keys_of(key);
    nonce_of(&k, mn, pw, box);
    crypto_secretbox_easy(box + NONCE, (const uint8_t *)pw, n, box, k.box);
    memcpy(out, sealed_mark, MARK_LENGTH);
    sodium_bin2base64(out + MARK_LENGTH, size - MARK_LENGTH, box, AROUND + n, BASE64);
    sodium_memzero(&k, sizeof k);
    return YW_OK;
}

enum yw_code yw_password_open(const uint8_t *key, const char *mn, const char *text, char *out, size_t size,
                              struct yw_error *err) {
    if (!yw_password_is_sealed(text)) {
        return yw_copy(out, size, text, strlen(text))
                   ? YW_OK
                   : yw_fail(err, YW_E_LIMIT, "the pw of MN %s is too long", mn);
    }
    if (key == NULL)
        return yw_fail(err, YW_E_NOT_FOUND, "the pw of MN %s is sealed: secret.key is needed", mn);
    uint8_t box[AROUND + YW_PASSWORD_BYTES], nonce[NONCE];
    char pw[YW_PASSWORD_BYTES] = "";
    size_t n = 0;
    struct seal_keys k = keys_of(key);
    const char *base64 = text + MARK_LENGTH;
    bool good = sodium_base642bin(box, sizeof box, base64, strlen(base64), NULL, &n, NULL, BASE64) == 0 &&
                n > AROUND && n - AROUND < sizeof pw && n - AROUND < size &&
                crypto_secretbox_open_easy((uint8_t *)pw, box + NONCE, n - NONCE, box, k.box) == 0;
    nonce_of(&k, mn, pw, nonce);
    good = good && sodium_memcmp(nonce, box, NONCE) == 0;
    if (good) memcpy(out, pw, n - AROUND + 1);
    sodium_memzero(&k, sizeof k);
    sodium_memzero(pw, sizeof pw);
    if (good) return YW_OK;
    return yw_fail(err, YW_E_CORRUPT,
                   "the pw of MN %s does not open: secret.key is not the one it was sealed with", mn);
}

/* ---- texts for a named use ---- */

_Static_assert(MARK_LENGTH + sodium_base64_ENCODED_LEN(AROUND + YW_TEXT_SEAL_MAX, BASE64) <= YW_TEXT_SEALED,
               "a sealed text has its place");

static struct seal_keys text_keys(const uint8_t key[KEY_BYTES]) {
    struct seal_keys k;
    crypto_kdf_derive_from_key(k.box, sizeof k.box, 1, "sealtext", key);
    crypto_kdf_derive_from_key(k.nonce, sizeof k.nonce, 2, "sealtext", key);
    return k;
}

enum yw_code yw_text_seal(const uint8_t key[32], const char *context, const char *text, char *out,
                          size_t size, struct yw_error *err) {
    size_t n = strlen(text);
    if (size < YW_TEXT_SEALED || strlen(context) > YW_SEAL_CONTEXT_MAX) {
        return yw_fail(err, YW_E_LIMIT, "no room for a sealed text, or its use is too long");
    }
    if (n > YW_TEXT_SEAL_MAX) {
        return yw_fail(err, YW_E_LIMIT, "a text to be sealed takes at most %d bytes", YW_TEXT_SEAL_MAX);
    }
    uint8_t box[AROUND + YW_TEXT_SEAL_MAX];
    struct seal_keys k = text_keys(key);
    nonce_of(&k, context, text, box);
    crypto_secretbox_easy(box + NONCE, (const uint8_t *)text, n, box, k.box);
    memcpy(out, sealed_mark, MARK_LENGTH);
    sodium_bin2base64(out + MARK_LENGTH, size - MARK_LENGTH, box, AROUND + n, BASE64);
    sodium_memzero(&k, sizeof k);
    return YW_OK;
}

enum yw_code yw_text_open(const uint8_t key[32], const char *context, const char *sealed, char *out,
                          size_t size, struct yw_error *err) {
    uint8_t box[AROUND + YW_TEXT_SEAL_MAX], nonce[NONCE];
    char text[YW_TEXT_SEAL_MAX + 1] = "";
    size_t n = 0;
    struct seal_keys k = text_keys(key);
    const char *base64 = yw_password_is_sealed(sealed) ? sealed + MARK_LENGTH : "";
    bool good = sodium_base642bin(box, sizeof box, base64, strlen(base64), NULL, &n, NULL, BASE64) == 0 &&
                n >= AROUND && n - AROUND < size &&
                crypto_secretbox_open_easy((uint8_t *)text, box + NONCE, n - NONCE, box, k.box) == 0;
    nonce_of(&k, context, text, nonce);
    good = good && sodium_memcmp(nonce, box, NONCE) == 0;
    if (good) memcpy(out, text, n - AROUND + 1);
    sodium_memzero(&k, sizeof k);
    sodium_memzero(text, sizeof text);
    if (good) return YW_OK;
    return yw_fail(err, YW_E_CORRUPT,
                   "what was sealed for '%s' does not open: the key is another one, or the text is damaged",
                   context);
}

size_t yw_passwords_locked(const struct yw_register *r, const uint8_t *key) {
    size_t n, locked = 0;
    char pw[YW_PASSWORD_BYTES];
    const struct yw_device *d = yw_register_devices(r, &n);
    for (size_t i = 0; i < n; i++) {
        locked += yw_password_open(key, d[i].mn, d[i].pw, pw, sizeof pw, NULL) != YW_OK ||
                  yw_password_open(key, d[i].mn, d[i].pw_next, pw, sizeof pw, NULL) != YW_OK;
    }
    sodium_memzero(pw, sizeof pw);
    return locked;
}
