/* register: who there is. Areas, units, enterprises with their permit, outlets with factors, devices,
 * maintainers.
 *
 * The register is the fold of the acts journal: each act is one JSON object
 * {"act":"device.put","by":"..","at":..,...}; applying acts 1..n gives version n. Gateways see it as
 * register.snap, a file mapped read-only that is replaced by an atomic rename whenever the version changes.
 * The pipeline asks "which outlet had device D at version V", so that the result does not depend on when a
 * packet is read. */
#ifndef YW_REGISTER_H
#define YW_REGISTER_H

#include "base/base.h"

enum yw_outlet_kind { YW_OUTLET_AIR = 1, YW_OUTLET_WATER = 2, YW_OUTLET_OTHER = 3 };
enum yw_device_state {
    YW_DEVICE_WAITING = 0,
    YW_DEVICE_ADMITTED = 1,
    YW_DEVICE_REFUSED = 2,
    YW_DEVICE_RETIRED = 3
};

struct yw_area { /* province, city, county */
    char code[16], parent[16], name[64];
};
struct yw_unit { /* 机构: a body that enforces, of the province, a city or a county */
    char code[16], parent[16], name[96];
    char area[16]; /* that it serves; "": not said */
};
struct yw_maintainer {
    uint32_t id;
    char name[96];
};
struct yw_enterprise { /* 排污单位, with its permit */
    uint32_t id;
    char credit_code[24], name[128], short_name[48], area[16], industry[64], address[160], contact[64],
        phone[32];
    char permit_number[32];
    int32_t permit_from, permit_to; /* civil days UTC+8, 0: not said; to is the last day of validity */
    double lon, lat;                /* WGS-84 degrees, NaN: not said */
};
struct yw_outlet {                       /* 排放口 */
    uint32_t id, enterprise, maintainer; /* maintainer 0: none */
    char code[16], name[96];             /* DA001, DW001 */
    uint8_t kind;                        /* yw_outlet_kind */
    char st[4];
    double lon, lat;
};
struct yw_factor_rule { /* one factor at one outlet */
    uint32_t outlet;
    char code[16], unit[16];
    double range_low, range_high; /* of the instrument, NaN: not said */
    double limit;                 /* permitted concentration in unit, NaN: none */
    double amount_t_a;            /* permitted amount per year, NaN: none */
    double reference_oxygen;      /* %, NaN: no conversion */
    bool judge_converted;         /* the limit is for the converted value */
};
enum {
    YW_PASSWORD_BYTES = 32,  /* of a device's PW in clear, with its end */
    YW_PASSWORD_SEALED = 104 /* of its sealed text */
};
struct yw_device { /* 数采仪 */
    uint32_t id, outlet;
    char mn[32];
    char pw[YW_PASSWORD_SEALED]; /* as yw_password_seal gives it; "": any password is accepted */
    uint8_t state;               /* yw_device_state */
    uint16_t version;            /* 2005, 2017, 2025, 0: not said */
    uint16_t rtd_interval_s, min_interval_min;
};

struct yw_register;
struct yw_register *yw_register_create(void);
void yw_register_destroy(struct yw_register *r);
uint32_t yw_register_version(const struct yw_register *r);
/* Applies one act; unknown acts only count up the version. What is wrong comes back as error and changes
 * nothing, but the version still counts up (an act in the journal is a fact; rejecting it must be the same
 * for everybody). What carries no "act" (a clock tick, say) is no act: YW_E_NOT_FOUND and the version stays.
 */
enum yw_code yw_register_apply(struct yw_register *r, const char *json, size_t n, struct yw_error *err);

/* Look-ups in the present version; NULL if there is none. Pointers are valid until the next apply. */
const struct yw_device *yw_register_device(const struct yw_register *r, uint32_t id);
const struct yw_device *yw_register_device_by_mn(const struct yw_register *r, const char *mn, size_t n);
const struct yw_outlet *yw_register_outlet(const struct yw_register *r, uint32_t id);
const struct yw_enterprise *yw_register_enterprise(const struct yw_register *r, uint32_t id);
const struct yw_maintainer *yw_register_maintainer(const struct yw_register *r, uint32_t id);
const struct yw_area *yw_register_area(const struct yw_register *r, const char *code);
bool yw_register_area_within(const struct yw_register *r, const char *code, const char *ancestor);
const struct yw_unit *yw_register_unit(const struct yw_register *r, const char *code);
bool yw_register_unit_within(const struct yw_register *r, const char *code, const char *ancestor);
/* The outlet that device had in that version, 0 if it had none or was not admitted. */
uint32_t yw_register_outlet_at(const struct yw_register *r, uint32_t device, uint32_t version);
/* Arrays in order of id / code. */
const struct yw_area *yw_register_areas(const struct yw_register *r, size_t *n);
const struct yw_unit *yw_register_units(const struct yw_register *r, size_t *n);
const struct yw_maintainer *yw_register_maintainers(const struct yw_register *r, size_t *n);
const struct yw_enterprise *yw_register_enterprises(const struct yw_register *r, size_t *n);
const struct yw_outlet *yw_register_outlets(const struct yw_register *r, size_t *n);
const struct yw_device *yw_register_devices(const struct yw_register *r, size_t *n);
/* Devices of an outlet in any state, at most max; returns how many went into out. */
size_t yw_register_devices_of(const struct yw_register *r, uint32_t outlet, const struct yw_device **out,
                              size_t max);
const struct yw_factor_rule *yw_register_factors(const struct yw_register *r, uint32_t outlet, size_t *n);

/* ---- acts: made by web and admin commands, one JSON object each ---- */
/* A pw in an act is sealed (see yw_password_seal), since the journal of acts is kept for ever; a pw in clear
 * is understood as well. Shapes (all also carry "by": user name, "at": microseconds, "reason": text or
 * absent):
 *   {"act":"area.put","areas":[{code,parent,name}]}
 *   {"act":"unit.put","units":[{code,parent,name,area}]}: a tree of at most 8 levels, no unit above itself
 *   {"act":"maintainer.put","maintainers":[{id,name}]}
 *   {"act":"register.put","areas":[..],"units":[..],"maintainers":[..],"enterprises":[..],"outlets":[..],"factors":[..],"devices":[..]}
 *       (an import is ONE act; every array may be absent; objects replace those of the same id / code /
 * outlet+code)
 *   {"act":"device.admit","mn":..,"id":..,"outlet":..,"pw":..} (pw absent: kept, or any for a new device;
 * version, rtd_interval_s, min_interval_min may be there) {"act":"device.refuse","mn":..,"id":..}
 * {"act":"device.retire","id":..} Object members have the names of the structs above; kind is "air", "water"
 * or "other", state is "waiting", "admitted", "refused" or "retired"; dates are "YYYY-MM-DD"; empty texts,
 * zeros, false and NaN are left out. */

enum { YW_ACT_MAX = 15 << 20 }; /* bytes of one act; a packet journal's record holds 16 MiB */

const char *yw_outlet_kind_name(uint8_t kind);   /* "air" */
const char *yw_device_state_name(uint8_t state); /* "admitted" */

struct yw_act {              /* what goes into an act besides its kind */
    const char *by, *reason; /* reason may be NULL */
    int64_t at;
};
struct yw_register_put {
    const struct yw_area *areas;
    const struct yw_unit *units;
    const struct yw_maintainer *maintainers;
    const struct yw_enterprise *enterprises;
    const struct yw_outlet *outlets;
    const struct yw_factor_rule *factors;
    const struct yw_device *devices;
    size_t area_n, unit_n, maintainer_n, enterprise_n, outlet_n, factor_n, device_n;
};
/* Each appends one act to out; false if it did not fit. */
bool yw_act_register_put(struct yw_buf *out, const struct yw_act *a, const struct yw_register_put *p);
/* pw, sealed; NULL: absent. */
bool yw_act_device_admit(struct yw_buf *out, const struct yw_act *a, const char *mn, uint32_t id,
                         uint32_t outlet, const char *pw);
bool yw_act_device_refuse(struct yw_buf *out, const struct yw_act *a, const char *mn, uint32_t id);
bool yw_act_device_retire(struct yw_buf *out, const struct yw_act *a, uint32_t id);
/* First id that is free, for acts that make something new. */
uint32_t yw_register_next_device(const struct yw_register *r);
uint32_t yw_register_next_enterprise(const struct yw_register *r);
uint32_t yw_register_next_outlet(const struct yw_register *r);
uint32_t yw_register_next_maintainer(const struct yw_register *r);

/* The installation's key (DATA/secret.key, 32 bytes), made if it is not there yet. */
enum yw_code yw_secret_load(const char *data, uint8_t key[32], struct yw_error *err);
/* The same without making it: YW_E_NOT_FOUND. */
enum yw_code yw_secret_find(const char *data, uint8_t key[32], struct yw_error *err);

/* A device's PW as it may lie on a disk: "sealed:" and, in URL-safe base64, a nonce and crypto_secretbox
 * (XSalsa20-Poly1305), with keys derived from the installation's. The nonce is a keyed hash of MN and PW, so
 * that the same PW of the same MN gives the same text and a text moved to another MN does not open. "" stays
 * "". size is at least YW_PASSWORD_SEALED. YW_E_FORMAT: too long, or not ASCII without blanks, or sealed
 * already. */
enum yw_code yw_password_seal(const uint8_t key[32], const char *mn, const char *pw, char *out, size_t size,
                              struct yw_error *err);
/* The PW in clear; a text that is not sealed is one already. key may be NULL: nothing sealed opens
 * (YW_E_NOT_FOUND). YW_E_CORRUPT: another key, another MN, or damaged. Wipe out when done. */
enum yw_code yw_password_open(const uint8_t *key, const char *mn, const char *text, char *out, size_t size,
                              struct yw_error *err);
bool yw_password_is_sealed(const char *text);
/* How many devices have a PW that does not open with this key (NULL: none). */
size_t yw_passwords_locked(const struct yw_register *r, const uint8_t *key);

/* ---- register.snap ---- */

struct yw_snap_device { /* one row of the snapshot's hash table, 128 bytes */
    char mn[32];
    uint8_t pw_hash[16]; /* keyed hash of PW (key: the snapshot's salt); all zero: any password, all ones:
                            none fits */
    uint32_t id, outlet;
    uint8_t state, pad[3];
    uint16_t version, rtd_interval_s, min_interval_min, policy;
    uint32_t key_id[2];
    uint8_t key[2][16]; /* present and previous SM4 key, zero: none */
    uint8_t reserved[20];
};
/* Writes DATA/register.snap (temporary file, sync, rename). key opens sealed passwords, NULL if there are
 * none; where one does not open, no password fits. */
enum yw_code yw_snap_write(const struct yw_io *io, const char *path, const struct yw_register *r,
                           const uint8_t *key, struct yw_error *err);

struct yw_snap;
/* Maps an open file; the descriptor may be closed afterwards. Everything in it is checked once, here. */
enum yw_code yw_snap_map(int fd, struct yw_snap **out, struct yw_error *err);
void yw_snap_unmap(struct yw_snap *s);
uint32_t yw_snap_version(const struct yw_snap *s);
uint32_t yw_snap_devices(const struct yw_snap *s);
/* NULL: unknown MN. No allocation, no copy. */
const struct yw_snap_device *yw_snap_find(const struct yw_snap *s, const char *mn, size_t n);
bool yw_snap_password_fits(const struct yw_snap *s, const struct yw_snap_device *d, const char *pw, size_t n);

#endif
