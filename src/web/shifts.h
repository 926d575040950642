/* shifts: the log of the people on duty and the hand-over between them, by unit, folded from lines
 * {"shift":{..}} of the acts journal. Guarded by the lock of the register, as the book of alarms is. */
#ifndef YW_WEB_SHIFTS_H
#define YW_WEB_SHIFTS_H

#include "register/register.h"

struct yw_web;

enum {
    YW_SHIFT_ENTRIES_MAX = 200000, /* in memory; older ones stay in the journal alone */
    YW_SHIFT_TEXT = 1000,
    YW_SHIFT_NAME = 16,
    YW_SHIFT_OPEN_MAX = 500 /* open alarms that a hand-over lists */
};

enum yw_shift_kind {
    YW_SHIFT_BEGIN = 1, /* somebody comes on duty */
    YW_SHIFT_ENTRY,     /* a line of the log */
    YW_SHIFT_OFFER,     /* hand-over, confirmed by who leaves */
    YW_SHIFT_ACCEPT,    /* and by who takes over: he is on duty from here on */
    YW_SHIFT_REFUSE,
    YW_SHIFT_CANCEL /* who offered takes it back */
};
const char *yw_shift_kind_name(uint8_t kind);

struct yw_shift {             /* 白班 or 夜班 */
    char name[YW_SHIFT_NAME]; /* "20261123-1": day of its beginning, 1 by day, 2 by night */
    int64_t from, to;
    bool night;
};
/* first and second: minutes of the day at which the shifts begin, first < second. */
void yw_shift_at(int64_t time, int64_t first, int64_t second, struct yw_shift *out);
bool yw_shift_parse(const char *name, int64_t first, int64_t second, struct yw_shift *out);
void yw_shift_of(const struct yw_register *r, int64_t time, struct yw_shift *out);

struct yw_shift_line {
    int64_t id, at, of; /* of: the offer that is accepted, refused or cancelled */
    uint8_t kind;
    char shift[YW_SHIFT_NAME]; /* that it belongs to; ACCEPT: that is taken over */
    char unit[16], by[40], to[40];
    char text[YW_SHIFT_TEXT];
    char *open; /* OFFER: numbers of open alarms, separated by blanks; owned by the book */
};
struct yw_shifts;
struct yw_shifts *yw_shifts_create(void);
void yw_shifts_destroy(struct yw_shifts *s);
void yw_shifts_replay(struct yw_shifts *s, const char *json, size_t n);
bool yw_shift_line_put(struct yw_buf *b, const struct yw_shift_line *l);
/* out->open is allocated, or NULL. */
bool yw_shift_line_read(const char *json, size_t n, struct yw_shift_line *out);
/* Journals and keeps it; gives the id. The register must be locked alone. */
enum yw_code yw_shifts_commit(struct yw_web *w, struct yw_shift_line *l, struct yw_error *err);
size_t yw_shifts_count(const struct yw_shifts *s);
const struct yw_shift_line *yw_shifts_at(const struct yw_shifts *s, size_t i); /* in order of id */
/* The hand-over of a unit that nobody has accepted, refused or cancelled yet; NULL: none. */
const struct yw_shift_line *yw_shifts_pending(const struct yw_shifts *s, const char *unit);

#endif
