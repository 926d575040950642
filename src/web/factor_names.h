/* What a factor code means, from share/hj212/factors.csv: names in both languages, unit, medium. */
#ifndef YW_WEB_FACTOR_NAMES_H
#define YW_WEB_FACTOR_NAMES_H

#include "base/base.h"

struct yw_factor_name {
    char code[16], name_zh[64], name_en[96], unit[24], medium[24];
};
struct yw_factor_names {
    struct yw_factor_name *at;
    size_t n;
};
/* share: "hj212/factors.csv", "hj212/device_info.csv" */
enum yw_code yw_factor_names_load(struct yw_factor_names *f, const char *share, struct yw_error *err);
void yw_factor_names_free(struct yw_factor_names *f);
const struct yw_factor_name *yw_factor_name(const struct yw_factor_names *f, const char *code);

#endif
