/* admit: may this packet be believed and answered? A pure function of the packet, the register and the link.
 */
#ifndef YW_GATEWAY_ADMIT_H
#define YW_GATEWAY_ADMIT_H

#include "hj212.h"
#include "register/register.h"

struct yw_admission {
    uint32_t flags; /* YW_REC_* */
    uint32_t device;
    uint32_t key_id;
    uint16_t bucket;
    bool registration;                /* of a device that has no MN yet: answered although it is unknown */
    const struct yw_snap_device *row; /* of a device that is known and admitted; valid as long as snap */
};

/* snap may be NULL (no register yet: everybody is unknown). plant: the link passed the training handshake.
 * plain: scratch of HJ212_FRAME_MAX bytes. The packet is decoded again where the device's key opens it. */
void yw_admit(const struct yw_snap *snap, bool real, bool plant, hj212_packet *packet, char *plain,
              struct yw_admission *out);

/* The answer to an accepted packet that asks for one: 9013 to a notice, 9014 to everything else; 0: none is
 * due. row: what the register pins, may be NULL. */
size_t yw_admit_answer(const hj212_packet *packet, const struct yw_snap_device *row, void *out, size_t size);

#endif
