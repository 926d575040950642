/* alarms: the book of all alarms with what was done about them, folded from lines of the acts journal, and
 * the settings they follow. Numbers (BJ20261123-0147) are given once, by the line that raises the alarm.
 *
 * The book is guarded by the lock of the register (acts.h): read it between yw_acts_lock and yw_acts_unlock,
 * change it between yw_acts_lock_alone and yw_acts_unlock. */
#ifndef YW_WEB_ALARMS_H
#define YW_WEB_ALARMS_H

#include "alarm/alarm.h"
#include "judged/judged.h"
#include "register/register.h"
#include "store/store.h"

struct yw_web;
struct yw_user;
struct yw_request;
struct yw_buf;

enum {
    YW_ALARMS_MAX = 300000, /* in the book; beyond, the oldest closed ones stay in the journal alone */
    YW_ALARM_MANY = 200     /* entries of one line, alarms of one request */
};

/* One step as the book keeps it; texts point into one piece of memory. */
struct yw_kept_step {
    uint8_t kind;
    int64_t at;
    const char *by, *unit, *to_unit, *result, *text;
};
struct yw_alarm {
    int64_t id; /* grows */
    char number[YW_ALARM_NUMBER];
    struct yw_episode episode;
    char verdict[48], measure[16]; /* of the worst point; unit of its value */
    bool converted;                /* held against the limit after conversion */
    bool past;                     /* raised long after the event */
    int64_t raised;
    struct yw_alarm_state state;
    struct yw_kept_step *steps;
    uint32_t step_n;
    uint32_t offered;      /* steps that were offered to the queue of notices; the policies' thread alone */
    int64_t absent;        /* since when its verdicts are not there any more, 0: they are */
    struct yw_alarm *next; /* of the same key, or of another with the same hash */
};
/* One entry of a line {"alarm":[entry,..]}: a step, what is known of the episode, or both. */
struct yw_alarm_entry {
    char number[YW_ALARM_NUMBER];
    int64_t id;
    bool has_step, has_episode;
    struct yw_alarm_step step;
    struct yw_episode episode;
    char verdict[48], measure[16];
    bool converted;
};

struct yw_alarms;
struct yw_alarms *yw_alarms_create(void);
void yw_alarms_destroy(struct yw_alarms *a);
/* For yw_acts_open_with; other lines are passed over. */
void yw_alarms_replay(struct yw_alarms *a, const char *json, size_t n);

bool yw_alarm_line_put(struct yw_buf *b, const struct yw_alarm_entry *e, size_t n);
/* At most YW_ALARM_MANY; *n entries into out. False: no such line. */
bool yw_alarm_line_read(const char *json, size_t n, struct yw_alarm_entry *out, size_t *count);
/* Journals and applies the entries, all or none; a raise gets number and id here. The register must be locked
 * alone. */
enum yw_code yw_alarms_commit(struct yw_web *w, struct yw_alarm_entry *e, size_t n, struct yw_error *err);

size_t yw_alarms_count(const struct yw_alarms *a);
struct yw_alarm *yw_alarms_at(const struct yw_alarms *a, size_t i); /* in order of id */
struct yw_alarm *yw_alarms_find(const struct yw_alarms *a, const char *number);
/* The alarms of a key, newest first; `after` NULL: the first. NULL: no more. */
struct yw_alarm *yw_alarms_of(const struct yw_alarms *a, const struct yw_episode *key,
                              const struct yw_alarm *after);
bool yw_alarm_is_of(const struct yw_alarm *a, const struct yw_episode *key);

/* ---- settings (alarm_settings.c) ---- */
void yw_alarm_rule_of(const struct yw_register *r, uint8_t kind, double multiple, struct yw_alarm_rule *out);
void yw_alarm_limits_of(const struct yw_register *r, struct yw_stage_limits *out);
/* Kinds that say something of the data's quality. While data are filled in, such verdicts come and go. */
bool yw_alarm_of_quality(uint8_t kind);
/* Names of stages as the installation calls them. */
const char *yw_alarm_stage_zh(const struct yw_register *r, uint8_t stage);
/* The unit on whose desk alarms of that outlet come; "": there is none. */
const char *yw_alarm_home(const struct yw_register *r, uint32_t outlet);

/* ---- units and people (alarm_units.c) ---- */
bool yw_unit_within(const struct yw_register *r, const char *code, const char *ancestor);
/* The unit a user belongs to: by code or name of the account's unit, else that of its area; "": none. */
const char *yw_user_unit(const struct yw_register *r, const struct yw_user *u);
/* Officers and leaders act for their unit and those below; without unit and area, for all. */
bool yw_acts_for(const struct yw_register *r, const struct yw_user *u, const char *unit);
const char *yw_unit_name(const struct yw_register *r, const char *code); /* the code, where it has none */

/* ---- raising (alarm_policy.c, alarm_live.c) ---- */
struct yw_alarm_watch; /* what the policy remembers between two looks; all of it can be found again */
struct yw_alarm_watch *yw_alarm_watch_create(void);
void yw_alarm_watch_destroy(struct yw_alarm_watch *a);
void yw_alarm_policy(struct yw_web *w, struct yw_store *store, int64_t now);
/* Brings the book in line with the episodes of one key: raises, carries on, ends, withdraws. */
struct yw_alarm_look {
    struct yw_episode key;
    int64_t from; /* alarms that ended before it were not looked at */
    const struct yw_episode *episodes;
    size_t n;
    const void *arg;
    /* Fills number, unit and converted of the worst point; may be NULL. */
    void (*verdict_of)(const void *arg, const struct yw_episode *e, struct yw_alarm_entry *to);
    /* Whether the time of an alarm without an episode was judged, so that its verdicts are gone for good;
     * *marked: a mark touched that time. */
    bool (*judged)(const void *arg, const struct yw_alarm *a, bool *marked);
};
void yw_alarms_reconcile(struct yw_web *w, const struct yw_alarm_look *l, int64_t now);
void yw_alarm_silence(struct yw_web *w, int64_t now);
void yw_alarm_clocks(struct yw_web *w, struct yw_store *store, int64_t now);

/* ---- as JSON (alarm_json.c) ---- */
void yw_put_alarm(struct yw_buf *b, struct yw_web *w, const struct yw_register *r, const struct yw_alarm *a,
                  int64_t now);
#define YW_ALARM_PLATFORM "platform" /* who takes the steps that the platform takes by itself */
struct yw_said_by {
    char zh[65], en[65];
};
/* The display name of who took a step; of the platform its word. */
void yw_alarm_person(struct yw_request *q, const char *by, struct yw_said_by *out);
void yw_put_alarm_steps(struct yw_request *q, const struct yw_alarm *a);
/* One with its steps, what this user may do, verdicts, and what lies around it (alarm_routes.c). */
void yw_put_alarm_page(struct yw_request *q, const struct yw_alarm *a);
/* Whether the user may take this step; fills the unit he acts for (alarm_steps.c). */
bool yw_alarm_may(const struct yw_request *q, const struct yw_alarm *a, struct yw_alarm_step *s,
                  struct yw_step_refusal *why);
/* "NOx 折算小时均值 67.4 / 50 mg/m3，超标 0.35 倍" */
void yw_alarm_text(struct yw_web *w, const struct yw_alarm *a, int64_t now, char *zh, char *en, size_t size);
/* Tells pages that are open: event "alarm". The register is locked. */
void yw_alarm_tell(struct yw_web *w, const struct yw_register *r, const struct yw_alarm *a, uint8_t step);

#endif
