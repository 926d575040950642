/* Any bytes as a mapping and a CSV file: the input up to the first NUL is the mapping (empty: none), the rest
 * the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plants/plants.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    const uint8_t *cut = memchr(bytes, 0, n);
    size_t map_n = cut ? (size_t)(cut - bytes) : 0, at = cut ? map_n + 1 : 0;
    struct yw_replay_map map;
    struct yw_replay *replay = NULL;
    if (map_n && yw_replay_map_parse((const char *)bytes, map_n, &map, NULL)) return 0;
    if (yw_replay_open((const char *)bytes + at, n - at, map_n ? &map : NULL, 0, YW_HOUR, &replay, NULL))
        return 0;
    char cp[YW_PLANT_CP_MAX + 1];
    size_t length;
    int64_t time;
    while (!yw_replay_next(replay, cp, &length, &time, NULL))
        if (length > YW_PLANT_CP_MAX) abort();
    yw_replay_close(replay);
    return 0;
}
