/* control_line: one line of the control socket, read and checked. Pure. */
#ifndef YW_PLANTS_CONTROL_LINE_H
#define YW_PLANTS_CONTROL_LINE_H

#include "base/base.h"

enum { YW_CONTROL_LINE_MAX = 16 << 10, YW_CONTROL_FILE_MAX = 1024 };

enum yw_control_what {
    YW_ASK_LIST,
    YW_ASK_STATE,
    YW_ASK_ACT,
    YW_ASK_INPUT,
    YW_ASK_EVENT,
    YW_ASK_SPEED,
    YW_ASK_FREEZE,
    YW_ASK_RESUME,
    YW_ASK_SAVE,
    YW_ASK_LOAD,
    YW_ASK_COUNT
};

struct yw_control_line { /* numbers that were not said are NAN, texts "" */
    enum yw_control_what what;
    char tag[64]; /* comes back with the answer */
    char id[40];  /* MN or id of an outlet */
    char act[24], channel[24], parameter[24];
    char input[24], effect[8], event[24];
    char file[YW_CONTROL_FILE_MAX];
    double value, strength, lasts_s, ramp_s;
    bool stop, triggered, stream; /* stream: state with all quantities */
};

/* {"ask":"state","id":"5957..."}: an object on one line. What is wrong is said: an unknown key, one that does
 * not belong to the question, one that is missing, a wrong type, a number outside its range. The tag is
 * filled as soon as it is known, also beside an error. */
enum yw_code yw_control_parse(const char *text, size_t n, struct yw_control_line *out, struct yw_error *err);

#endif
