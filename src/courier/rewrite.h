/* rewrite: which packets go to a target, and what they look like there. Pure. */
#ifndef YW_COURIER_REWRITE_H
#define YW_COURIER_REWRITE_H

#include "hj212.h"
#include "register/targets.h"

/* Does the target want packets of this command (its own list, or every upload of data) and of this outlet? */
bool yw_target_wants_command(const struct yw_target *t, uint16_t command);
bool yw_target_wants_outlet(const struct yw_register *r, const struct yw_target *t, uint32_t outlet);

struct yw_rewrite {
    hj212_span mn, pw; /* absent: as the device sent it */
    bool ask_ack;      /* set the answer bit: the target must answer for a packet to count as delivered */
};
/* The frame for the target: the very bytes if nothing has to change, else the same fields in the standard's
 * form with a new LEN and CRC. p is decoded (and decrypted: an encrypted area goes on in clear, the key is
 * between device and host). Returns its length, 0: does not fit. *qn and *mn are as the target will see them.
 */
size_t yw_rewrite(const hj212_packet *p, const struct yw_rewrite *how, char *out, size_t size,
                  hj212_span *mn);

#endif
