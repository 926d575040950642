/* Any bytes as a line of the control socket: a question that holds what it may hold, or a sentence. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plants/control_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct yw_control_line line;
    struct yw_error err;
    enum yw_code code = yw_control_parse((const char *)bytes, n, &line, &err);
    if (memchr(line.tag, '\0', sizeof line.tag) == NULL || memchr(line.file, '\0', sizeof line.file) == NULL)
        abort();
    if (code) {
        if (err.code != code || !err.text[0]) abort();
        return 0;
    }
    if (line.what >= YW_ASK_COUNT || isinf(line.value) || isinf(line.strength)) abort();
    return 0;
}
