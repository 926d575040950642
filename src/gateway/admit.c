/* Whom a packet is from, whether it is believed, and which answer is due. */
#include "gateway/admit.h"

#include <string.h>

#include "journal/journal.h"

/* MNs of simulated plants: 5957 and 20 more hexadecimal digits. */
static bool reserved(hj212_span mn) {
    if (mn.n != 24 || memcmp(mn.p, "5957", 4) != 0) return false;
    for (uint32_t i = 4; i < mn.n; i++) {
        char c = mn.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

/* Tries the device's present key, then the one it is about to get and those it had (what was sent just before
 * a change of keys). */
static uint32_t decrypt(const struct yw_snap *snap, const struct yw_snap_device *d, hj212_packet *p,
                        char *plain) {
    const struct yw_snap_key *keys;
    size_t n = yw_snap_keys(snap, d, &keys);
    for (size_t i = 0; i < n; i++) {
        if (keys[i].id == 0) continue;
        const hj212_options options = {
            .keys = keys[i].key, .key_count = 1, .plain = plain, .header_only = true, .at_end = true};
        hj212_packet opened;
        hj212_result r = hj212_decode(&options, p->frame, p->frame_len, &opened);
        if (r.status == HJ212_PACKET && opened.ok && r.consumed == p->frame_len) {
            *p = opened;
            return keys[i].id;
        }
    }
    return 0;
}

void yw_admit(const struct yw_snap *snap, bool real, bool plant, hj212_packet *packet, char *plain,
              struct yw_admission *out) {
    *out = (struct yw_admission){0};
    const hj212_span mn = packet->mn;
    const struct yw_snap_device *d = NULL;
    if (mn.n > 0) {
        out->bucket = (uint16_t)(yw_hash64(mn.p, mn.n, 0) & 255);
        if (snap != NULL) d = yw_snap_find(snap, mn.p, mn.n);
    }
    /* Not only where the area looks encrypted: a short one can look like anything. */
    if (!packet->ok && d != NULL) out->key_id = decrypt(snap, d, packet, plain);
    if (!packet->ok) {
        out->flags = YW_REC_BAD_CRC; /* the MN of a damaged frame proves nothing */
        return;
    }
    out->registration = mn.n == 0 && packet->version == 2025 && packet->command == 1001;
    bool refused = mn.n > 0 && reserved(mn) && (real || !plant);
    if (d == NULL || d->state != YW_DEVICE_ADMITTED || refused) {
        out->flags = YW_REC_UNKNOWN;
        return;
    }
    out->device = d->id;
    out->row = d;
    if (!yw_snap_password_fits(snap, d, packet->pw.p, packet->pw.n)) {
        out->flags = YW_REC_BAD_PW;
        return;
    }
    out->flags = YW_REC_ADMITTED;
}

/* Field to host notices of HJ 212 section 6: 1013 (2017), and 1001, 1014, 9015 (2025). */
static bool is_notice(const hj212_packet *p) {
    if (p->version == 2005) return false;
    if (p->command == 1013) return true;
    return p->version == 2025 && (p->command == 1001 || p->command == 1014 || p->command == 9015);
}

/* A reply carries the version bits alone, and ST=91 unless the device wants its own; in 2005 the QN stands in
 * the data area. */
size_t yw_admit_answer(const hj212_packet *p, const struct yw_snap_device *row, void *out, size_t size) {
    enum { PIN_REPLY_OWN_ST = 2 };
    if (!p->wants_ack) return 0;
    if (p->command >= 9011 && p->command <= 9014) return 0; /* an answer is never answered */
    bool own_st = row != NULL && row->pin_reply == PIN_REPLY_OWN_ST && p->st.n > 0;
    if (!is_notice(p) && !own_st) return hj212_encode_ack(p, out, size);
    char in_cp[3 + 64] = "QN=";
    hj212_message m = {.qn = p->qn,
                       .st = own_st ? p->st : hj212_text("91"),
                       .cn = hj212_text(is_notice(p) ? "9013" : "9014"),
                       .pw = p->pw,
                       .mn = p->mn,
                       .flag = hj212_text(p->version == 2025   ? "8"
                                          : p->version == 2017 ? "4"
                                                               : "0"),
                       .cp = hj212_text("")};
    if (p->version == 2005) {
        m.qn = hj212_text(NULL);
        if (p->qn.n > 0 && p->qn.n <= 64) {
            memcpy(in_cp + 3, p->qn.p, p->qn.n);
            m.cp = (hj212_span){in_cp, 3 + p->qn.n};
        }
    }
    return hj212_encode(&m, out, size);
}
