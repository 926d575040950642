/* Every field name the standards know, and what its value has to be. */
#include "internal.h"

#define KEY8(a, b, c, d, e, f, g, h, ...)                                                                    \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 |  \
     (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)
#define KEY(...) KEY8(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0)

/* name, rule, where it belongs, public name, lowest and highest value (or length), may it stand several
 * times; then its first eight characters once more, since C cannot take a string apart in a constant. */
/* clang-format off */
#define FACTOR HJ_OF_FACTOR
#define PACKET HJ_OF_PACKET
#define FIELDS(X)                                                                              \
    X(Rtd, HJ_NUMBER, FACTOR, RTD, 0, 0, 0, 'R', 't', 'd')                                   \
    X(Min, HJ_NUMBER, FACTOR, MIN, 0, 0, 0, 'M', 'i', 'n')                                   \
    X(Avg, HJ_NUMBER, FACTOR, AVG, 0, 0, 0, 'A', 'v', 'g')                                   \
    X(Max, HJ_NUMBER, FACTOR, MAX, 0, 0, 0, 'M', 'a', 'x')                                   \
    X(Cou, HJ_NUMBER, FACTOR, COU, 0, 0, 0, 'C', 'o', 'u')                                   \
    X(ZsRtd, HJ_NUMBER, FACTOR, ZSRTD, 0, 0, 0, 'Z', 's', 'R', 't', 'd')                     \
    X(ZsMin, HJ_NUMBER, FACTOR, ZSMIN, 0, 0, 0, 'Z', 's', 'M', 'i', 'n')                     \
    X(ZsAvg, HJ_NUMBER, FACTOR, ZSAVG, 0, 0, 0, 'Z', 's', 'A', 'v', 'g')                     \
    X(ZsMax, HJ_NUMBER, FACTOR, ZSMAX, 0, 0, 0, 'Z', 's', 'M', 'a', 'x')                     \
    X(Flag, HJ_MARK, FACTOR, FLAG, 0, 0, 0, 'F', 'l', 'a', 'g')                              \
    X(EFlag, HJ_SHORT, FACTOR, EFLAG, 0, 4, 0, 'E', 'F', 'l', 'a', 'g')                      \
    X(SampleTime, HJ_DATE, FACTOR, SAMPLETIME, 0, 0, 0, 'S', 'a', 'm', 'p', 'l', 'e', 'T', 'i') \
    X(RS, HJ_INTEGER, FACTOR, RS, 0, 5, 0, 'R', 'S')                                         \
    X(RT, HJ_HOURS, FACTOR, RT, 0, 24, 0, 'R', 'T')                                          \
    X(Data, HJ_NUMBER, FACTOR, DATA, 0, 0, 0, 'D', 'a', 't', 'a')                            \
    X(DayData, HJ_NUMBER, FACTOR, DAYDATA, 0, 0, 0, 'D', 'a', 'y', 'D', 'a', 't', 'a')       \
    X(NightData, HJ_NUMBER, FACTOR, NIGHTDATA, 0, 0, 0, 'N', 'i', 'g', 'h', 't', 'D', 'a', 't') \
    X(Info, HJ_OPEN, FACTOR, INFO, 0, 0, 0, 'I', 'n', 'f', 'o')                              \
    X(SN, HJ_SHORT, FACTOR, SN, 0, 24, 0, 'S', 'N')                                          \
    X(CompleteTime, HJ_DATE, FACTOR, OTHER, 0, 0, 0, 'C', 'o', 'm', 'p', 'l', 'e', 't', 'e') \
    X(SampleType, HJ_OPEN, FACTOR, OTHER, 0, 0, 0, 'S', 'a', 'm', 'p', 'l', 'e', 'T', 'y')   \
    X(SampleRd, HJ_NUMBER, FACTOR, OTHER, 0, 0, 0, 'S', 'a', 'm', 'p', 'l', 'e', 'R', 'd')   \
    X(StandardValue, HJ_NUMBER, FACTOR, OTHER, 0, 0, 0, 'S', 't', 'a', 'n', 'd', 'a', 'r', 'd') \
    X(ResultType, HJ_INTEGER, FACTOR, OTHER, 0, 1, 0, 'R', 'e', 's', 'u', 'l', 't', 'T', 'y') \
    X(Ala, HJ_OPEN, FACTOR, OTHER, 0, 0, 0, 'A', 'l', 'a')                                   \
    X(UpValue, HJ_NUMBER, FACTOR, OTHER, 0, 0, 0, 'U', 'p', 'V', 'a', 'l', 'u', 'e')         \
    X(LowValue, HJ_NUMBER, FACTOR, OTHER, 0, 0, 0, 'L', 'o', 'w', 'V', 'a', 'l', 'u', 'e')   \
    X(DayStdValue, HJ_NUMBER, FACTOR | PACKET, OTHER, 0, 0, 0, 'D', 'a', 'y', 'S', 't', 'd', 'V', 'a') \
    X(NightStdValue, HJ_NUMBER, FACTOR | PACKET, OTHER, 0, 0, 0, 'N', 'i', 'g', 'h', 't', 'S', 't', 'd') \
    X(SystemTime, HJ_DATE, PACKET, OTHER, 0, 0, 0, 'S', 'y', 's', 't', 'e', 'm', 'T', 'i')   \
    X(QnRtn, HJ_RETURN, PACKET, OTHER, 1, 9, 0, 'Q', 'n', 'R', 't', 'n')                     \
    X(ExeRtn, HJ_RETURN, PACKET, OTHER, 1, 6, 0, 'E', 'x', 'e', 'R', 't', 'n')               \
    X(RtdInterval, HJ_INTEGER, PACKET, OTHER, 30, 3600, 0, 'R', 't', 'd', 'I', 'n', 't', 'e', 'r') \
    X(MinInterval, HJ_INTERVAL, PACKET, OTHER, 1, 30, 0, 'M', 'i', 'n', 'I', 'n', 't', 'e', 'r') \
    X(RestartTime, HJ_DATE, PACKET, OTHER, 0, 0, 0, 'R', 'e', 's', 't', 'a', 'r', 't', 'T')  \
    X(DataTime, HJ_DATE, PACKET | HJ_OF_DATA, OTHER, 0, 0, 0, 'D', 'a', 't', 'a', 'T', 'i', 'm', 'e')     \
    X(PolId, HJ_SHORT, PACKET, OTHER, 0, 6, 1, 'P', 'o', 'l', 'I', 'd')                      \
    X(BeginTime, HJ_DATE, PACKET | HJ_OF_DATA, OTHER, 0, 0, 0, 'B', 'e', 'g', 'i', 'n', 'T', 'i', 'm')    \
    X(EndTime, HJ_DATE, PACKET, OTHER, 0, 0, 0, 'E', 'n', 'd', 'T', 'i', 'm', 'e')           \
    X(NewPW, HJ_EXACT, PACKET, OTHER, 0, 6, 0, 'N', 'e', 'w', 'P', 'W')                      \
    X(OverTime, HJ_INTEGER, PACKET, OTHER, 1, 99, 0, 'O', 'v', 'e', 'r', 'T', 'i', 'm', 'e') \
    X(ReCount, HJ_INTEGER, PACKET, OTHER, 1, 99, 0, 'R', 'e', 'C', 'o', 'u', 'n', 't')       \
    X(VaseNo, HJ_INTEGER, PACKET, OTHER, 1, 99, 0, 'V', 'a', 's', 'e', 'N', 'o')             \
    X(CstartTime, HJ_CLOCK, PACKET, OTHER, 0, 0, 0, 'C', 's', 't', 'a', 'r', 't', 'T', 'i')  \
    X(Ctime, HJ_INTEGER, PACKET, OTHER, 1, 24, 1, 'C', 't', 'i', 'm', 'e')                   \
    X(CTime, HJ_INTEGER, PACKET, OTHER, 1, 24, 1, 'C', 'T', 'i', 'm', 'e')                   \
    X(Stime, HJ_INTEGER, PACKET, OTHER, 1, 120, 0, 'S', 't', 'i', 'm', 'e')                  \
    X(InfoId, HJ_SHORT, PACKET, OTHER, 0, 6, 1, 'I', 'n', 'f', 'o', 'I', 'd')                \
    X(WarnTime, HJ_NUMBER, PACKET, OTHER, 0, 0, 0, 'W', 'a', 'r', 'n', 'T', 'i', 'm', 'e')   \
    X(AlarmTarget, HJ_TEXT, PACKET, OTHER, 0, 0, 0, 'A', 'l', 'a', 'r', 'm', 'T', 'a', 'r')  \
    X(ReportTime, HJ_TEXT, PACKET, OTHER, 0, 0, 0, 'R', 'e', 'p', 'o', 'r', 't', 'T', 'i')   \
    X(AlarmTime, HJ_DATE, PACKET | HJ_OF_DATA, OTHER, 0, 0, 0, 'A', 'l', 'a', 'r', 'm', 'T', 'i', 'm')    \
    X(AlarmType, HJ_OPEN, PACKET, OTHER, 0, 0, 0, 'A', 'l', 'a', 'r', 'm', 'T', 'y', 'p')    \
    X(SKCreateTime, HJ_MOMENT, PACKET, OTHER, 0, 0, 0, 'S', 'K', 'C', 'r', 'e', 'a', 't', 'e') \
    X(NewSK, HJ_EXACT, PACKET, OTHER, 0, 16, 0, 'N', 'e', 'w', 'S', 'K')                     \
    X(CalibrationType, HJ_INTEGER, PACKET, OTHER, 0, 1, 0, 'C', 'a', 'l', 'i', 'b', 'r', 'a', 't') \
    X(QN, HJ_MOMENT, PACKET, OTHER, 0, 0, 0, 'Q', 'N')                                       \
    X(PW, HJ_TEXT, PACKET, OTHER, 0, 0, 0, 'P', 'W')                                         \
    X(CN, HJ_TEXT, PACKET, OTHER, 0, 0, 0, 'C', 'N')                                         \
    X(PNUM, HJ_TEXT, PACKET, OTHER, 0, 0, 0, 'P', 'N', 'U', 'M')                             \
    X(PNO, HJ_TEXT, PACKET, OTHER, 0, 0, 0, 'P', 'N', 'O')
/* clang-format on */

enum number {
    N_UNKNOWN,
#define X(name, ...) N_##name,
    FIELDS(X)
#undef X
        N_COUNT
};
_Static_assert(N_COUNT <= 64, "a set of fields is one 64-bit word");

/* Fields of these rules are told as numbers. */
#define IS_NUMERIC(rule)                                                                                     \
    ((rule) == HJ_NUMBER || (rule) == HJ_OPEN || (rule) == HJ_INTEGER || (rule) == HJ_HOURS ||               \
     (rule) == HJ_RETURN || (rule) == HJ_INTERVAL)

static const struct hj_field unknown = {.name = "", .rule = HJ_OPEN, .number = N_UNKNOWN, .numeric = true};

/* No two names share a slot: the compiler would see an entry initialised twice. */
const struct hj_field hj_fields[1 << HJ_SLOT_BITS] = {
#define X(text, rule_, place_, known_, lo_, hi_, repeat_, ...)                                               \
    [HJ_FIELD_HASH(KEY(__VA_ARGS__))] = {.key = KEY(__VA_ARGS__),                                            \
                                         .name = #text,                                                      \
                                         .n = sizeof #text - 1,                                              \
                                         .rule = rule_,                                                      \
                                         .place = place_,                                                    \
                                         .number = N_##text,                                                 \
                                         .known = HJ212_FIELD_##known_,                                      \
                                         .lo = lo_,                                                          \
                                         .hi = hi_,                                                          \
                                         .may_repeat = repeat_,                                              \
                                         .numeric = IS_NUMERIC(rule_)},
    FIELDS(X)
#undef X
};

/* 2013 names device information as a field of a factor: a21026-i13101 */
static const struct hj_field info_field = {
    .name = "iNNNNN", .n = 6, .rule = HJ_OPEN, .place = HJ_OF_FACTOR, .number = N_UNKNOWN, .numeric = true};

const struct hj_field *hj_field_unusual(const uint8_t *name, size_t n) {
    return n == 6 && name[0] == 'i' && hj_code_is_2017(name, n) ? &info_field : &unknown;
}

hj212_field hj212_field_of(hj212_span name) {
    if (!name.p) return HJ212_FIELD_OTHER;
    const uint8_t *p = (const uint8_t *)name.p;
    return (hj212_field)hj_field_find(p, name.n, p + name.n)->known;
}

const char *hj212_field_name(hj212_field field) {
    static const char *const names[HJ212_FIELD_COUNT] = {
        "",     "Rtd",   "Min",        "Avg", "Max", "Cou",  "ZsRtd",   "ZsMin",     "ZsAvg", "ZsMax",
        "Flag", "EFlag", "SampleTime", "RS",  "RT",  "Data", "DayData", "NightData", "Info",  "SN"};
    return field > HJ212_FIELD_OTHER && field < HJ212_FIELD_COUNT ? names[field] : "";
}
