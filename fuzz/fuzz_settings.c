/* settings.yaml with anything in it: pairs or an error, never a crash. */
#include <string.h>

#include "supervisor/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum yw_code take(void *arg, const char *name, const char *value, struct yw_error *err) {
    size_t *total = arg;
    *total += strlen(name) + strlen(value);
    return *total > 1 << 20 ? yw_fail(err, YW_E_LIMIT, "too much") : YW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1 << 16) return 0;
    size_t total = 0;
    struct yw_error err;
    settings_yaml("settings.yaml", (const char *)data, size, take, &total, &err);
    return 0;
}
