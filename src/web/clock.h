/* clock: is a device's clock off, and should it be set now? Pure. */
#ifndef YW_WEB_CLOCK_H
#define YW_WEB_CLOCK_H

#include "store/store.h"

enum { YW_CLOCK_UPLOADS_LEAST = 5 };

struct yw_skew {
    bool known;
    bool odd;   /* more than a day off: how much is not known */
    int64_t ms; /* device's clock minus the platform's */
    int64_t at; /* of the newest packet it was told from */
};
/* From the figures of one day. `since`: when the clock was set last (0: never); what was measured before does
 * not count any more. At least YW_CLOCK_UPLOADS_LEAST uploads of which both the mean and the last say so, or
 * an answer to 1011. */
struct yw_skew yw_clock_skew(const struct yw_device_day *d, int64_t since);

struct yw_clock_rule {
    bool set;        /* policy 2 */
    bool even_odd;   /* clocks that are more than a day off, too */
    int64_t limit_s; /* beyond which a clock is set */
};
#define YW_CLOCK_SET_EVERY YW_HOUR /* at most, whatever comes of it */
bool yw_clock_beyond(const struct yw_skew *s, const struct yw_clock_rule *rule);
/* last_asked: when set-clock was last given to that device by whomever, 0: never. */
bool yw_clock_should_set(const struct yw_skew *s, const struct yw_clock_rule *rule, int64_t last_asked,
                         int64_t now);
/* So many of the devices of which it is known are off that it is rather the platform's own clock: then none
 * is set. */
bool yw_clock_is_ours(size_t beyond, size_t known);
/* The device asked for it (1013) at `asked`: is that still open? */
bool yw_clock_wanted(int64_t asked, int64_t last_asked, int64_t now);

#endif
