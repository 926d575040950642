/* Findings: their names, their sentences, and how a packet collects them. */
#include "internal.h"

static const struct {
    const char *name, *text;
} findings[] = {
#define X(code, name, text) [code] = {name, text},
    HJ212_FINDING_TABLE(X)
#undef X
};

_Static_assert(HJ212_F_COUNT <= 64, "one bit a code");

const char *hj212_finding_name(int code) {
    return code >= 0 && code < HJ212_F_COUNT ? findings[code].name : "unknown";
}

const char *hj212_finding_text(int code) {
    return code >= 0 && code < HJ212_F_COUNT ? findings[code].text : "an unknown finding";
}

bool hj212_finding_is_offence(int code) {
    return code != HJ212_F_CN_UNKNOWN && code != HJ212_F_FIELD_NAME && code != HJ212_F_FACTOR_CODE &&
           code != HJ212_F_MARK;
}

/* A packet keeps a fixed number of findings. When they are used up, a kind that was not reported yet takes
 * the place of the last repetition, so that no kind is ever lost to many of another. */
void hj_note(struct hj_check *c, hj212_finding_code code, uint32_t frame_offset) {
    hj212_packet *out = c->out;
    hj212_finding finding = {(uint16_t)code, frame_offset};
    if (out->findings_total < HJ212_FINDINGS_MAX) {
        out->findings[out->findings_total] = finding;
    } else if (!(c->seen >> code & 1)) {
        uint64_t before[HJ212_FINDINGS_MAX], mask = 0;
        for (int i = 0; i < HJ212_FINDINGS_MAX; i++) {
            before[i] = mask;
            mask |= UINT64_C(1) << out->findings[i].code;
        }
        for (int i = HJ212_FINDINGS_MAX - 1; i >= 0; i--) {
            if (!(before[i] >> out->findings[i].code & 1)) continue;
            out->findings[i] = finding;
            break;
        }
    }
    if (out->findings_total < UINT16_MAX) out->findings_total++;
    c->seen |= UINT64_C(1) << code;
    c->offence |= hj212_finding_is_offence(code);
}
