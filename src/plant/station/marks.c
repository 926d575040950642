/* marks: the letters of data marks. */
#include "plant/station/station.h"

const char *yw_mark_text(enum yw_mark mark) {
    static const char *const text[YW_MARK_COUNT] = {"F", "C", "M", "D", "T", "Sd", "St", "N"};
    return (unsigned)mark < YW_MARK_COUNT ? text[mark] : "N";
}
