/* delivery: notices about alarms to people outside the pages: e-mail, SMS gateway, robots of enterprise
 * WeChat and DingTalk. What is to be sent lies in a table of office.db before anything is sent, once for each
 * event and recipient; one thread sends, and tries again with growing pauses. Robots stand in chats that
 * anybody may read: they get the number and the link, and nothing else. */
#ifndef YW_WEB_DELIVERY_H
#define YW_WEB_DELIVERY_H

#include "base/base.h"
#include "register/register.h"
#include "web/alarms.h"

#include <jansson.h>
#include <stdatomic.h>

struct yw_web;
struct yw_office;

enum {
    YW_RECIPIENTS_MAX = 100, /* of one channel */
    YW_DELIVERY_TEXT = 2000,
    YW_DELIVERY_URL = 512,
    YW_DELIVERY_KEEP_D = 60, /* days that the log is kept */
    YW_DELIVERIES_MAX = 200000
};
enum yw_channel { YW_CHANNEL_MAIL = 1, YW_CHANNEL_SMS = 2, YW_CHANNEL_WECOM = 3, YW_CHANNEL_DINGTALK = 4 };
const char *yw_channel_name(uint8_t c); /* "mail" "sms" "wecom" "dingtalk" */

struct yw_recipient {
    uint8_t channel, least;                 /* least severity */
    char unit[16];                          /* of this unit's turn; "": all */
    char target[96];                        /* address, phone number, name of the robot */
    char url[YW_DELIVERY_URL], secret[160]; /* of a robot, in clear */
};
struct yw_delivery_settings {
    char base_url[200]; /* of the pages, for links */
    int64_t since;      /* when they were changed last: what happened before is not sent */
    bool allow_private; /* addresses that are not public, this machine included */
    bool mail, sms;
    char mail_url[YW_DELIVERY_URL], mail_from[96], mail_user[96], mail_password[160];
    char sms_url[YW_DELIVERY_URL], sms_type[64], sms_header[300], sms_body[1000], sms_success[64];
    struct yw_recipient to[3 * YW_RECIPIENTS_MAX];
    size_t to_n;
};
/* From the JSON of the API. Secrets that are {"set":true} or absent are taken over from `before`. What is
 * wrong is told by member. */
enum yw_code yw_delivery_settings_read(const json_t *o, const struct yw_delivery_settings *before,
                                       struct yw_delivery_settings *out, struct yw_error *err);
/* key: secrets sealed by it, for keeping; NULL: {"set":true} in their place, for showing. */
bool yw_delivery_settings_put(struct yw_buf *b, const struct yw_delivery_settings *s, const uint8_t *key);
enum yw_code yw_delivery_settings_open(const char *json, size_t n, const uint8_t key[32],
                                       struct yw_delivery_settings *out, struct yw_error *err);

/* ---- the queue in office.db (delivery_keep.c) ---- */
enum yw_delivery_state { YW_DELIVERY_WAITING = 1, YW_DELIVERY_SENT = 2, YW_DELIVERY_FAILED = 3 };
const char *yw_delivery_state_name(uint8_t s);
struct yw_delivery {
    int64_t id, made, next, done; /* next: when it is tried; done 0: not yet */
    uint8_t channel, state;
    int64_t tries;
    char event[64], target[96], number[YW_ALARM_NUMBER], subject[240], text[YW_DELIVERY_TEXT], error[200];
};
/* Once for each (event, channel, target): again it changes nothing. */
enum yw_code yw_delivery_add(struct yw_office *o, const struct yw_delivery *d, struct yw_error *err);
enum yw_code yw_delivery_due(struct yw_office *o, int64_t now, struct yw_delivery *out, size_t most,
                             size_t *n, struct yw_error *err);
enum yw_code yw_delivery_done(struct yw_office *o, const struct yw_delivery *d, struct yw_error *err);
/* Newest first, with ids below `before` (0: all). */
enum yw_code yw_deliveries_each(struct yw_office *o, int64_t before, uint8_t state,
                                bool (*each)(void *arg, const struct yw_delivery *d), void *arg,
                                struct yw_error *err);
enum yw_code yw_delivery_tidy(struct yw_office *o, int64_t before, struct yw_error *err);
/* A text kept by name; *out is "" where there is none. */
enum yw_code yw_setting_get(struct yw_office *o, const char *name, struct yw_buf *out, struct yw_error *err);
enum yw_code yw_setting_set(struct yw_office *o, const char *name, const char *text, struct yw_error *err);

/* ---- what is sent (delivery_text.c): pure ---- */
struct yw_delivery_words {
    const char *number, *link;
    const char *what;   /* "新报警" */
    const char *detail; /* outlet, factor, figures; never for robots */
    const char *domain; /* "" or "演示数据，非官方统计" */
};
void yw_delivery_write(struct yw_delivery *d, const struct yw_delivery_words *w);
/* The body of a robot's message: number and link alone. */
bool yw_robot_body(struct yw_buf *b, uint8_t channel, const char *text);
/* {phone}, {number}, {text} filled into a template, escaped for "json", "url" or not at all (""). */
bool yw_template_fill(struct yw_buf *b, const char *text, const char *how, const char *phone,
                      const char *number, const char *message);
/* A whole message (RFC 5322) with a UTF-8 body. */
bool yw_mail_write(struct yw_buf *b, const char *from, const char *to, const char *subject, const char *text,
                   int64_t now, int64_t id);
/* An address that anybody on the Internet may be reached at. */
struct sockaddr;
bool yw_address_is_public(const struct sockaddr *sa);

/* ---- sending (delivery_send.c) ---- */
enum yw_code yw_delivery_send(const struct yw_delivery_settings *s, const struct yw_delivery *d, int64_t now,
                              const atomic_bool *stop, struct yw_error *err);

/* ---- the thread and the policy (delivery.c, delivery_look.c) ---- */
struct yw_deliveries;
enum yw_code yw_deliveries_start(struct yw_web *w, struct yw_deliveries **out, struct yw_error *err);
void yw_deliveries_stop(struct yw_deliveries *d);
/* What happened to alarms becomes notices in the queue; from the policies' thread. overdue: those whose time
 * is over are looked for as well. */
void yw_delivery_look(struct yw_web *w, bool overdue, int64_t now);
void yw_delivery_wake(struct yw_web *w);
void yw_delivery_settings_now(struct yw_web *w, struct yw_delivery_settings *out);
enum yw_code yw_delivery_settings_change(struct yw_web *w, const struct yw_delivery_settings *s,
                                         struct yw_error *err);

#endif
