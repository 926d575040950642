#include "base/base.h"

#include <openssl/evp.h>
#include <xxhash.h>

uint64_t yw_hash64(const void *bytes, size_t n, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, n, seed);
}

/* Looked up once: a fetch by name costs more than hashing a short record. */
static const EVP_MD *sha256_method(void) {
    static EVP_MD *kept;
    EVP_MD *m = __atomic_load_n(&kept, __ATOMIC_ACQUIRE);
    if (m) return m;
    m = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD *none = NULL;
    if (!__atomic_compare_exchange_n(&kept, &none, m, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        EVP_MD_free(m);
        m = none;
    }
    return m;
}

void yw_sha256(const void *bytes, size_t n, uint8_t out[32]) {
    unsigned len = 32;
    EVP_Digest(bytes, n, out, &len, sha256_method(), NULL);
}
