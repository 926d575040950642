/* The book of commands under way. What the pipeline makes of them is the truth; the book knows those it has
 * not seen yet, counts, and remembers which ones still want something done when they have ended. */
#include "web/web_int.h"

#include "web/commands.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP_MOST = 3 * YW_COMMANDS_OPEN };
#define REPLAY_SPAN (7 * YW_DAY) /* older ones are the store's alone */
#define LAPSED      YW_DAY       /* after valid_until: whatever became of it, the book lets it go */

struct entry {
    struct yw_asked asked;
    bool stored; /* the pipeline has seen it */
    bool ended, followed;
};
struct yw_commands {
    pthread_mutex_t lock, one_password;
    struct entry **at; /* in order of id */
    size_t n;
    int64_t last_id;
    int64_t started;
};

struct yw_commands *yw_commands_create(void) {
    struct yw_commands *c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    c->at = calloc(KEEP_MOST, sizeof(struct entry *));
    if (c->at == NULL) {
        free(c);
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->one_password, NULL);
    c->started = yw_now();
    return c;
}

void yw_commands_destroy(struct yw_commands *c) {
    if (c == NULL) return;
    for (size_t i = 0; i < c->n; i++) free(c->at[i]);
    free(c->at);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->one_password);
    free(c);
}

/* What changes the register when it has ended well. */
static bool wants_following(uint16_t cn) {
    return cn == YW_CN_SET_RTD_INTERVAL || cn == YW_CN_SET_MIN_INTERVAL || cn == YW_CN_SET_PASSWORD;
}

static void drop(struct yw_commands *c, size_t i) {
    free(c->at[i]);
    memmove(c->at + i, c->at + i + 1, (--c->n - i) * sizeof(struct entry *));
}

static struct entry *find(const struct yw_commands *c, int64_t id) {
    size_t low = 0, high = c->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->at[middle]->asked.id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < c->n && c->at[low]->asked.id == id ? c->at[low] : NULL;
}

static bool is_open(const struct entry *e) {
    return !e->ended;
}

void yw_commands_add(struct yw_commands *c, const struct yw_asked *a) {
    pthread_mutex_lock(&c->lock);
    struct entry *e = malloc(sizeof *e);
    if (e != NULL && (c->n == 0 || c->at[c->n - 1]->asked.id < a->id)) {
        if (c->n == KEEP_MOST) drop(c, 0);
        *e = (struct entry){.asked = *a, .followed = !wants_following(a->cn)};
        c->at[c->n++] = e;
    } else {
        free(e);
    }
    if (a->id > c->last_id) c->last_id = a->id;
    pthread_mutex_unlock(&c->lock);
}

/* "command 1795449600000001: ..." is the reason of what the policies did after that command. */
static void read_follow_up(struct yw_commands *c, const char *json, size_t n) {
    json_error_t where;
    json_t *o = json_loadb(json, n, 0, &where);
    const char *by = json_string_value(json_object_get(o, "by"));
    const char *reason = json_string_value(json_object_get(o, "reason"));
    int64_t id;
    if (by != NULL && reason != NULL && strncmp(by, "policy", 6) == 0 &&
        strncmp(reason, "command ", 8) == 0 && yw_parse_i64(reason + 8, strcspn(reason + 8, ":"), &id)) {
        yw_commands_followed(c, id);
    }
    json_decref(o);
}

void yw_commands_replay(void *commands, const char *json, size_t n) {
    static const char command[] = "{\"command\":{\"id\":", set[] = "{\"act\":\"device.set\"";
    struct yw_commands *c = commands;
    if (n > sizeof set && memcmp(json, set, sizeof set - 1) == 0) read_follow_up(c, json, n);
    if (n < sizeof command || memcmp(json, command, sizeof command - 1) != 0) return;
    int64_t id = 0;
    const char *digits = json + sizeof command - 1;
    size_t length = 0;
    while (length < n - (sizeof command - 1) && digits[length] >= '0' && digits[length] <= '9') length++;
    if (!yw_parse_i64(digits, length, &id)) return;
    struct yw_asked *a = id > c->started - REPLAY_SPAN ? malloc(sizeof *a) : NULL;
    if (a != NULL && yw_command_line_read(json, n, a)) yw_commands_add(c, a);
    free(a);
    if (id > c->last_id) c->last_id = id;
}

void yw_commands_one_password(struct yw_commands *c, bool begin) {
    if (begin) {
        pthread_mutex_lock(&c->one_password);
    } else {
        pthread_mutex_unlock(&c->one_password);
    }
}

int64_t yw_commands_next_id(struct yw_commands *c, int64_t now) {
    pthread_mutex_lock(&c->lock);
    /* A millisecond apart, so that the QN made from it is new as well. */
    int64_t id = now / 1000 > c->last_id / 1000 ? now : (c->last_id / 1000 + 1) * 1000;
    pthread_mutex_unlock(&c->lock);
    return id;
}

bool yw_commands_has_qn(struct yw_commands *c, uint32_t device, const char *qn) {
    bool has = false;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n && !has; i++) {
        has = is_open(c->at[i]) && c->at[i]->asked.device == device && strcmp(c->at[i]->asked.qn, qn) == 0;
    }
    pthread_mutex_unlock(&c->lock);
    return has;
}

void yw_commands_count(struct yw_commands *c, uint32_t device, uint16_t cn, struct yw_commands_count *out) {
    memset(out, 0, sizeof *out);
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n; i++) {
        if (!is_open(c->at[i])) continue;
        out->all++;
        if (c->at[i]->asked.device != device) continue;
        out->of_device++;
        out->of_cn += c->at[i]->asked.cn == cn;
    }
    pthread_mutex_unlock(&c->lock);
}

/* ---- what became of them ---- */

struct look {
    struct yw_asked *to;
    bool found;
};

static bool take(void *arg, const struct yw_asked *a) {
    struct look *l = arg;
    *l->to = *a;
    l->found = true;
    return false;
}

static bool ask_store(struct yw_store *store, const struct yw_asked_filter *f, struct yw_asked *out) {
    struct look l = {.to = out};
    return store != NULL && yw_store_sqlite.commands(store, f, 1, take, &l, NULL) == YW_OK && l.found;
}

static bool state_is_final(enum yw_asked_state s) {
    return s == YW_ASKED_NOT_SENT || s == YW_ASKED_ENDED || s == YW_ASKED_UNKNOWN;
}

void yw_commands_sweep(struct yw_commands *c, struct yw_store *store, int64_t now) {
    int64_t after = 0;
    struct yw_asked *a = malloc(sizeof *a);
    while (a != NULL) {
        /* The store is asked without the lock: one entry after the other, by id. */
        pthread_mutex_lock(&c->lock);
        size_t i = 0;
        while (i < c->n && (c->at[i]->asked.id <= after || c->at[i]->ended)) i++;
        after = i < c->n ? c->at[i]->asked.id : INT64_MAX;
        pthread_mutex_unlock(&c->lock);
        if (after == INT64_MAX) break;
        bool stored = ask_store(store, &(struct yw_asked_filter){.id = after}, a) && a->at != 0;
        pthread_mutex_lock(&c->lock);
        struct entry *e = find(c, after);
        if (e != NULL && stored) {
            e->stored = true;
            e->ended = state_is_final(yw_asked_state(a, now));
        }
        if (e != NULL && now > e->asked.valid_until + LAPSED) e->ended = e->followed = true;
        pthread_mutex_unlock(&c->lock);
    }
    free(a);
    pthread_mutex_lock(&c->lock);
    for (size_t i = c->n; i > 0; i--) {
        if (c->at[i - 1]->ended && c->at[i - 1]->followed) drop(c, i - 1);
    }
    pthread_mutex_unlock(&c->lock);
}

bool yw_commands_find(struct yw_web *w, struct yw_store *store, int64_t id, struct yw_asked *out) {
    /* Events may come to the store before the act that they belong to. */
    if (ask_store(store, &(struct yw_asked_filter){.id = id}, out) && out->at != 0) return true;
    pthread_mutex_lock(&w->commands->lock);
    const struct entry *e = find(w->commands, id);
    if (e != NULL) *out = e->asked;
    pthread_mutex_unlock(&w->commands->lock);
    return e != NULL;
}

bool yw_commands_newest(struct yw_web *w, struct yw_store *store, uint32_t device, uint16_t cn,
                        struct yw_asked *out) {
    struct yw_commands *c = w->commands;
    int64_t id = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = c->n; i > 0 && id == 0; i--) {
        if (c->at[i - 1]->asked.device == device && c->at[i - 1]->asked.cn == cn) id = c->at[i - 1]->asked.id;
    }
    pthread_mutex_unlock(&c->lock);
    if (id != 0) return yw_commands_find(w, store, id, out);
    return ask_store(store, &(struct yw_asked_filter){.device = device, .cn = cn}, out);
}

size_t yw_commands_fresh(struct yw_commands *c, uint32_t device, uint32_t outlet, struct yw_asked *out,
                         size_t max) {
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = c->n; i > 0 && n < max; i--) {
        const struct entry *e = c->at[i - 1];
        if (e->stored || (device != 0 && e->asked.device != device) ||
            (outlet != 0 && e->asked.outlet != outlet))
            continue;
        out[n++] = e->asked;
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

size_t yw_commands_unfollowed(struct yw_commands *c, uint16_t cn, int64_t *ids, size_t max) {
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n && n < max; i++) {
        if (!c->at[i]->followed && c->at[i]->ended && c->at[i]->asked.cn == cn) ids[n++] = c->at[i]->asked.id;
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

void yw_commands_followed(struct yw_commands *c, int64_t id) {
    pthread_mutex_lock(&c->lock);
    struct entry *e = find(c, id);
    if (e != NULL) e->followed = true;
    pthread_mutex_unlock(&c->lock);
}
