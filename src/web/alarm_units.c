/* Units of the register as the chain of alarms needs them: whose desk, who acts for whom. */
#include "web/alarms.h"

#include "web/office.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <string.h>

enum { LEVELS_MOST = 16 };

bool yw_unit_within(const struct yw_register *r, const char *code, const char *ancestor) {
    for (int i = 0; i < LEVELS_MOST && code[0] != '\0'; i++) {
        if (strcmp(code, ancestor) == 0) return true;
        const struct yw_unit *u = yw_register_unit(r, code);
        if (u == NULL) return false;
        code = u->parent;
    }
    return false;
}

static int depth_of(const struct yw_register *r, const struct yw_unit *u) {
    int depth = 0;
    for (; u != NULL && depth < LEVELS_MOST; depth++) u = yw_register_unit(r, u->parent);
    return depth;
}

/* Of several units that serve an area the lowest in the tree: the one that goes out and looks. */
static const char *unit_of_area(const struct yw_register *r, const char *area) {
    size_t n;
    int deepest = 0;
    const char *found = "";
    const struct yw_unit *u = yw_register_units(r, &n);
    for (size_t i = 0; i < n && area[0] != '\0'; i++) {
        if (strcmp(u[i].area, area) != 0) continue;
        int depth = depth_of(r, &u[i]);
        if (depth < deepest) continue;
        deepest = depth;
        found = u[i].code;
    }
    return found;
}

const char *yw_user_unit(const struct yw_register *r, const struct yw_user *u) {
    size_t n;
    const struct yw_unit *units = yw_register_units(r, &n);
    for (size_t i = 0; i < n && u->unit[0] != '\0'; i++) {
        if (strcmp(units[i].code, u->unit) == 0 || strcmp(units[i].name, u->unit) == 0) return units[i].code;
    }
    return unit_of_area(r, u->area);
}

bool yw_acts_for(const struct yw_register *r, const struct yw_user *u, const char *unit) {
    if ((u->role & (YW_ROLE_OFFICER | YW_ROLE_LEADER)) == 0) return false;
    if (unit[0] == '\0') return true; /* where no unit serves the area, whoever sees it acts */
    const char *own = yw_user_unit(r, u);
    if (own[0] != '\0') return yw_unit_within(r, unit, own);
    return u->area[0] == '\0'; /* bound to nothing: the whole */
}

const char *yw_unit_name(const struct yw_register *r, const char *code) {
    const struct yw_unit *u = code[0] != '\0' ? yw_register_unit(r, code) : NULL;
    return u != NULL ? u->name : code;
}

/* The outlet's area and what lies above it, the top first; how many. */
static size_t areas_of(const struct yw_register *r, uint32_t outlet, const char *out[LEVELS_MOST]) {
    const struct yw_outlet *o = yw_register_outlet(r, outlet);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(r, o->enterprise) : NULL;
    const struct yw_area *a = e != NULL ? yw_register_area(r, e->area) : NULL;
    const char *up[LEVELS_MOST];
    size_t n = 0;
    for (; a != NULL && n < LEVELS_MOST; a = yw_register_area(r, a->parent)) up[n++] = a->code;
    for (size_t i = 0; i < n; i++) out[i] = up[n - 1 - i];
    return n;
}

const char *yw_alarm_home(const struct yw_register *r, uint32_t outlet) {
    const char *areas[LEVELS_MOST];
    size_t n = areas_of(r, outlet, areas), level = (size_t)yw_policy_of(r, "alarm_home_level");
    /* The wished level, else the nearest above it that has a unit, else below it. */
    for (size_t i = level < n ? level : n; i > 0; i--) {
        const char *unit = unit_of_area(r, areas[i - 1]);
        if (unit[0] != '\0') return unit;
    }
    for (size_t i = level; i < n; i++) {
        const char *unit = unit_of_area(r, areas[i]);
        if (unit[0] != '\0') return unit;
    }
    return "";
}
