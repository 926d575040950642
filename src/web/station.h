/* What a station room told: by hand, through a web hook, or in the device information of its data logger. */
#ifndef YW_WEB_STATION_H
#define YW_WEB_STATION_H

#include "base/base.h"
#include "store/store.h"

#include <jansson.h>

struct yw_request;

/* One line of the acts journal: {"station":{..},"by":..,"at":..}. */
struct yw_station_word {
    uint32_t outlet;
    int64_t time;
    char kind[16], state[12], value[32], unit[16], text[501], source[48], by[48];
};
/* Kinds and states that may be entered. */
bool yw_station_kind_known(const char *kind);
bool yw_station_state_known(const char *state);
/* Reads {kind,state,value,unit,text,time} (time: milliseconds, absent: now). False: the problem is written
 * into q. */
bool yw_station_read(struct yw_request *q, const json_t *o, struct yw_station_word *out);
bool yw_station_line(struct yw_buf *b, const struct yw_station_word *s, int64_t at);
/* Journals it: no lock may be held. The HTTP status; the answer is written. */
unsigned yw_station_tell(struct yw_request *q, struct yw_station_word *s);

/* What a value of device information (an i-code) says about the station. False: nothing. */
struct yw_station_event {
    int64_t time;
    struct yw_source source;
    char kind[16], state[12], value[YW_NUMBER_TEXT_MAX], unit[16], text[YW_TEXT_MAX + 1], origin[48], by[48],
        code[YW_FACTOR_MAX + 1];
};
bool yw_station_of_info(const struct yw_value *v, struct yw_station_event *out);

#endif
