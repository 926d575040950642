/* Who sees which enterprise, outlet, device and packet. */
#include "web/web_int.h"

#include "hj212.h"
#include "register/cameras.h"
#include "register/filings.h"
#include "register/marks.h"
#include "register/plans.h"
#include "register/queries.h"
#include "web/act_view.h"
#include "web/alarms.h"
#include "web/commands.h"

#include <stdlib.h>
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
    if (record->direction == YW_DIR_ACT) return yw_sees_act(q->reg, u, record->payload, record->length);
    if (record->direction != YW_DIR_IN && record->direction != YW_DIR_OUT) return false;
    /* The outlet it belonged to when it came; where it belonged to none, only an operator of the whole has to
     * do with it. */
    uint32_t outlet =
        record->device == 0 ? 0 : yw_register_outlet_at(q->reg, record->device, record->register_version);
    if (outlet == 0) return u->role == YW_ROLE_OPERATOR && u->area[0] == '\0';
    return yw_sees_outlet(q->reg, u, yw_register_outlet(q->reg, outlet)) &&
           (!polluter || packet_is_ordinary(record));
}

/* The event that a command was sent stands right before its bytes: for people both are one place. */
static bool to_the_packet(struct yw_request *q) {
    uint32_t device = q->record.device;
    if (q->record.direction != YW_DIR_EVENT || device == 0) return true;
    if (yw_reader_seek(q->reader, q->record.position, NULL) != YW_OK) return false;
    for (int i = 0; i < 2; i++) {
        if (yw_reader_next(q->reader, &q->record, NULL) != YW_OK) return false;
    }
    return q->record.direction == YW_DIR_OUT && (q->record.flags & YW_REC_COMMAND) != 0 &&
           q->record.device == device;
}

static unsigned check_packet(struct yw_request *q) {
    const char *name = q->params[0];
    uint32_t worker = 0;
    uint64_t position;
    char folder[4200], blocks[4200], journal[16] = "acts";
    bool packets = name[0] == 'p' && yw_parse_u32(name + 1, strlen(name + 1), 255, &worker);
    if ((!packets && strcmp(name, "acts") != 0) ||
        !yw_parse_u64(q->params[1], strlen(q->params[1]), &position)) {
        return not_found(q);
    }
    if (packets) snprintf(journal, sizeof journal, "p%u", worker);
    snprintf(folder, sizeof folder, "%s/journal/%s", q->web->data, journal);
    snprintf(blocks, sizeof blocks, "%s/blocks/%s", q->web->data, journal);
    struct yw_error err = {0};
    enum yw_code code = yw_reader_open(folder, blocks, &q->reader, &err);
    if (code == YW_OK) code = yw_reader_get(q->reader, position, &q->record, &err);
    if (code != YW_OK || !to_the_packet(q)) return not_found(q);
    return sees_packet(q) ? 200 : not_found(q);
}

static unsigned check_command(struct yw_request *q) {
    int64_t id;
    q->asked = calloc(1, sizeof *q->asked);
    if (q->asked == NULL || !yw_parse_i64(q->params[0], strlen(q->params[0]), &id) || id <= 0)
        return not_found(q);
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    bool there = yw_commands_find(q->web, store, id, q->asked);
    yw_web_store_give(q->web, store, true);
    const struct yw_device *d = there ? yw_register_device(q->reg, q->asked->device) : NULL;
    uint32_t outlet = q->asked->outlet != 0 ? q->asked->outlet : d != NULL ? d->outlet : 0;
    bool whole = q->session.user.role == YW_ROLE_OPERATOR && q->session.user.area[0] == '\0';
    bool seen =
        outlet == 0 ? whole : yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, outlet));
    return there && seen ? 200 : not_found(q);
}

/* A mark, query or filing in the path: seen by who sees its outlet. */
static unsigned check_thing(struct yw_request *q) {
    const struct yw_version *head = NULL;
    if (!yw_parse_u64(q->params[0], strlen(q->params[0]), &q->thing)) return not_found(q);
    if (q->route->scope == YW_SCOPE_MARK) {
        const struct yw_mark_row *m = yw_register_mark(q->reg, q->thing);
        head = m != NULL ? &m->head : NULL;
    } else if (q->route->scope == YW_SCOPE_QUERY) {
        const struct yw_query_row *d = yw_register_query(q->reg, q->thing);
        head = d != NULL ? &d->head : NULL;
    } else {
        const struct yw_filing_row *f = yw_register_filing(q->reg, q->thing);
        head = f != NULL ? &f->head : NULL;
    }
    if (head == NULL || !yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, head->outlet)))
        return not_found(q);
    q->id = head->outlet;
    return 200;
}

/* "CP20261123-17-a21002-1b3k": whose it is stands in the number. */
static unsigned check_verdict(struct yw_request *q) {
    const char *outlet = strchr(q->params[0], '-');
    size_t n = outlet != NULL ? strcspn(outlet + 1, "-") : 0;
    if (n == 0 || !yw_parse_u32(outlet + 1, n, UINT32_MAX, &q->id)) return not_found(q);
    return yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, q->id)) ? 200 : not_found(q);
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
    if (scope == YW_SCOPE_COMMAND) return check_command(q);
    if (scope == YW_SCOPE_MARK || scope == YW_SCOPE_QUERY || scope == YW_SCOPE_FILING) return check_thing(q);
    if (scope == YW_SCOPE_VERDICT) return check_verdict(q);
    if (scope == YW_SCOPE_ALARM) {
        const struct yw_alarm *a = yw_alarms_find(q->web->alarms, q->params[0]);
        const struct yw_outlet *o = a != NULL ? yw_register_outlet(q->reg, a->episode.outlet) : NULL;
        return yw_sees_outlet(q->reg, u, o) ? 200 : not_found(q);
    }
    if (!yw_parse_u32(q->params[0], strlen(q->params[0]), UINT32_MAX, &q->id)) return not_found(q);
    bool seen = false;
    if (scope == YW_SCOPE_CAMERA) {
        const struct yw_camera *c = yw_register_camera(q->reg, q->id);
        seen = c != NULL && yw_sees_outlet(q->reg, u, yw_register_outlet(q->reg, c->outlet));
    } else if (scope == YW_SCOPE_PLAN) {
        const struct yw_plan_entry *p = yw_register_plan(q->reg, q->id);
        seen = p != NULL && yw_sees_enterprise(q->reg, u, yw_register_enterprise(q->reg, p->enterprise));
    } else if (scope == YW_SCOPE_OUTLET) {
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
