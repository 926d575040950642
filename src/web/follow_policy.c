/* When a command changed something that the register also knows, the register follows: intervals and
 * passwords. The reason of each act names the command, so that a restart knows what was followed up. */
#include "web/commands.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { AT_A_TIME = 64, ACT_BYTES = 8192 };

static enum yw_code set_device(struct yw_web *w, uint32_t device, const struct yw_device_set *set,
                               const char *reason, int64_t now, struct yw_error *err) {
    struct yw_act head = {.by = "policy:follow", .at = now, .reason = reason};
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    enum yw_code code = yw_act_device_set(&act, &head, device, set)
                            ? yw_acts_commit(w->acts, act.data, act.len, err)
                            : yw_fail(err, YW_E_LIMIT, "the act is too long");
    yw_buf_free(&act);
    return code;
}

static uint16_t number_in(const char *cp, const char *name) {
    uint16_t v = 0;
    hj212_span s = hj212_cp_field(hj212_text(cp), name);
    return s.p != NULL && yw_parse_u16(s.p, s.n, &v) ? v : 0;
}

/* What is to be changed after a command that ended like this; false: nothing. */
static bool change_after(const struct yw_asked *a, const struct yw_device *d, int64_t now,
                         struct yw_device_set *set) {
    enum yw_asked_state state = yw_asked_state(a, now);
    bool done = state == YW_ASKED_ENDED && a->outcome == YW_OUTCOME_DONE;
    /* A device that did not answer may have changed its password all the same: then both stay accepted. */
    bool surely_not =
        state == YW_ASKED_NOT_SENT ||
        (state == YW_ASKED_ENDED && (a->outcome == YW_OUTCOME_REFUSED || a->outcome == YW_OUTCOME_FAILED));
    if (a->cn == YW_CN_SET_RTD_INTERVAL && done) {
        set->members = YW_SET_RTD_INTERVAL_S;
        set->values.rtd_interval_s = number_in(a->cp, "RtdInterval");
        return set->values.rtd_interval_s != 0 && set->values.rtd_interval_s != d->rtd_interval_s;
    }
    if (a->cn == YW_CN_SET_MIN_INTERVAL && done) {
        set->members = YW_SET_MIN_INTERVAL_MIN;
        set->values.min_interval_min = number_in(a->cp, "MinInterval");
        return set->values.min_interval_min != 0 && set->values.min_interval_min != d->min_interval_min;
    }
    if (a->cn == YW_CN_SET_PASSWORD && (done || surely_not) && d->pw_next[0] != '\0') {
        set->members = YW_SET_PW_NEXT | (done ? YW_SET_PW : 0);
        if (done) memcpy(set->values.pw, d->pw_next, sizeof set->values.pw);
        return true;
    }
    return false;
}

static void follow(struct yw_web *w, const struct yw_asked *a, int64_t now) {
    struct yw_error err = {0};
    enum yw_code code = YW_OK;
    char reason[120];
    struct yw_device_set *set = calloc(1, sizeof *set);
    if (set == NULL) return;
    snprintf(reason, sizeof reason, "command %lld: %s", (long long)a->id,
             a->outcome != YW_OUTCOME_NONE ? yw_outcome_name(a->outcome) : "not sent");
    const struct yw_register *r = yw_acts_lock_alone(w->acts);
    const struct yw_device *d = yw_register_device(r, a->device);
    if (d != NULL && change_after(a, d, now, set)) code = set_device(w, d->id, set, reason, now, &err);
    yw_acts_unlock(w->acts);
    free(set);
    if (code == YW_OK) {
        yw_commands_followed(w->commands, a->id);
    } else {
        yw_log(YW_LOG_ERROR, "following command %lld: %s", (long long)a->id, err.text);
    }
}

/* A password that was announced although its command never came into the journal. */
static void drop_orphans(struct yw_web *w, struct yw_store *store, int64_t now) {
    uint32_t devices[AT_A_TIME];
    size_t n = 0, all;
    const struct yw_register *r = yw_acts_lock(w->acts);
    const struct yw_device *d = yw_register_devices(r, &all);
    for (size_t i = 0; i < all && n < AT_A_TIME; i++) {
        if (d[i].pw_next[0] != '\0') devices[n++] = d[i].id;
    }
    yw_acts_unlock(w->acts);
    struct yw_asked *a = n > 0 ? malloc(sizeof *a) : NULL;
    for (size_t i = 0; a != NULL && i < n; i++) {
        /* Asked with the register held, so that no command can come in between. */
        r = yw_acts_lock_alone(w->acts);
        const struct yw_device *one = yw_register_device(r, devices[i]);
        if (one != NULL && one->pw_next[0] != '\0' &&
            !yw_commands_newest(w, store, devices[i], YW_CN_SET_PASSWORD, a)) {
            struct yw_device_set *set = calloc(1, sizeof *set);
            if (set != NULL) {
                set->members = YW_SET_PW_NEXT;
                (void)set_device(w, devices[i], set, "the change of password was never asked for", now, NULL);
            }
            free(set);
        }
        yw_acts_unlock(w->acts);
    }
    free(a);
}

void yw_follow_policy(struct yw_web *w, struct yw_store *store, int64_t now) {
    static const uint16_t followed[] = {YW_CN_SET_RTD_INTERVAL, YW_CN_SET_MIN_INTERVAL, YW_CN_SET_PASSWORD};
    struct yw_asked *a = malloc(sizeof *a);
    for (size_t i = 0; a != NULL && i < YW_COUNT(followed); i++) {
        int64_t ids[AT_A_TIME];
        size_t n = yw_commands_unfollowed(w->commands, followed[i], ids, AT_A_TIME);
        for (size_t k = 0; k < n; k++) {
            if (yw_commands_find(w, store, ids[k], a)) follow(w, a, now);
        }
    }
    free(a);
    if (now / YW_SECOND % AT_A_TIME == 0) drop_orphans(w, store, now);
}
