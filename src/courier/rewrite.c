#include "courier/rewrite.h"

#include <string.h>

/* Uploads of HJ 212: what a field device sends of its own accord or in answer to a history request. */
static bool is_upload(uint16_t command) {
    switch (command) {
    case 2011:
    case 2013:
    case 2021:
    case 2031:
    case 2041:
    case 2051:
    case 2052:
    case 2061:
    case 2062:
    case 2072:
    case 2081:
    case 2111:
    case 3015:
    case 3019:
    case 3020:
        return true;
    default:
        return false;
    }
}

bool yw_target_wants_command(const struct yw_target *t, uint16_t command) {
    if (t->commands[0] == 0) return is_upload(command);
    for (const char *p = t->commands; *p != 0;) {
        size_t n = strcspn(p, ", ");
        uint32_t listed;
        if (yw_parse_u32(p, n, 9999, &listed) && listed == command) return true;
        p += n;
        p += strspn(p, ", ");
    }
    return false;
}

static bool in_areas(const struct yw_register *r, const char *areas, const char *area) {
    for (const char *p = areas; *p != 0;) {
        char code[16];
        size_t n = strcspn(p, ", ");
        if (n > 0 && yw_copy(code, sizeof code, p, n) && yw_register_area_within(r, area, code)) return true;
        p += n;
        p += strspn(p, ", ");
    }
    return false;
}

static bool in_outlets(const char *outlets, uint32_t id) {
    for (const char *p = outlets; *p != 0;) {
        size_t n = strcspn(p, ", ");
        uint32_t listed;
        if (yw_parse_u32(p, n, UINT32_MAX, &listed) && listed == id) return true;
        p += n;
        p += strspn(p, ", ");
    }
    return false;
}

bool yw_target_wants_outlet(const struct yw_register *r, const struct yw_target *t, uint32_t outlet) {
    const struct yw_outlet *o = yw_register_outlet(r, outlet);
    if (o == NULL) return false;
    if (t->areas[0] == 0 && t->outlets[0] == 0) return true;
    if (in_outlets(t->outlets, outlet)) return true;
    const struct yw_enterprise *e = yw_register_enterprise(r, o->enterprise);
    return e != NULL && in_areas(r, t->areas, e->area);
}

static bool equal(hj212_span a, hj212_span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

size_t yw_rewrite(const hj212_packet *p, const struct yw_rewrite *how, char *out, size_t size,
                  hj212_span *mn) {
    hj212_message m = {.qn = p->qn,
                       .st = p->st,
                       .cn = p->cn,
                       .pw = how->pw.p != NULL ? how->pw : p->pw,
                       .mn = how->mn.p != NULL ? how->mn : p->mn,
                       .flag = p->flag,
                       .pnum = p->pnum,
                       .pno = p->pno,
                       .rf = p->rf,
                       .cp = p->cp};
    char flag[4];
    bool answers = p->command >= 9011 && p->command <= 9014; /* nobody answers an answer */
    bool louder = how->ask_ack && !answers && p->flag_value >= 0 && !p->wants_ack;
    if (louder) {
        int n = snprintf(flag, sizeof flag, "%d", (p->flag_value | 1) & 255);
        m.flag = (hj212_span){flag, (uint32_t)n};
    }
    *mn = m.mn;
    if (!louder && !p->decrypted && equal(m.pw, p->pw) && equal(m.mn, p->mn)) {
        if (p->frame_len > size) return 0;
        memcpy(out, p->frame, p->frame_len);
        return p->frame_len;
    }
    return hj212_encode(&m, out, size);
}
