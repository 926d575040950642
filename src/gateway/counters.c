/* Names of the counters in the live page. */
#include "gateway/gateway.h"

static const struct {
    const char *name, *text;
} table[] = {
#define X(id, name, text) {name, text},
    YW_GATEWAY_COUNTER_TABLE(X)
#undef X
};

const char *yw_gateway_counter_name(unsigned counter) {
    return counter < YW_GW_COUNT ? table[counter].name : "";
}

const char *yw_gateway_counter_text(unsigned counter) {
    return counter < YW_GW_COUNT ? table[counter].text : "";
}
