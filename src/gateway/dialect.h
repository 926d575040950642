/* dialect: how a device speaks, learned from its last good packet, so that the host can speak to it the same
 * way. What the register pins wins. Pure. */
#ifndef YW_GATEWAY_DIALECT_H
#define YW_GATEWAY_DIALECT_H

#include "base/base.h"
#include "hj212.h"
#include "register/register.h"

struct dialect {
    char pw[32], st[4];
    uint8_t pw_n, st_n;
    bool modbus;  /* the CRC is the ordinary Modbus one */
    bool lower;   /* and printed in lower case */
    bool gbk;     /* Chinese text is not UTF-8 */
    bool printed; /* encrypted data areas are printed as {0x..} text */
    uint16_t version;
};

/* Systems that a device has beside its own: electricity, working conditions (44, 45; before 2025: 51, 52). */
bool dialect_side_system(const char *st, size_t n);

/* From a packet that is ok and whose PW fits. A few comparisons where nothing changed. */
void dialect_learn(struct dialect *d, const hj212_packet *p);
void dialect_password(struct dialect *d, hj212_span pw); /* the one it was given */

struct dialect_crc {
    bool modbus, lower;
};
/* The CRC of what is sent to a device that speaks like this; row: what the register pins, NULL: nothing. */
struct dialect_crc dialect_crc(const struct dialect *d, const struct yw_snap_device *row);
/* Gives a frame made by hj212_encode (n bytes) that CRC. plain: the same frame before its data area was
 * encrypted (the CRC is of that), of another length where the cipher is printed. */
void dialect_put_crc(struct dialect_crc c, const char *plain, char *frame, size_t n);

#endif
