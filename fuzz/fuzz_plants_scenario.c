/* Any bytes as a scenario: read or refused with a sentence; what is read can be lived for an hour and put
 * into frames. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plants/plants.h"

static bool put(void *arg, const char *cp, size_t n, unsigned part, unsigned parts) {
    (void)arg;
    if (n > YW_PLANT_CP_MAX || part < 1 || part > parts) abort();
    return cp != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct yw_scenario s;
    struct yw_error err = {.text = ""};
    enum yw_code code = yw_scenario_parse((const char *)bytes, n, &s, &err);
    if (code) {
        if (err.text[0] == '\0') abort();
        return 0;
    }
    struct yw_outlet_run run;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    int64_t day = yw_china_day_start(20780);
    yw_outlet_begin(&run, &s, 1, day);
    for (int i = 0; i < 400; i++) {
        size_t made = yw_outlet_step(&run, records, NULL);
        if (made > YW_RECORDS_PER_STEP) abort();
        for (size_t k = 0; k < made; k++) yw_record_areas(&s, &records[k], put, NULL);
    }
    return 0;
}
