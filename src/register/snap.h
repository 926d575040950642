/* register.snap as it lies: a header, a table of rows with open addressing on the hash of MN (a row with an
 * empty MN is free), then the devices' keys, then their networks. Little-endian. Passwords are there as a
 * keyed hash alone, the key being this file's random salt; keys are encrypted with the snapshot key, which
 * gateways get by another way. */
#ifndef YW_REGISTER_SNAP_H
#define YW_REGISTER_SNAP_H

#include <sodium.h>

#include "register/register.h"

enum { YW_SNAP_NONCE = 24, YW_SNAP_TAG = 16 };
_Static_assert(YW_SNAP_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   YW_SNAP_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "sizes of the cipher that seals keys");
_Static_assert(sizeof(struct yw_snap_device) == 128 && offsetof(struct yw_snap_device, pw_next_hash) == 64,
               "a row of register.snap has 128 bytes, two cache lines");
_Static_assert(sizeof(struct yw_snap_key) == 20 && sizeof(struct yw_network) == 20, "20 bytes each");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "register.snap is mapped as it lies: little-endian only");

struct yw_snap_header {
    char magic[8];
    uint32_t version; /* of the register */
    uint32_t devices; /* rows in use */
    uint32_t slots;   /* rows in all, a power of two */
    uint32_t keys, networks, zero;
    uint8_t salt[crypto_shorthash_siphashx24_KEYBYTES];
    uint64_t seed; /* of the MN hash */
    uint8_t key_nonce[YW_SNAP_NONCE], key_tag[YW_SNAP_TAG];
    uint64_t unused[2];
    uint64_t table_sum, header_sum; /* of all behind the header; of the header before it */
};
_Static_assert(sizeof(struct yw_snap_header) == 128, "the header of register.snap has 128 bytes");

extern const char yw_snap_magic[8];
enum { YW_SNAP_NONE_FITS = 0xff }; /* each byte of the hash of a password that nothing fits */

static inline void yw_snap_password_hash(const uint8_t salt[16], const char *pw, size_t n, uint8_t out[16]) {
    (void)crypto_shorthash_siphashx24(out, (const unsigned char *)pw, n, salt);
}
static inline uint64_t yw_snap_header_sum(const struct yw_snap_header *h) {
    return yw_hash64(h, offsetof(struct yw_snap_header, header_sum), 0);
}

#endif
