/* judge_run: one site's records through the judge, and its lines. */
#ifndef YW_CLI_JUDGE_RUN_H
#define YW_CLI_JUDGE_RUN_H

#include "cli/judge_data.h"

enum { JUDGE_DAYS_MAX = 1100, JUDGE_VERDICTS_MAX = 1 << 22 }; /* of one run */

enum judge_line {
    LINE_HOUR = 1 << 0,
    LINE_8H = 1 << 1,
    LINE_DAY = 1 << 2,
    LINE_MONTH = 1 << 3,
    LINE_QUARTER = 1 << 4,
    LINE_YEAR = 1 << 5,
    LINE_BLOCK = 1 << 6,
    LINE_VERDICT = 1 << 7,
    LINE_TALLY = 1 << 8,
    LINE_CHECK = 1 << 9,
    LINE_UNIT = 1 << 10,
    LINE_END = 1 << 11,
    LINE_ALL = (1 << 12) - 1
};
/* "hour,day,verdict" -> bits; false with what is wrong in err. */
bool judge_lines_parse(const char *text, uint32_t *out, struct yw_error *err);

struct judge_wish {
    uint32_t lines;
    bool compact, all_blocks;
};
enum yw_code judge_run(const struct yw_rules *rules, const struct yw_site *site,
                       const struct judge_data *data, const struct judge_wish *wish, struct yw_error *err);

#endif
