/* The register's inside: sorted arrays, a table of MNs and the history of devices. */
#ifndef YW_REGISTER_MODEL_H
#define YW_REGISTER_MODEL_H

#include "register/register.h"

enum { /* most of each; an act that would go past is rejected */
       YW_AREAS_MAX = 10000,
       YW_UNITS_MAX = 10000,
       YW_MAINTAINERS_MAX = 20000,
       YW_ENTERPRISES_MAX = 500000,
       YW_OUTLETS_MAX = 1000000,
       YW_FACTORS_MAX = 8000000,
       YW_DEVICES_MAX = 1000000,
       YW_ALIAS_CHANGES_MAX = 4000000,
       YW_KEYS_MAX = 8000000
};

enum { YW_UNIT_DEPTH_MAX = 8 }; /* levels of the tree of units */

/* An array that keeps the order of its key; rows are plain structs of `size` bytes. */
struct yw_rows {
    char *at;
    size_t n, cap, size, most;
    int (*order)(const void *a, const void *b);
};
bool yw_rows_reserve(struct yw_rows *rows, size_t more);
/* The place of key, or where it would be; *found tells which. */
size_t yw_rows_find(const struct yw_rows *rows, const void *key, bool *found);
/* Replaces the row of the same key or inserts one; room must have been reserved. */
void yw_rows_put(struct yw_rows *rows, const void *row);
void *yw_rows_get(const struct yw_rows *rows, const void *key);

struct yw_change { /* from `version` on, `device` has `outlet` (0: none, or not admitted) */
    uint32_t device, version, outlet;
};

struct yw_place { /* a device at its outlet, whatever its state */
    uint32_t outlet, device;
};

struct yw_alias_change { /* from `version` on, `device` means `to` by `from`; to "": itself */
    uint32_t device, version;
    char from[YW_ALIAS_FROM], to[YW_ALIAS_TO];
};

struct yw_key_place { /* a key among those of its device */
    uint32_t device, key_id;
};

struct yw_versions { /* see versions.h */
    struct yw_rows rows, things, outlets;
    uint32_t outlet_most, version_most;
};
struct yw_judgement_change { /* see sites.h */
    uint32_t version, outlet;
    int64_t from;
};

struct yw_register {
    uint32_t version;
    struct yw_rows areas, units, maintainers, enterprises, outlets, factors, devices;
    struct yw_rows history;             /* struct yw_change */
    struct yw_rows places;              /* struct yw_place, in order of outlet and device */
    struct yw_rows targets, target_mns; /* struct yw_target, struct yw_target_mn (targets.h) */
    struct yw_rows aliases;             /* struct yw_alias_change, in order of device, from and version */
    struct yw_rows policies;            /* struct yw_policy */
    struct yw_rows keys;                /* struct yw_device_key, in order of key_id */
    struct yw_rows key_places;          /* struct yw_key_place */
    struct yw_rows cameras;             /* struct yw_camera (cameras.h) */
    struct yw_versions marks, queries, filings;
    struct yw_rows sites, corrections, plans; /* sites.c, corrections.h, plans.h */
    struct yw_rows judgement;                 /* struct yw_judgement_change, in order of version */
    uint32_t *mn_table;                       /* device ids by hash of MN, open addressing, 0: empty */
    size_t mn_slots;
};

/* From here on the outlet (0: every one) is to be judged again; see sites.h. */
void yw_note_judgement(struct yw_register *r, uint32_t outlet, int64_t from);
void yw_sites_init(struct yw_rows *sites);
void yw_sites_free(struct yw_rows *sites);

/* targets.c */
int yw_order_target_mn(const void *a, const void *b);

/* Room for `more` devices in all that put_device touches. */
bool yw_register_device_reserve(struct yw_register *r, size_t more);
/* Puts a device and notes in the history if the outlet its data belong to changes in the present version. */
void yw_register_put_device(struct yw_register *r, const struct yw_device *d);

/* ---- fields of the structs, one table for reading and writing acts ---- */

enum yw_field_kind {
    YW_FIELD_TEXT,
    YW_FIELD_U32,
    YW_FIELD_U16,
    YW_FIELD_U8,
    YW_FIELD_F64,
    YW_FIELD_DATE,
    YW_FIELD_BOOL,
    YW_FIELD_OUTLET_KIND,
    YW_FIELD_DEVICE_STATE
};
enum yw_charset {
    YW_CHARS_ANY,
    YW_CHARS_CODE /* letters, digits, _ - . */,
    YW_CHARS_PRINT /* ASCII, no blank */
};
bool yw_chars_fit(enum yw_charset chars, const char *text, size_t n);
struct yw_field {
    const char *name;
    enum yw_field_kind kind;
    size_t offset, size;
    bool required;
    enum yw_charset chars;
    double least, most; /* of numbers */
};
struct yw_shape { /* of one struct */
    const char *array;
    size_t size;
    const struct yw_field *fields;
    size_t field_n;
};
enum {
    YW_SHAPE_AREA,
    YW_SHAPE_UNIT,
    YW_SHAPE_MAINTAINER,
    YW_SHAPE_ENTERPRISE,
    YW_SHAPE_OUTLET,
    YW_SHAPE_FACTOR,
    YW_SHAPE_DEVICE
};
enum { YW_SHAPES = YW_SHAPE_DEVICE + 1 };
extern const struct yw_shape yw_shapes[YW_SHAPES];
extern const struct yw_shape yw_device_set_shape; /* fields in order of the bits of yw_device_member */

/* Orders of rows, for yw_rows. */
int yw_order_alias(const void *a, const void *b);
int yw_order_policy(const void *a, const void *b);
int yw_order_key_place(const void *a, const void *b);

/* A file of 32 random bytes at path, 0600, durable; one that is there already stays. */
enum yw_code yw_secret_make(const char *path, struct yw_error *err);

#endif
