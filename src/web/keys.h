/* Keys of devices (HJ 212-2025) as the web process handles them: entered, rotated, watched, and never shown.
 */
#ifndef YW_WEB_KEYS_H
#define YW_WEB_KEYS_H

#include "register/register.h"
#include "store/store.h"
#include "web/json.h"
#include "web/office.h"

struct yw_web;
struct yw_request;

/* The key behind a record's key_id; false: there is none, or it cannot be opened here. Wipe out when done. */
bool yw_web_key(struct yw_web *w, const struct yw_register *r, uint32_t key_id, uint8_t out[YW_SM4_BYTES]);
/* The master key, if it opens the newest key; make: it comes to be where the register knows no key yet. Wipe
 * out when done. */
enum yw_code yw_web_master(struct yw_web *w, const struct yw_register *r, bool make,
                           uint8_t out[YW_MASTER_BYTES], struct yw_error *err);
/* Member "keys" of an open object. */
void yw_put_keys(struct yw_buf *b, struct yw_web *w, const struct yw_register *r, uint32_t device,
                 int64_t now);
/* Member "registrations" of an open object: devices that ask to be activated (1001). */
enum yw_code yw_put_registrations(struct yw_buf *b, struct yw_store *store, int64_t now,
                                  struct yw_error *err);

/* ---- rotation (keys_policy.c) ---- */
enum yw_key_step {
    YW_KEY_STEP_NONE,
    YW_KEY_STEP_ASK,     /* send the offered key (again) */
    YW_KEY_STEP_CONFIRM, /* the device has it */
    YW_KEY_STEP_GIVE_UP  /* tried often enough: a person decides */
};
struct yw_key_try {       /* what became of sending an offered key */
    unsigned sent;        /* commands that reached a link and did not confirm it */
    bool under_way, done; /* one is; one was carried out */
    bool used;            /* the device sent a packet encrypted with it */
    int64_t last;         /* when it was asked last, 0: never */
};
struct yw_key_rule {
    int64_t tries, retry_s; /* of sending; the pause doubles with every try */
};
/* Pure: what to do about an offered key. */
enum yw_key_step yw_key_next(const struct yw_key_try *t, const struct yw_key_rule *rule, int64_t now);
/* Microseconds since the key came to be, as SKCreateTime says, else its confirmation. */
int64_t yw_key_age(const struct yw_device_key *k, int64_t now);

/* The offered key newer than the present one; NULL: none. */
const struct yw_device_key *yw_key_offered(const struct yw_register *r, uint32_t device);
/* Makes a new key for a device that has a confirmed one, or takes the one already offered, and sends it
 * (1014). YW_E_STATE: no confirmed key; a command is under way. Call without locks. */
enum yw_code yw_keys_rotate(struct yw_web *w, uint32_t device, uint8_t source, const char *by,
                            const char *reason, int64_t now, struct yw_error *err);
void yw_keys_policy(struct yw_web *w, struct yw_store *store, int64_t now);
/* keys_alerts.c */
void yw_put_alerts_keys(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                        const struct yw_user *u, int64_t now);

#endif
