/* What the parts of the web process share. */
#ifndef YW_WEB_INT_H
#define YW_WEB_INT_H

#include "journal/journal.h"
#include "register/register.h"
#include "store/store.h"
#include "web/acts.h"
#include "web/factor_names.h"
#include "web/json.h"
#include "web/office.h"
#include "web/web.h"

#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>

enum {
    YW_BODY_MAX = 64 << 10,
    YW_ANSWER_MAX = 64 << 20,
    YW_STORES_MAX = 16, /* read-only store handles kept open */
    YW_PARAMS_MAX = 2
};

struct yw_live_hub;
struct yw_rule_book;
struct yw_states;
struct yw_commands;
struct yw_policies;
struct yw_acts_socket;
struct yw_gap_book;
struct yw_alarms;
struct yw_alarm_watch;
struct yw_judged_watch;
struct yw_shifts;
struct yw_deliveries;
struct yw_snapshots;
struct yw_snapshot;

enum { YW_RATES_MAX = 80 };
struct yw_rate { /* of a counter, between two looks at it at least a second apart */
    int64_t at;
    uint64_t value;
    double per_second;
};

struct yw_web {
    struct yw_web_config config;
    char data[4096], series[4096 + 8], name[128];
    uint8_t secret[32]; /* the installation's key */
    struct yw_acts *acts;
    struct yw_office *office;
    struct yw_factor_names factors, infos;
    struct yw_commands *commands; /* under way (commands.h) */
    struct yw_policies *policies;
    struct yw_rule_book *rules; /* rules.h */
    struct yw_acts_socket *acts_socket;
    struct yw_gap_book *gaps;       /* gaps_policy.h */
    struct yw_snapshots *snapshots; /* pictures on their way (snapshot.h) */
    struct yw_alarms *alarms;       /* alarms.h */
    struct yw_alarm_watch *alarm_watch;
    struct yw_judged_watch *judged_watch; /* judged_policy.h */
    struct yw_shifts *shifts;             /* shifts.h */
    struct yw_deliveries *deliveries;     /* delivery.h */
    struct yw_states *states;
    struct yw_live_hub *hub;
    struct MHD_Daemon *daemon;
    int64_t started; /* wall clock */
    pthread_mutex_t rates_lock;
    struct yw_rate rates[YW_RATES_MAX]; /* gateways by worker, then the pipeline */
    pthread_mutex_t stores_lock;
    struct yw_store *stores[YW_STORES_MAX];
    size_t store_n;
};

/* Read-only handles, one for each thread that needs one at the moment. NULL: the pipeline has made no store
 * yet. */
struct yw_store *yw_web_store_take(struct yw_web *w, struct yw_error *err);
void yw_web_store_give(struct yw_web *w, struct yw_store *s, bool good);

/* ---- one request ---- */

struct yw_request {
    struct yw_web *web;
    struct MHD_Connection *connection;
    const char *method, *path;
    const struct yw_route *route;
    char params[YW_PARAMS_MAX][64]; /* what stood in the place of {..} */
    char address[64], token[YW_TOKEN_TEXT];
    bool secure; /* over TLS */
    struct yw_session session;
    struct yw_buf body;
    size_t body_max;
    bool too_large;
    int64_t now;
    /* set by the scope check */
    const struct yw_register *reg; /* locked for reading while the handler runs */
    uint32_t id;                   /* of the outlet, enterprise or device in the path */
    uint64_t thing;                /* mark, query or filing in the path; id is its outlet then */
    struct yw_record record;       /* of the packet in the path */
    struct yw_reader *reader;
    struct yw_asked *asked;       /* the command in the path */
    struct yw_snapshot *snapshot; /* the picture this request waits for */
    /* the answer */
    struct yw_buf out;
    const char *content_type, *download; /* download: file name */
    char cookie[200];
    int64_t retry_after_s;
    struct MHD_Response *stream; /* instead of out: server-sent events */
};
/* Gives the HTTP status; YW_STATUS_LATER: the connection sleeps, and the handler is called again once it is
 * woken. */
typedef unsigned (*yw_handler)(struct yw_request *q);
enum { YW_STATUS_LATER = 1 };

enum yw_scope {
    YW_SCOPE_NONE,   /* roles alone decide, the handler shows what the user sees */
    YW_SCOPE_WHOLE,  /* only users who are not bound to an area */
    YW_SCOPE_OUTLET, /* {id} is an outlet the user sees; 404 otherwise */
    YW_SCOPE_ENTERPRISE,
    YW_SCOPE_DEVICE,
    YW_SCOPE_PACKET,  /* {journal}/{position} */
    YW_SCOPE_COMMAND, /* {id} is a command to a device the user sees */
    YW_SCOPE_ALARM,   /* {number} is an alarm of an outlet the user sees */
    YW_SCOPE_VERDICT, /* {number} is that of a verdict about an outlet the user sees */
    YW_SCOPE_CAMERA,  /* {id} is a camera of an outlet the user sees */
    YW_SCOPE_MARK,    /* {id} is a mark, a query, a filing of an outlet the user sees */
    YW_SCOPE_QUERY,
    YW_SCOPE_FILING,
    YW_SCOPE_PLAN /* {id} is a plan of an enterprise the user sees */
};

struct yw_route {
    const char *method, *pattern;
    unsigned roles; /* bits of yw_role; 0: no sign-in needed */
    enum yw_scope scope;
    yw_handler handler;
    size_t body_max;     /* 0: YW_BODY_MAX for what changes something */
    bool alone;          /* commits acts: gets the register unlocked and locks it alone itself */
    const char *summary; /* one sentence, for --routes */
};
extern const struct yw_route yw_routes[];
extern const size_t yw_route_count;
/* NULL: no such path; *allowed tells whether the path exists with another method. */
const struct yw_route *yw_route_find(const char *method, const char *path, char params[YW_PARAMS_MAX][64],
                                     bool *other_method);
/* Session, role, CSRF: what can be said before the body has come. 200, or the status of the problem written.
 */
unsigned yw_route_check(struct yw_request *q);
/* Signs in, checks role, CSRF and scope, then lets the handler answer: the one place where it is decided who
 * may what. */
unsigned yw_route_serve(struct yw_request *q);

unsigned yw_problem(struct yw_request *q, unsigned status, const char *code, const char *zh, const char *en);
/* From an error of a lower layer. */
unsigned yw_problem_from(struct yw_request *q, enum yw_code code, const struct yw_error *err);
const char *yw_query(const struct yw_request *q, const char *name); /* "" where absent */
bool yw_query_i64(const struct yw_request *q, const char *name, int64_t least, int64_t most,
                  int64_t otherwise, int64_t *out);
json_t *yw_body_json(struct yw_request *q); /* an object, or NULL with the problem written */
/* A text member: false (with the problem written) if it is no text or too long; "" where absent. */
bool yw_member_text(struct yw_request *q, const json_t *o, const char *name, char *to, size_t size);

/* ---- who sees what (scope.c) ---- */
bool yw_sees_outlet(const struct yw_register *r, const struct yw_user *u, const struct yw_outlet *o);
bool yw_sees_enterprise(const struct yw_register *r, const struct yw_user *u, const struct yw_enterprise *e);
bool yw_sees_area(const struct yw_register *r, const struct yw_user *u, const char *code);
/* Fills q->id or q->record for the scopes that need it; an HTTP status other than 200 is the answer. */
unsigned yw_scope_check(struct yw_request *q);

/* ---- what is known of outlets at the moment (state.c) ---- */
enum yw_online { YW_STATE_NEVER, YW_STATE_SILENT, YW_STATE_LATE, YW_STATE_ONLINE };
const char *yw_online_name(enum yw_online s);
struct yw_main_value {
    char factor[YW_FACTOR_MAX + 1], text[YW_NUMBER_TEXT_MAX], flag[8];
    int64_t time;
};
/* The last whole hour that was judged, or day where limits are daily: the factor nearest to its limit. */
enum yw_judged_state {
    YW_JUDGED_NOTHING,
    YW_JUDGED_INVALID,
    YW_JUDGED_OK,
    YW_JUDGED_ATTENTION,
    YW_JUDGED_OVER
};
struct yw_last_judged {
    int64_t from;
    double value, limit; /* of the same period and basis */
    char factor[YW_FACTOR_MAX + 1], unit[16];
    uint8_t period, state; /* yw_period, yw_judged_state */
    bool converted;
};
struct yw_outlet_state {
    int64_t last_arrival, last_time[YW_KIND_COUNT]; /* 0: never */
    struct yw_source source[YW_KIND_COUNT];
    struct yw_main_value main; /* of the newest real-time record, else the newest minute record */
    int64_t main_of;           /* data time `main` was read for */
    int64_t spark_read;        /* when spark was read */
    double spark[24];          /* hourly means of the last 24 hours, NaN where none */
    struct yw_last_judged judged;
};
struct yw_states *yw_states_create(void);
void yw_states_destroy(struct yw_states *s);
void yw_states_latest(struct yw_states *s, const struct yw_latest *l);
void yw_states_get(struct yw_states *s, uint32_t outlet, struct yw_outlet_state *out);
void yw_states_set_main(struct yw_states *s, uint32_t outlet, const struct yw_main_value *m, int64_t of);
void yw_states_set_spark(struct yw_states *s, uint32_t outlet, const double spark[24], int64_t now);
void yw_states_set_judged(struct yw_states *s, uint32_t outlet, const struct yw_last_judged *j);
/* Member judged, null where nothing was judged. */
void yw_put_judged(struct yw_buf *b, const struct yw_last_judged *j);
/* Reads the main value if it is not of the newest record; store may be NULL. */
void yw_states_refresh_main(struct yw_states *s, struct yw_store *store, const struct yw_register *r,
                            const struct yw_outlet *o, struct yw_outlet_state *state);
enum yw_online yw_online_state(const struct yw_register *r, const struct yw_outlet *o,
                               const struct yw_outlet_state *s, int64_t now);
/* The factor shown for an outlet where there is room for one: the first with a limit, else the first. NULL:
 * none. */
const struct yw_factor_rule *yw_main_factor(const struct yw_register *r, uint32_t outlet);
void yw_put_main(struct yw_buf *b, const struct yw_register *r, uint32_t outlet,
                 const struct yw_main_value *m);

/* ---- live (live.c) ---- */
enum yw_code yw_live_start(struct yw_web *w, struct yw_live_hub **out, struct yw_error *err);
void yw_live_wake_all(struct yw_live_hub *h); /* before the daemon stops */
void yw_live_stop(struct yw_live_hub *h);
/* outlet 0: everything the user sees */
struct MHD_Response *yw_live_subscribe(struct yw_live_hub *h, struct MHD_Connection *c,
                                       const struct yw_user *u, uint32_t outlet);

/* Sends an event (whole text) to the authorities who see the outlet. */
void yw_live_tell(struct yw_live_hub *h, const struct yw_register *r, const struct yw_buf *event,
                  const struct yw_outlet *o);

/* ---- shared pieces of answers ---- */
void yw_put_journal(struct yw_buf *b, uint16_t journal); /* member journal: "p0", "acts" */
void yw_put_user(struct yw_buf *b, const struct yw_register *r, const struct yw_user *u);
void yw_put_enterprise_brief(struct yw_buf *b, const struct yw_enterprise *e);
/* {code:{field:value}} of the current values; flags and numbers as sent. */
void yw_put_values(struct yw_buf *b, const struct yw_value *const *values, size_t n);
bool yw_text_has(const char *text, const char *part); /* without regard to the case of ASCII letters */

/* ---- pages and other files built into the program (static.c, embed.py) ---- */
struct yw_embedded {
    const char *path; /* "/assets/index-1a2b.js" */
    const char *type;
    const unsigned char *bytes, *gzip; /* gzip NULL: only plain */
    size_t size, gzip_size;
};
extern const struct yw_embedded yw_embedded[];
extern const size_t yw_embedded_count;
const struct yw_embedded *yw_embedded_find(const char *path);
unsigned yw_serve_page(struct yw_request *q, struct MHD_Response **out);

/* ---- system (system.c, pipeline_live.c) ---- */
double yw_system_rate(struct yw_web *w, unsigned which, uint64_t value, int64_t now);
void yw_put_pipeline(struct yw_request *q); /* an object, or null while there is no pipeline */

/* ---- handlers ---- */
#define YW_HANDLER(name) unsigned name(struct yw_request *q)
YW_HANDLER(yw_get_installation);
YW_HANDLER(yw_get_openapi);
YW_HANDLER(yw_post_session);
YW_HANDLER(yw_get_session);
YW_HANDLER(yw_delete_session);
YW_HANDLER(yw_post_password);
YW_HANDLER(yw_get_areas);
YW_HANDLER(yw_get_units);
YW_HANDLER(yw_get_factors);
YW_HANDLER(yw_get_maintainers);
YW_HANDLER(yw_get_watch);
YW_HANDLER(yw_get_live);
YW_HANDLER(yw_get_means);
YW_HANDLER(yw_get_verdicts);
YW_HANDLER(yw_get_operation);
YW_HANDLER(yw_get_verdict);
YW_HANDLER(yw_get_tallies);
YW_HANDLER(yw_get_judge_state);
YW_HANDLER(yw_get_enterprises);
YW_HANDLER(yw_get_enterprise);
YW_HANDLER(yw_get_outlets);
YW_HANDLER(yw_get_outlet);
YW_HANDLER(yw_get_series);
YW_HANDLER(yw_get_record);
YW_HANDLER(yw_get_records);
YW_HANDLER(yw_get_outlet_live);
YW_HANDLER(yw_get_packet);
YW_HANDLER(yw_get_devices);
YW_HANDLER(yw_get_waiting);
YW_HANDLER(yw_post_admit);
YW_HANDLER(yw_post_refuse);
YW_HANDLER(yw_post_retire);
YW_HANDLER(yw_get_keys);
YW_HANDLER(yw_post_key);
YW_HANDLER(yw_post_register);
YW_HANDLER(yw_post_import);
YW_HANDLER(yw_get_export);
YW_HANDLER(yw_get_system);
YW_HANDLER(yw_get_targets);
YW_HANDLER(yw_post_target);
YW_HANDLER(yw_put_target);
YW_HANDLER(yw_delete_target);
YW_HANDLER(yw_get_target_state);
YW_HANDLER(yw_get_users);
YW_HANDLER(yw_post_user);
YW_HANDLER(yw_patch_user);
YW_HANDLER(yw_get_search);
YW_HANDLER(yw_get_catalogue);
YW_HANDLER(yw_post_command);
YW_HANDLER(yw_get_device_commands);
YW_HANDLER(yw_get_outlet_commands);
YW_HANDLER(yw_get_command);
YW_HANDLER(yw_get_device);
YW_HANDLER(yw_patch_device);
YW_HANDLER(yw_get_overlays);
YW_HANDLER(yw_get_policies);
YW_HANDLER(yw_put_policies);
YW_HANDLER(yw_get_alerts);
YW_HANDLER(yw_get_alarms);
YW_HANDLER(yw_get_alarm);
YW_HANDLER(yw_post_alarm_step);
YW_HANDLER(yw_post_alarm_steps);
YW_HANDLER(yw_post_alarm_notice);
YW_HANDLER(yw_get_shifts);
YW_HANDLER(yw_post_shift);
YW_HANDLER(yw_post_shift_entry);
YW_HANDLER(yw_post_handover);
YW_HANDLER(yw_get_deliveries);
YW_HANDLER(yw_get_delivery_settings);
YW_HANDLER(yw_put_delivery_settings);
YW_HANDLER(yw_post_delivery_test);
YW_HANDLER(yw_get_timeline);
YW_HANDLER(yw_get_station);
YW_HANDLER(yw_post_station);
YW_HANDLER(yw_get_hooks);
YW_HANDLER(yw_post_hook);
YW_HANDLER(yw_delete_hook);
YW_HANDLER(yw_post_hook_use);
YW_HANDLER(yw_get_cameras);
YW_HANDLER(yw_post_camera);
YW_HANDLER(yw_delete_camera);
YW_HANDLER(yw_get_snapshot);
YW_HANDLER(yw_get_camera_link);
YW_HANDLER(yw_get_report_rates);
YW_HANDLER(yw_get_report_outlet);
YW_HANDLER(yw_get_marks);
YW_HANDLER(yw_post_mark);
YW_HANDLER(yw_get_mark);
YW_HANDLER(yw_patch_mark);
YW_HANDLER(yw_delete_mark);
YW_HANDLER(yw_get_mark_evidence);
YW_HANDLER(yw_post_mark_query);
YW_HANDLER(yw_get_queries);
YW_HANDLER(yw_get_query);
YW_HANDLER(yw_post_query_receive);
YW_HANDLER(yw_post_query_reply);
YW_HANDLER(yw_post_query_close);
YW_HANDLER(yw_get_filings);
YW_HANDLER(yw_post_filing);
YW_HANDLER(yw_get_filing);
YW_HANDLER(yw_patch_filing);
YW_HANDLER(yw_delete_filing);
YW_HANDLER(yw_get_filing_evidence);
YW_HANDLER(yw_post_filings_import);
YW_HANDLER(yw_get_filings_export);
YW_HANDLER(yw_post_evidence);
YW_HANDLER(yw_get_site);
YW_HANDLER(yw_put_site);
YW_HANDLER(yw_get_rules);
YW_HANDLER(yw_put_rule);
YW_HANDLER(yw_get_plans);
YW_HANDLER(yw_post_plan);
YW_HANDLER(yw_delete_plan);

#endif
