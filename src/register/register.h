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
    char pw_next[YW_PASSWORD_SEALED]; /* accepted beside pw while a change of password is under way */
    /* How the host speaks to it; 0 everywhere: as the device itself speaks, or the installation's default. */
    uint8_t pin_crc;                         /* 1 HJ 212, 2 Modbus */
    uint8_t pin_case;                        /* of the CRC: 1 upper, 2 lower */
    uint8_t pin_text;                        /* 1 UTF-8, 2 GBK */
    uint8_t pin_reply;                       /* ST of replies: 1 ST=91, 2 that of the packet */
    uint16_t overtime_s, recount, execute_s; /* of commands to it */
    uint8_t clock_policy;                    /* 1 watch, 2 set the clock beyond the limit */
    uint16_t clock_limit_s;
    uint8_t twin_policy; /* two links claim its MN: 1 alarm, 2 the first keeps it, 3 only from peers */
    char peers[128];     /* networks it may come from: "10.1.0.0/16 192.0.2.7", "": anywhere */
    uint8_t gap_policy;  /* 1 watch, 2 ask for what is missing */
    char overlay[32];    /* provincial overlay its aliases came from; "": none */
    int64_t admitted_at; /* of the act that admitted it first, 0: by an import without time */
};

/* ---- names a device uses for factors ---- */
enum {
    YW_ALIAS_FROM = 32, /* bytes of a name as the device sends it, with its end */
    YW_ALIAS_TO = 13,   /* of the code it stands for, with its end */
    YW_ALIASES_MAX = 64 /* of one device */
};
struct yw_alias {
    char from[YW_ALIAS_FROM], to[YW_ALIAS_TO];
};

/* ---- keys of HJ 212-2025 ---- */
enum {
    YW_SM4_BYTES = 16,
    YW_KEY_SEALED = 112, /* bytes of its sealed text, with the end */
    YW_SNAP_KEYS = 3     /* of one device that open its packets at a time */
};
enum yw_key_state {
    YW_KEY_NONE,
    YW_KEY_OFFERED,   /* made, perhaps with the device already: opens packets, is not used for sending */
    YW_KEY_CONFIRMED, /* the device has it. The one confirmed last is the present key; those confirmed before
                       * still open packets until they are retired */
    YW_KEY_RETIRED    /* opens old packets alone */
};
enum yw_key_source { YW_KEY_MINISTRY = 1, YW_KEY_ROTATED = 2, YW_KEY_PERSON = 3 };
struct yw_device_key {
    uint32_t key_id, device;
    uint8_t state, source;                /* yw_key_state, yw_key_source */
    char created[18];                     /* SKCreateTime, 17 digits; "": not known */
    uint32_t confirmed;                   /* register version that confirmed it, 0: none */
    int64_t at, confirmed_at, retired_at; /* of the acts; 0: not happened */
    char key[YW_KEY_SEALED];              /* as yw_key_seal gives it */
};
const char *yw_key_state_name(uint8_t state);   /* "offered" */
const char *yw_key_source_name(uint8_t source); /* "ministry" */

/* ---- defaults of the installation ---- */
enum { YW_POLICY_NAME = 32, YW_POLICY_TEXT = 64, YW_POLICIES_MAX = 256 };
struct yw_policy {
    char name[YW_POLICY_NAME];
    bool is_text;
    int64_t number;
    char text[YW_POLICY_TEXT];
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

/* The code that the device's name [code, code + n) stood for in that version; NULL: for itself. */
const char *yw_register_alias_at(const struct yw_register *r, uint32_t device, uint32_t version,
                                 const char *code, size_t n);
/* The aliases a device has now, in order of their names; how many went into out (at most YW_ALIASES_MAX). */
size_t yw_register_aliases(const struct yw_register *r, uint32_t device, struct yw_alias out[YW_ALIASES_MAX]);

/* A policy of the installation, or what the caller holds for right where none was set. */
int64_t yw_register_policy(const struct yw_register *r, const char *name, int64_t otherwise);
const char *yw_register_policy_text(const struct yw_register *r, const char *name, const char *otherwise);
const struct yw_policy *yw_register_policies(const struct yw_register *r, size_t *n); /* in order of name */

/* A key by its id, whatever its state: old packets name it. NULL: there is none. Once there it never changes
 * but in state. */
const struct yw_device_key *yw_register_key(const struct yw_register *r, uint32_t key_id);
/* Keys of a device, newest first, at most max; retired ones too. */
size_t yw_register_keys_of(const struct yw_register *r, uint32_t device, const struct yw_device_key **out,
                           size_t max);
/* Those that open its packets now: the present one (NULL as [0] if none is confirmed), then offered and
 * earlier confirmed ones, newest first. Returns how many of out are in use, [0] counted in any case; 0: it
 * has no key. */
size_t yw_register_keys_now(const struct yw_register *r, uint32_t device,
                            const struct yw_device_key *out[YW_SNAP_KEYS]);
size_t yw_register_key_count(const struct yw_register *r);
const struct yw_device_key *yw_register_keys(const struct yw_register *r, size_t *n); /* in order of key_id */
uint32_t yw_register_next_key(const struct yw_register *r);

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

/*   {"act":"device.set","id":..} and any of version, rtd_interval_s, min_interval_min, pw, pw_next, pin_crc,
 * pin_case, pin_text, pin_reply, overtime_s, recount, execute_s, clock_policy, clock_limit_s, twin_policy,
 * peers, gap_policy, overlay: those alone change; "" and 0 go back to the default. "aliases":{"SO2":"a21026"}
 *       replaces all aliases of the device.
 *   {"act":"device.key","device":..,"key_id":..,"key":sealed,"created":"17 digits","state":"offered",
 *       "source":"rotated"}; again with the same key_id: the state moves on (key and the rest may be absent)
 *   {"act":"policy.set","name":..,"value":number, text, or null for the default} */

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
enum yw_device_member { /* what device.set can change, one bit each; the names are those of struct yw_device
                         */
                        YW_SET_VERSION = 1 << 0,
                        YW_SET_RTD_INTERVAL_S = 1 << 1,
                        YW_SET_MIN_INTERVAL_MIN = 1 << 2,
                        YW_SET_PW = 1 << 3,
                        YW_SET_PW_NEXT = 1 << 4,
                        YW_SET_PIN_CRC = 1 << 5,
                        YW_SET_PIN_CASE = 1 << 6,
                        YW_SET_PIN_TEXT = 1 << 7,
                        YW_SET_PIN_REPLY = 1 << 8,
                        YW_SET_OVERTIME_S = 1 << 9,
                        YW_SET_RECOUNT = 1 << 10,
                        YW_SET_EXECUTE_S = 1 << 11,
                        YW_SET_CLOCK_POLICY = 1 << 12,
                        YW_SET_CLOCK_LIMIT_S = 1 << 13,
                        YW_SET_TWIN_POLICY = 1 << 14,
                        YW_SET_PEERS = 1 << 15,
                        YW_SET_GAP_POLICY = 1 << 16,
                        YW_SET_OVERLAY = 1 << 17,
                        YW_SET_ALIASES = 1 << 18,
                        YW_SET_MEMBERS = 18 /* bits that are members of struct yw_device */
};
struct yw_device_set {
    unsigned members;        /* yw_device_member bits */
    struct yw_device values; /* pw and pw_next sealed */
    struct yw_alias aliases[YW_ALIASES_MAX];
    size_t alias_n;
};
/* Reads those members of a JSON object (others are passed over: `used` counts what was read, so that a caller
 * can compare with the size of the object). pw and pw_next come as they stand. YW_E_FORMAT, YW_E_RANGE,
 * YW_E_LIMIT name the member. */
enum yw_code yw_device_set_read(const char *json, size_t n, struct yw_device_set *out, size_t *used,
                                struct yw_error *err);
bool yw_act_device_set(struct yw_buf *out, const struct yw_act *a, uint32_t id,
                       const struct yw_device_set *set);
/* Members of k that are empty are left out. */
bool yw_act_device_key(struct yw_buf *out, const struct yw_act *a, const struct yw_device_key *k);
/* text NULL: number. remove: back to the default. */
bool yw_act_policy_set(struct yw_buf *out, const struct yw_act *a, const char *name, int64_t number,
                       const char *text, bool remove);
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

/* A text of at most YW_TEXT_SEAL_MAX bytes sealed the same way for a named use ("command 1795449600000001"):
 * it opens with the same key and context alone. out holds YW_TEXT_SEALED bytes at least. */
enum { YW_TEXT_SEAL_MAX = 1000, YW_TEXT_SEALED = 1400, YW_SEAL_CONTEXT_MAX = 64 };
enum yw_code yw_text_seal(const uint8_t key[32], const char *context, const char *text, char *out,
                          size_t size, struct yw_error *err);
enum yw_code yw_text_open(const uint8_t key[32], const char *context, const char *sealed, char *out,
                          size_t size, struct yw_error *err);

/* ---- the master key: seals the keys of devices. It lies outside the data folder, so that a copy of the
 * folder opens no encrypted packet; who loses it loses them. ---- */

enum { YW_MASTER_BYTES = 32 };
/* Where it lies: file if it says something, else DATA.master.key beside the data folder. */
enum yw_code yw_master_path(const char *data, const char *file, char *out, size_t size, struct yw_error *err);
/* YW_E_NOT_FOUND: there is none; the sentence says where it was looked for and what to do. */
enum yw_code yw_master_find(const char *path, uint8_t key[YW_MASTER_BYTES], struct yw_error *err);
/* The same, made (0600) where there is none: only for an installation that has no keys yet. */
enum yw_code yw_master_load(const char *path, uint8_t key[YW_MASTER_BYTES], struct yw_error *err);
/* What gateways get instead of it: opens the keys in register.snap and nothing else. */
void yw_master_snapshot_key(const uint8_t key[YW_MASTER_BYTES], uint8_t out[32]);
/* A device's SM4 key sealed by the master key for that device and key id, and back. Wipe out when done. */
enum yw_code yw_key_seal(const uint8_t master[YW_MASTER_BYTES], uint32_t device, uint32_t key_id,
                         const uint8_t key[YW_SM4_BYTES], char out[YW_KEY_SEALED], struct yw_error *err);
enum yw_code yw_key_open(const uint8_t master[YW_MASTER_BYTES], const struct yw_device_key *k,
                         uint8_t out[YW_SM4_BYTES], struct yw_error *err);
/* What people and packets write for a key: 16 printable ASCII characters, or 32 hexadecimal digits. */
bool yw_key_parse(const char *text, size_t n, uint8_t out[YW_SM4_BYTES]);

/* Opens old packets by the key_id of their record, with the master key found when first needed and what was
 * opened last kept; one per thread. */
struct yw_keyring;
struct yw_keyring *yw_keyring_create(const char *master_path);
void yw_keyring_destroy(struct yw_keyring *k); /* wipes */
/* NULL: no such key, no master key, or it does not open (yw_keyring_why says which). Valid until the next
 * call. */
const uint8_t *yw_keyring_key(struct yw_keyring *k, const struct yw_register *r, uint32_t key_id);
const char *yw_keyring_why(const struct yw_keyring *k);

/* ---- register.snap ---- */

struct yw_snap_device { /* one row of the snapshot's hash table, 128 bytes */
    /* What every packet is held against lies in the row's first 64 bytes. */
    char mn[32];
    uint8_t pw_hash[16]; /* keyed hash of PW (key: the snapshot's salt); all zero: any password, all ones:
                            none fits */
    uint32_t id, outlet;
    uint8_t state, pin_crc, pin_case, pin_text, pin_reply, twin_policy, key_n, network_n;
    uint8_t pw_next_hash[16]; /* of the one it changes to; all ones: none */
    uint16_t version, rtd_interval_s, min_interval_min, overtime_s, recount, execute_s;
    uint32_t key_first, network_first; /* places in the tables behind the rows */
    uint8_t reserved[28];
};
struct yw_snap_key { /* one of the keys that open a device's packets */
    uint32_t id;     /* 0: none is confirmed (only as the first) */
    uint8_t key[YW_SM4_BYTES];
};
struct yw_network { /* 192.0.2.0/24 or 2001:db8::/32; IPv4 mapped */
    uint8_t addr[16];
    uint8_t bits; /* of addr that count */
    uint8_t pad[3];
};
enum { YW_PEER_NETWORKS_MAX = 8 };
/* "10.1.0.0/16 192.0.2.7": at most YW_PEER_NETWORKS_MAX, separated by blanks or commas; YW_E_FORMAT says
 * which part is none. */
enum yw_code yw_networks_parse(const char *text, struct yw_network out[YW_PEER_NETWORKS_MAX], size_t *n,
                               struct yw_error *err);
bool yw_network_holds(const struct yw_network *n, const uint8_t addr[16]);

/* Writes register.snap (temporary file, sync, rename). secret opens sealed passwords, NULL if there are none;
 * where one does not open, no password fits. master opens the devices' keys, which are then sealed with the
 * snapshot key; without it, or where one does not open, the key is left out. `left_out` (may be NULL) counts
 * those. */
enum yw_code yw_snap_write(const struct yw_io *io, const char *path, const struct yw_register *r,
                           const uint8_t *secret, const uint8_t *master, size_t *left_out,
                           struct yw_error *err);

struct yw_snap;
/* Maps an open file; the descriptor may be closed afterwards. Everything in it is checked once, here. key:
 * the snapshot key, NULL if it did not come; without it, or with another, the keys stay shut (yw_snap_locked)
 * and all else works. */
enum yw_code yw_snap_map(int fd, const uint8_t *key, struct yw_snap **out, struct yw_error *err);
void yw_snap_unmap(struct yw_snap *s);
uint32_t yw_snap_version(const struct yw_snap *s);
uint32_t yw_snap_devices(const struct yw_snap *s);
uint32_t yw_snap_locked(const struct yw_snap *s); /* keys that are in it and could not be opened */
/* The keys that open the device's packets, the present one first (its id is 0 where none is confirmed: it is
 * then not for use); how many. Packets to the device are encrypted with the first. */
size_t yw_snap_keys(const struct yw_snap *s, const struct yw_snap_device *d, const struct yw_snap_key **out);
/* Whether the device may come from that address; true where nothing was said. */
bool yw_snap_peer_fits(const struct yw_snap *s, const struct yw_snap_device *d, const uint8_t addr[16]);
/* NULL: unknown MN. No allocation, no copy. */
const struct yw_snap_device *yw_snap_find(const struct yw_snap *s, const char *mn, size_t n);
bool yw_snap_password_fits(const struct yw_snap *s, const struct yw_snap_device *d, const char *pw, size_t n);

#endif
