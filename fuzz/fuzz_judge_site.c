/* Site files with anything in them, as YAML and as JSON: a site or an error, never a crash. */
#include <string.h>

#include "judge/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char table[] =
    "id,standard,source_type,variant,factor,name,value,low,unit,period,basis,confidence,"
    "reference_oxygen,share,cold_value,cold_c,enabled,from,to,note\n"
    "a,S,T,,a21026,SO2,35,,mg/m3,1h,national,S,6,,,,yes,,,\n"
    "b,S,T,new,a21002,NOx,50,,mg/m3,1h,national,S,6,,,,yes,,,\n"
    "c,S,T,old,a21002,NOx,80,,mg/m3,1h,ultra-low,S,6,,,,yes,,,\n";
static const char rule[] = "rules: [{id: hj75.day, title: {zh: x, en: y}, figures: {valid_hours: 20}}]\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct yw_rules *rules;
    static struct yw_site site;
    if (size > 1 << 16) return 0;
    struct yw_error err = {0};
    if (!rules) {
        rules = yw_rules_create();
        if (yw_rules_add_yaml(rules, rule, strlen(rule), "r", &err) != YW_OK) __builtin_trap();
        if (yw_rules_add_limits(rules, table, strlen(table), "l", &err) != YW_OK) __builtin_trap();
    }
    if (yw_site_from_yaml((const char *)data, size, rules, &site, &err) == YW_OK)
        yw_site_free(&site);
    else if (err.text[0] == '\0')
        __builtin_trap();
    json_t *o = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (o && yw_site_from_json(o, rules, &site, &err) == YW_OK) yw_site_free(&site);
    json_decref(o);
    return 0;
}
