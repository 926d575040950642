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

/* Effects enough for events of each place. */
static const char effects[] =
    "effects:\n"
    "  - {id: N08, kind: fault, name: {zh: a, en: a}, applies: both, signature: {zh: a, en: a},\n"
    "     evidence: {zh: a, en: a}, alike: {zh: a, en: a}, source: s, edition: '2026', confidence: K,\n"
    "     deeds: [{at: signal, do: hold}]}\n"
    "  - {id: F01, kind: fraud, name: {zh: a, en: a}, applies: gas, signature: {zh: a, en: a},\n"
    "     evidence: {zh: a, en: a}, alike: {zh: a, en: a}, source: s, edition: '2026', confidence: K,\n"
    "     deeds: [{at: probe, do: mix, medium: nitrogen, a: 0.4}]}\n"
    "  - {id: F24, kind: fraud, name: {zh: a, en: a}, applies: both, signature: {zh: a, en: a},\n"
    "     evidence: {zh: a, en: a}, alike: {zh: a, en: a}, source: s, edition: '2026', confidence: K,\n"
    "     trigger: {when: above, a: 1, b: 0.9}, deeds: [{at: upload, do: drop}]}\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static struct yw_effect_book book; /* read once */
    struct yw_scenario s;
    struct yw_error err = {.text = ""};
    if (!book.n && yw_effects_parse(effects, sizeof effects - 1, &book, &err)) abort();
    enum yw_code code = yw_scenario_parse((const char *)bytes, n, &book, &s, &err);
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
    yw_outlet_end(&run);
    return 0;
}
