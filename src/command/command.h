/* command: what a host may ask of a field device, as data. One row per command and version; the row says
 * which parameters it takes, how the device answers, and what follows. Pages, API, `yanwu device`, gateways
 * and the conformance probe all read this one table.
 *
 * Pure: no sockets, no clock, no memory of its own. Source of the rows: HJ/T 212-2005, HJ 212-2017 tables of
 * commands and Appendix C, HJ 212-2025 as far as publicly known; `sure` tells which. */
#ifndef YW_COMMAND_H
#define YW_COMMAND_H

#include "base/base.h"
#include "hj212.h"

enum yw_flow {
    YW_FLOW_REQUEST, /* 9011, then what was asked for, then 9012 */
    YW_FLOW_NOTICE   /* 9013 with the same QN */
};
enum yw_answer { /* what comes between 9011 and 9012 */
                 YW_ANSWER_NONE,
                 YW_ANSWER_ONE,     /* one upload with the QN of the request (device time, an interval ...) */
                 YW_ANSWER_UPLOADS, /* data uploads with QNs of their own: history */
                 YW_ANSWER_FOLLOWS  /* none within; uploads begin afterwards (2011, 2021) */
};
enum { YW_V2005 = 1, YW_V2017 = 2, YW_V2025 = 4, YW_VALL = 7 };
unsigned yw_version_bit(uint16_t version); /* of 2005, 2017, 2025; 0: none of them */

enum yw_param_kind {
    YW_PARAM_NUMBER, /* whole, least..most */
    YW_PARAM_TIME14, /* YYYYMMDDhhmmss, or "@now": the gateway puts in the time of sending */
    YW_PARAM_TIME17, /* with milliseconds, or "@now" */
    YW_PARAM_CLOCK6, /* hhmmss */
    YW_PARAM_CLOCK4, /* hhmm */
    YW_PARAM_FACTOR, /* a pollutant's code */
    YW_PARAM_INFO,   /* a code of device information, i..... */
    YW_PARAM_CHOICE, /* one of choices */
    YW_PARAM_TEXT,   /* ASCII without ; , = & and control characters, least..most bytes */
    YW_PARAM_SECRET, /* the same; never shown again (a password, a key) */
    YW_PARAM_FREE,   /* value of a device parameter: as TEXT, UTF-8 allowed */
    YW_PARAM_DECIMAL /* a number with sign and point, as the device is to get it */
};
/* Moments are taken in every form yw_time_parse reads and written as the row's kind has them. */
struct yw_param {
    const char *name; /* as the caller gives it and, unless field is set, as it stands in CP: "RtdInterval" */
    const char
        *field; /* form in CP: "{InfoId}-Info" depends on another parameter; "": not written; NULL: name */
    enum yw_param_kind kind;
    bool required;
    int64_t least, most;
    const char *choices; /* "0,1": comma-separated */
    const char *unit;    /* "s", "" */
    const char *zh, *en;
    const char *preset; /* taken where the caller gives none: "@now"; NULL: left out */
    uint8_t versions;   /* YW_V* bits; 0: as the row */
    uint8_t many;       /* as many values, separated by commas, each written as an item; 0: one */
    bool comma;         /* a comma stands before it, as in the standard's example; otherwise ; */
};
bool yw_param_has_version(const struct yw_param *p, uint16_t version);

struct yw_command_spec {
    const char *key; /* "set-clock": unique, for people and programs */
    uint16_t cn;
    uint8_t versions; /* YW_V* bits */
    uint8_t flow, answer;
    uint16_t upload; /* CN of the answer or of the uploads; 0: none */
    bool range;      /* needs BeginTime and EndTime */
    bool touches;    /* makes equipment do something or changes its settings: pages ask twice */
    bool sure;       /* read in a standard's text; false: recalled or seen in public code */
    bool encrypted;  /* 2025: the data area goes encrypted once the device has a key */
    bool machine;    /* made by the platform's own policies alone (keys), not offered to people */
    const char *st;  /* ST of the request where it is not the outlet's ("44"); NULL: the outlet's */
    const char *zh, *en, *help_zh, *help_en;
    const struct yw_param *params;
    uint8_t param_n;
};
extern const struct yw_command_spec yw_command_specs[];
extern const size_t yw_command_spec_n;
/* By key, or by CN ("1012" or the number) with the version where several rows share a CN (0: any). NULL:
 * none. Where a version has two rows of one CN, the first is the general one (2011: start, 3020:
 * information). */
const struct yw_command_spec *yw_command_by_key(const char *key);
const struct yw_command_spec *yw_command_by_cn(uint16_t cn, uint16_t version);
bool yw_command_has_version(const struct yw_command_spec *s, uint16_t version);

struct yw_argument {
    const char *name, *value;
};
enum { YW_ARGUMENTS_MAX = 16, YW_COMMAND_CP_MAX = 950 };
/* Checks the arguments against the row and writes the data area (without &&) to cp. YW_E_FORMAT, YW_E_RANGE,
 * YW_E_NOT_FOUND name the parameter and what it takes, YW_E_VERSION a version without this command. `from`
 * and `to` (may be NULL) get the range as times (0: none). EndTime is not before BeginTime (equal: one
 * record) and both are whole seconds. */
enum yw_code yw_command_cp(const struct yw_command_spec *s, uint16_t version, const struct yw_argument *args,
                           size_t n, char cp[YW_COMMAND_CP_MAX + 1], int64_t *from, int64_t *to,
                           struct yw_error *err);
/* Puts `now` (microseconds UTC) where a value is "@now" (14 digits) or "@now17" (17 digits); length of the
 * result, which is terminated, 0: does not fit or cp is empty. */
size_t yw_command_fill(const char *cp, int64_t now, char *out, size_t size);
/* The data area with the values of secret parameters (of the row; s NULL: of any row) as six asterisks: for
 * pages and lists. Length of the terminated result, cut where it does not fit. */
size_t yw_command_veil(const struct yw_command_spec *s, const char *cp, char *out, size_t size);
bool yw_command_is_secret(const struct yw_command_spec *s); /* has a parameter of kind SECRET */

/* Words for QnRtn and ExeRtn; both versions of the tables. Never NULL. */
struct yw_return_word {
    int16_t code;
    const char *zh, *en;
};
extern const struct yw_return_word yw_qnrtn_words[], yw_exertn_words[];
extern const size_t yw_qnrtn_word_n, yw_exertn_word_n;
const char *yw_qnrtn_text(int code, bool zh);
const char *yw_exertn_text(int code, bool zh);

#endif
