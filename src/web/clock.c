/* Judging a device's clock by the day's figures. */
#include "web/clock.h"

#define WANTED_FOR   YW_HOUR         /* a request of a device that is older is not answered any more */
#define WANTED_EVERY (5 * YW_MINUTE) /* a device that asks again and again */

static int64_t distance(int64_t ms) {
    return ms < 0 ? -ms : ms;
}

struct yw_skew yw_clock_skew(const struct yw_device_day *d, int64_t since) {
    struct yw_skew s = {0};
    if (d->asked_n > 0 && d->asked_last.arrival > since)
        s = (struct yw_skew){.known = true, .ms = d->asked_ms, .at = d->asked_last.arrival};
    bool fresh = d->n > 0 && d->last.arrival > since && d->last.arrival > s.at;
    if (d->n >= YW_CLOCK_UPLOADS_LEAST && fresh) {
        /* A clock that was set leaves a mean that still tells of before: of the two the one nearer to zero is
         * believed, and none if they disagree about the direction. */
        int64_t mean = -(d->sum_ms / (int64_t)d->n), last = -d->last_ms;
        int64_t ms = (mean < 0) != (last < 0) ? 0 : distance(mean) < distance(last) ? mean : last;
        s = (struct yw_skew){.known = true, .ms = ms, .at = d->last.arrival};
    }
    bool mostly_odd = d->odd_n >= YW_CLOCK_UPLOADS_LEAST && d->odd_n > d->n;
    if (mostly_odd && !s.known) s = (struct yw_skew){.known = true, .odd = true, .at = d->last.arrival};
    return s;
}

bool yw_clock_beyond(const struct yw_skew *s, const struct yw_clock_rule *rule) {
    return s->known && (s->odd || distance(s->ms) > rule->limit_s * 1000);
}

bool yw_clock_should_set(const struct yw_skew *s, const struct yw_clock_rule *rule, int64_t last_asked,
                         int64_t now) {
    if (!rule->set || !yw_clock_beyond(s, rule) || (s->odd && !rule->even_odd)) return false;
    return last_asked == 0 || now - last_asked >= YW_CLOCK_SET_EVERY;
}

bool yw_clock_is_ours(size_t beyond, size_t known) {
    enum { ENOUGH_TO_TELL = 10 };
    return beyond >= ENOUGH_TO_TELL && beyond > known / 2;
}

bool yw_clock_wanted(int64_t asked, int64_t last_asked, int64_t now) {
    return asked > last_asked && now - asked < WANTED_FOR &&
           (last_asked == 0 || now - last_asked >= WANTED_EVERY);
}
