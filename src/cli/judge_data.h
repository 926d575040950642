/* judge_data: DATA.csv of `yanwu judge` as records of a site. */
#ifndef YW_CLI_JUDGE_DATA_H
#define YW_CLI_JUDGE_DATA_H

#include "judge/judge.h"

enum { JUDGE_DATA_MAX = 512 << 20, JUDGE_COLUMNS = 1024, JUDGE_MESSAGES = 16 };

struct judge_data {
    struct yw_sample_record *records; /* in order of time, each time once */
    size_t n;
    struct yw_sample *samples; /* n * factors of the site, as of reading */
    size_t rows, repeated;     /* rows of the file; rows that a later one of the same time replaced */
    char messages[JUDGE_MESSAGES][160]; /* what somebody should know, for standard error */
    size_t message_n;
};
/* Adds the factors of the columns to the site. where: the file's name in errors. */
enum yw_code judge_data_read(const char *csv, size_t n, const char *where, struct yw_site *site,
                             struct judge_data *out, struct yw_error *err);
void judge_data_free(struct judge_data *d);

#endif
