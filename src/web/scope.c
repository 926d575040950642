/* Who sees which enterprise, outlet, device and packet. */
#include "web/web_int.h"

#include "hj212.h"

#include <string.h>

/* An officer's area is a subtree; what has no area is seen only by those who are not bound to one. */
bool yw_sees_area(const struct yw_register *r, const struct yw_user *u, const char *code) {
    return u->area[0] == '\0' || (code[0] != '\0' && yw_register_area_within(r, code, u->area));
}

bool yw_sees_outlet(const struct yw_register *r, const struct yw_user *u, const struct yw_outlet *o) {
    if (o == NULL) return false;
    if (u->role == YW_ROLE_ENTERPRISE) return u->enterprise != 0 && o->enterprise == u->enterprise;
    if (u->role == YW_ROLE_MAINTAINER) return u->maintainer != 0 && o->maintainer == u->maintainer;
    const struct yw_enterprise *e = yw_register_enterprise(r, o->enterprise);
    return e != NULL && yw_sees_area(r, u, e->area);
}

bool yw_sees_enterprise(const struct yw_register *r, const struct yw_user *u, const struct yw_enterprise *e) {
    if (e == NULL) return false;
    if (u->role == YW_ROLE_ENTERPRISE) return u->enterprise == e->id;
    if (u->role != YW_ROLE_MAINTAINER) return yw_sees_area(r, u, e->area);
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    for (size_t i = 0; i < n; i++) {
        if (o[i].enterprise == e->id && yw_sees_outlet(r, u, &o[i])) return true;
    }
    return false;
}

static unsigned not_found(struct yw_request *q) {
    return yw_problem(q, 404, "not_found", "没有找到", "not found");
}

/* Polluters and maintainers read what their devices sent and its acknowledgement, never a command to them. */
static bool packet_is_ordinary(const struct yw_record *record) {
    if (record->direction == YW_DIR_IN) return true;
    hj212_options options = {.header_only = true, .at_end = true};
    hj212_packet p;
    if (hj212_decode(&options, record->payload, record->length, &p).status != HJ212_PACKET) return false;
    return p.command == 9014;
}

static bool sees_packet(struct yw_request *q) {
    const struct yw_record *record = &q->record;
    const struct yw_user *u = &q->session.user;
    bool polluter = u->role == YW_ROLE_ENTERPRISE || u->role == YW_ROLE_MAINTAINER;
    if (record->direction != YW_DIR_IN && record->direction != YW_DIR_OUT) return false;
    /* The outlet it belonged to when it came; where it belonged to none, only an operator of the whole has to
     * do with it. */
    uint32_t outlet =
        record->device == 0 ? 0 : yw_register_outlet_at(q->reg, record->device, record->register_version);
    if (outlet == 0) return u->role == YW_ROLE_OPERATOR && u->area[0] == '\0';
    return yw_sees_outlet(q->reg, u, yw_register_outlet(q->reg, outlet)) &&
           (!polluter || packet_is_ordinary(record));
}

static unsigned check_packet(struct yw_request *q) {
    const char *name = q->params[0];
    uint32_t worker;
    uint64_t position;
    char folder[4200], blocks[4200];
    if (name[0] != 'p' || !yw_parse_u32(name + 1, strlen(name + 1), 255, &worker) ||
        !yw_parse_u64(q->params[1], strlen(q->params[1]), &position)) {
        return not_found(q);
    }
    snprintf(folder, sizeof folder, "%s/journal/p%u", q->web->data, worker);
    snprintf(blocks, sizeof blocks, "%s/blocks/p%u", q->web->data, worker);
    struct yw_error err = {0};
    enum yw_code code = yw_reader_open(folder, blocks, &q->reader, &err);
    if (code == YW_OK) code = yw_reader_get(q->reader, position, &q->record, &err);
    if (code != YW_OK) return not_found(q);
    return sees_packet(q) ? 200 : not_found(q);
}

unsigned yw_scope_check(struct yw_request *q) {
    const struct yw_user *u = &q->session.user;
    enum yw_scope scope = q->route->scope;
    if (scope == YW_SCOPE_NONE) return 200;
    if (scope == YW_SCOPE_WHOLE) {
        if (u->area[0] == '\0') return 200;
        return yw_problem(q, 403, "area", "此功能只对管理全部区域的账号开放",
                          "only for accounts that are not bound to an area");
    }
    if (scope == YW_SCOPE_PACKET) return check_packet(q);
    if (!yw_parse_u32(q->params[0], strlen(q->params[0]), UINT32_MAX, &q->id)) return not_found(q);
    bool seen = false;
    if (scope == YW_SCOPE_OUTLET) {
        seen = yw_sees_outlet(q->reg, u, yw_register_outlet(q->reg, q->id));
    } else if (scope == YW_SCOPE_ENTERPRISE) {
        seen = yw_sees_enterprise(q->reg, u, yw_register_enterprise(q->reg, q->id));
    } else {
        const struct yw_device *d = yw_register_device(q->reg, q->id);
        seen =
            d != NULL && (d->outlet == 0 ? u->area[0] == '\0'
                                         : yw_sees_outlet(q->reg, u, yw_register_outlet(q->reg, d->outlet)));
    }
    return seen ? 200 : not_found(q);
}
