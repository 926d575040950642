/* Records for the journal, and events: what the worker itself did or saw, one JSON object each. */
#include "gateway/worker.h"

#include <string.h>

/* The pause on a crowded journal leaves room for what was read already; if the journal refuses all the same,
 * the link is closed: what was not journalled is not answered, and the device sends it again. */
bool gateway_append(struct link *l, struct yw_record *r) {
    struct yw_error err;
    if (yw_journal_append(l->worker->journal, r, &err) == YW_OK) return true;
    yw_log(YW_LOG_WARN, "link %llu closed: %s", (unsigned long long)l->serial, err.text);
    gateway_close_link(l, YW_GW_CLOSED_ERROR);
    return false;
}

/* Whoever reads the journal learns from it that the worker's memory is empty: commands that were under way
 * before it are lost. So it comes before everything else. */
enum yw_code gateway_tell_start(struct yw_gateway *g, struct yw_error *err) {
    static const char text[] = "{\"event\":\"start\"}";
    struct yw_record r = gateway_record(g, NULL, YW_DIR_EVENT);
    r.payload = text;
    r.length = sizeof text - 1;
    return yw_journal_append(g->journal, &r, err);
}
