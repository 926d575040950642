#include "base/base.h"

#include <openssl/evp.h>
#include <xxhash.h>

uint64_t yw_hash64(const void *bytes, size_t n, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, n, seed);
}

void yw_sha256(const void *bytes, size_t n, uint8_t out[32]) {
    unsigned len = 32;
    EVP_Digest(bytes, n, out, &len, EVP_sha256(), NULL);
}
