/* Tables of records with anything in them: records in order of time or an error, never a crash. */
#include "cli/judge_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct yw_site site;
    struct judge_data d;
    struct yw_error err = {0};
    if (size < 1 || size > 1 << 16) return 0;
    yw_site_init(&site, YW_PROFILE_POWER);
    if (data[0] == 'h') site.records = YW_PERIOD_HOUR;
    if (judge_data_read((const char *)data + 1, size - 1, "data", &site, &d, &err) != YW_OK) {
        if (err.text[0] == '\0') __builtin_trap();
        return 0;
    }
    for (size_t i = 1; i < d.n; i++)
        if (d.records[i].time <= d.records[i - 1].time) __builtin_trap();
    if (d.n + d.repeated > d.rows) __builtin_trap();
    judge_data_free(&d);
    return 0;
}
