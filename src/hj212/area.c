/* Checks of the data area: items, names, codes, values. */
#include "digits.h"
#include "items.h"

enum { SEEN_BITS = 1024, STEPS_MAX = 4096 };

struct area {
    struct hj_check *c;
    const uint8_t *p;               /* the text; positions below are positions in it */
    size_t code, code_end;          /* factor code of the item before; empty: it had none */
    uint64_t code_key;              /* its first eight characters */
    uint64_t fields_of_factor;      /* known fields seen with this code, while it goes on */
    uint64_t fields_of_packet;      /* known fields seen without a factor */
    uint64_t names[SEEN_BITS / 64]; /* hashes of codes, and of names with unknown fields */
    uint32_t steps_left;            /* comparisons of names this packet may still cost */
    bool returned;                  /* the present code was there before, apart from this run */
    bool has_factor, has_time;
    bool marks_as_values; /* this code carries condition marks in -Rtd */
};

static bool same(const uint8_t *p, size_t a, size_t a_end, size_t b, size_t b_end) {
    return a_end - a == b_end - b && memcmp(p + a, p + b, a_end - a) == 0;
}

/* Is an item of this name in front of this one? A packet gets a limited number of steps for
 * it, so that one made for the purpose cannot cost more than others. */
static bool stood_before(struct area *a, const struct hj_item *it) {
    struct hj_cursor cursor = {.next = a->c->cp, .delim = a->c->cp_delim};
    struct hj_item other;
    while (hj_item_next(a->p, a->c->cp_end, a->c->ix, &cursor, &other) && other.name < it->name) {
        if (a->steps_left == 0) return false;
        a->steps_left--;
        if (same(a->p, other.name, other.name_end, it->name, it->name_end)) return true;
    }
    return false;
}

/* Marks a name as seen; true if it may have been seen before. */
static bool mark_seen(struct area *a, uint64_t key, size_t n) {
    uint32_t h = (uint32_t)(((key ^ n) * UINT64_C(0x9E3779B97F4A7C15)) >> 54);
    uint64_t bit = UINT64_C(1) << (h & 63), *word = &a->names[h >> 6];
    bool seen = *word & bit;
    *word |= bit;
    return seen;
}

static void check_double_closely(struct area *a, const struct hj_item *it, uint64_t *fields) {
    bool doubled;
    const struct hj_field *f = it->field;
    if (f->number) {
        doubled = *fields >> f->number & 1 || stood_before(a, it);
    } else {
        uint64_t key = 0;
        for (size_t i = it->name; i < it->name_end; i++) key = key * 31 + a->p[i];
        doubled = mark_seen(a, key, it->name_end - it->name + 100) && stood_before(a, it);
    }
    if (doubled && !f->may_repeat) hj_note_at(a->c, HJ212_F_ITEM_DOUBLE, it->name);
}

/* `apart`: items of this code stood before, apart from this run, so that the set does not know all its
 * fields. */
static inline void check_double(struct area *a, const struct hj_item *it, uint64_t *fields, bool apart) {
    uint64_t bit = UINT64_C(1) << it->field->number;
    if ((*fields & bit) | (it->field->number == 0) | apart) check_double_closely(a, it, fields);
    *fields |= bit;
}

/* A code begins that is not the one of the item before. */
static void begin_code(struct area *a, const struct hj_item *it, uint64_t key) {
    struct hj_check *c = a->c;
    size_t n = it->dash - it->name;
    if (it->before == ',') hj_note_at(c, HJ212_F_SEPARATOR, it->name - 1);
    if (!hj_code_fits(c->out->version, a->p + it->name, n)) hj_note_at(c, HJ212_F_FACTOR_CODE, it->name);
    a->code = it->name;
    a->code_end = it->dash;
    a->code_key = key;
    a->fields_of_factor = 0;
    a->returned = mark_seen(a, key, n);
    a->has_factor = true;
    a->marks_as_values = a->p[it->name] == 'p' && hj_code_is_2017(a->p + it->name, n);
}

static bool integer(const uint8_t *p, size_t n, uint32_t *out) {
    uint32_t v = 0;
    if (n == 0 || n > 9) return false;
    for (size_t i = 0; i < n; i++) {
        if (!hj_digit(p[i])) return false;
        v = v * 10 + (uint32_t)(p[i] - '0');
    }
    *out = v;
    return true;
}

static void check_integer(struct hj_check *c, const struct hj_item *it, const struct hj_field *f) {
    uint32_t v;
    if (!integer(c->text + it->value, it->value_end - it->value, &v)) {
        hj_note_at(c, HJ212_F_NUMBER, it->value);
        return;
    }
    bool fits = v >= f->lo && v <= f->hi;
    if (f->rule == HJ_RETURN) fits |= v == 100;
    if (f->rule == HJ_INTERVAL) fits = fits && 60 % v == 0;
    if (!fits) hj_note_at(c, HJ212_F_RANGE, it->value);
}

/* Digits and at most one point between them, however many: too long for a decimal, yet a number. */
static bool is_long_number(const uint8_t *p, size_t n) {
    uint32_t points = 0;
    for (size_t i = *p == '-' || *p == '+'; i < n; i++) {
        points += p[i] == '.';
        if (!hj_digit(p[i]) && p[i] != '.') return false;
    }
    return n > 18 && points <= 1 && hj_digit(p[n - 1]);
}

static void check_number(struct hj_check *c, const struct hj_item *it, const struct hj_field *f) {
    const uint8_t *p = c->text + it->value;
    size_t n = it->value_end - it->value;
    hj212_decimal d;
    if (!hj_decimal(p, n, c->text + c->n, &d)) {
        hj_note_at(c, n && is_long_number(p, n) ? HJ212_F_RANGE : HJ212_F_NUMBER, it->value);
    } else if (f->rule == HJ_HOURS) {
        int64_t limit = f->hi;
        for (unsigned i = 0; i < d.scale && limit < INT64_MAX / 10; i++) limit *= 10;
        if (d.mantissa < 0 || d.mantissa > limit) hj_note_at(c, HJ212_F_RANGE, it->value);
    }
}

static void check_date(struct hj_check *c, const struct hj_item *it, const struct hj_field *f) {
    const uint8_t *p = c->text + it->value;
    size_t n = it->value_end - it->value;
    int64_t time;
    if (f->rule == HJ_CLOCK) {
        uint32_t v;
        bool fits = n == 6 && integer(p, n, &v) && v / 10000 < 24 && v / 100 % 100 < 60 && v % 100 < 60;
        if (!fits) hj_note_at(c, HJ212_F_DATE, it->value);
    } else if (!hj_date(p, n, &time) || (f->rule == HJ_MOMENT && n != 17)) {
        hj_note_at(c, HJ212_F_DATE, it->value);
    } else if (f->rule == HJ_DATE && n != 14) {
        hj_note_at(c, HJ212_F_DATE_MILLIS, it->value);
    }
}

static void check_value_closely(struct area *a, const struct hj_item *it) {
    struct hj_check *c = a->c;
    const struct hj_field *f = it->field;
    size_t n = it->value_end - it->value;
    switch (f->rule) {
    case HJ_NUMBER:
        if (a->marks_as_values && it->dash < it->name_end && n > 0 && !hj_digit(c->text[it->value])) break;
        check_number(c, it, f);
        break;
    case HJ_HOURS:
        check_number(c, it, f);
        break;
    case HJ_MARK:
        if (!hj_mark_known(c->out->version, c->text + it->value, n)) hj_note_at(c, HJ212_F_MARK, it->value);
        break;
    case HJ_INTEGER:
    case HJ_RETURN:
    case HJ_INTERVAL:
        check_integer(c, it, f);
        break;
    case HJ_DATE:
    case HJ_MOMENT:
    case HJ_CLOCK:
        check_date(c, it, f);
        break;
    case HJ_SHORT:
        if (n > f->hi) hj_note_at(c, HJ212_F_RANGE, it->value);
        break;
    case HJ_EXACT:
        if (n != f->hi) hj_note_at(c, HJ212_F_RANGE, it->value);
        break;
    default:
        break;
    }
}

/* A short number where a number belongs, a mark of one letter where a mark belongs: nearly every value is
 * that. */
static inline void check_value(struct area *a, const struct hj_item *it) {
    const uint8_t *p = a->p + it->value, *end = a->p + a->c->n;
    size_t n = it->value_end - it->value;
    if (it->field->rule == HJ_NUMBER && n > 0 && n <= 8 && hj_is_short_number(hj_load(p, n, end), n)) return;
    if (it->field->rule == HJ_MARK && n == 1 && *p == 'N') return;
    check_value_closely(a, it);
}

static void check_factor_item(struct area *a, const struct hj_item *it) {
    struct hj_check *c = a->c;
    const uint8_t *end = c->text + c->n;
    size_t n = it->dash - it->name;
    uint64_t key = hj_load(a->p + it->name, n, end);
    bool goes_on = key == a->code_key && n == a->code_end - a->code &&
                   (n <= 8 || same(a->p, a->code, a->code_end, it->name, it->dash));
    if (!goes_on) begin_code(a, it, key);
    if (!(it->field->place & HJ_OF_FACTOR)) hj_note_at(c, HJ212_F_FIELD_NAME, it->dash + 1);
    check_double(a, it, &a->fields_of_factor, a->returned);
    check_value(a, it);
}

static void check_packet_item(struct area *a, const struct hj_item *it) {
    struct hj_check *c = a->c;
    const struct hj_field *f = it->field;
    if (f->known == HJ212_FIELD_FLAG)
        hj_note_at(c, HJ212_F_FLAG_BARE, it->name);
    else if (!(f->place & HJ_OF_PACKET))
        hj_note_at(c, HJ212_F_FIELD_NAME, it->name);
    a->has_time |= f->place & HJ_OF_DATA;
    check_double(a, it, &a->fields_of_packet, false);
    check_value(a, it);
    a->code = a->code_end = 0;
    a->code_key = 0;
}

static void check_bytes(struct hj_check *c) {
    size_t valid = hj_utf8_valid(c->text, c->n);
    if (valid < c->n) hj_note_at(c, HJ212_F_NOT_UTF8, (uint32_t)valid);
    for (uint32_t i = 0; i < c->n; i++)
        if (c->text[i] < 0x20 || c->text[i] == 0x7F) {
            hj_note_at(c, HJ212_F_CONTROL, i);
            break;
        }
}

void hj_check_area(struct hj_check *c) {
    struct area a;
    memset(&a, 0, sizeof a);
    a.c = c;
    a.p = c->text;
    a.steps_left = STEPS_MAX;
    struct hj_cursor cursor = {.next = c->cp, .delim = c->cp_delim};
    struct hj_item it;
    if (c->ix->odd) check_bytes(c);
    if (c->cp_end - c->cp > 950) hj_note_at(c, HJ212_F_CP_LONG, c->cp);
    while (hj_item_next(a.p, c->cp_end, c->ix, &cursor, &it)) {
        if (it.blanks) hj_note_at(c, HJ212_F_BLANK, it.name);
        if (!it.has_value || it.name == it.name_end) {
            bool empty = !it.has_value && it.name == it.name_end;
            hj_note_at(c, empty ? HJ212_F_ITEM_EMPTY : HJ212_F_ITEM_SYNTAX, it.name);
        } else if (it.dash < it.name_end) {
            check_factor_item(&a, &it);
        } else {
            check_packet_item(&a, &it);
        }
    }
    bool upload = c->out->command >= 2000 && c->out->command <= 2999 && a.has_factor;
    if (upload && !a.has_time) hj_note_at(c, HJ212_F_DATATIME_MISSING, c->cp);
}
