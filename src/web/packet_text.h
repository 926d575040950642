/* Pieces of showing a packet that can be tried by themselves. */
#ifndef YW_WEB_PACKET_TEXT_H
#define YW_WEB_PACKET_TEXT_H

#include "base/base.h"

/* Replaces the value of every PW=... and NewSK=... by '*', in any bytes. */
void yw_mask_passwords(char *text, size_t n);
/* As a JSON string; what is not UTF-8 is read as GBK. */
void yw_put_packet_text(struct yw_buf *b, const char *text, size_t n);
enum { YW_QN_TEXT = 40 };
/* Members hex, ok, version, qn, st, cn, mn, crc, plain, runs, findings and items of an open JSON object. key:
 * of 16 bytes, opens an encrypted data area; NULL: none. qn gets QN as sent ("": none). False: out of memory.
 */
bool yw_packet_view(struct yw_buf *b, const char *raw, size_t n, const uint8_t *key, char qn[YW_QN_TEXT]);
const char *yw_finding_zh(int code); /* NULL: none */

#endif
