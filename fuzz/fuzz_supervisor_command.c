/* Lines of the acts journal as commands, and what workers say about them: a line becomes a sound offer or an
 * error; whatever workers send, a command is offered at most once to the one that may have taken it. First
 * byte: how many bytes of messages stand before the line. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wire {
    int taken, offers;
};

static bool note(void *arg, uint32_t worker, const void *message, size_t n) {
    struct wire *w = arg;
    union yw_push m;
    memcpy(&m, message, n);
    if (!yw_push_ok(&m, n) || worker > 2) abort();
    if (m.kind == YW_PUSH_OFFER) {
        if (w->taken > 0) abort(); /* somebody has it already */
        w->offers++;
    }
    return true;
}

/* One byte of a message each: who says what, honestly or not. */
static void talk(struct commands *c, struct wire *w, uint8_t byte, int64_t id, int64_t now) {
    uint32_t worker = byte & 1;
    if ((byte & 2) != 0) id++;
    union yw_pull m = {.holds = {.kind = YW_PULL_HOLDS, .id = id, .heard = byte >> 4}};
    int offers = w->offers;
    switch (byte >> 2 & 3) {
    case 0:
        commands_hear(c, worker, &m, now);
        break;
    case 1:
        m = (union yw_pull){.taken = {.kind = YW_PULL_TAKEN, .id = id, .taken = byte >> 7}};
        size_t before = commands_waiting(c);
        commands_hear(c, worker, &m, now);
        if (commands_waiting(c) < before) w->taken++;
        break;
    case 2:
        if (commands_waiting(c) > 0) {
            commands_worker_died(c, worker);
            if (commands_waiting(c) == 0) w->taken++;
        }
        break;
    default:
        commands_turn(c, byte >> 4 & 3, now, 1);
        break;
    }
    if (w->offers > offers + 1) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > COMMAND_LINE_MAX) return 0;
    size_t talks = data[0] < size - 1 ? data[0] : size - 1;
    const uint8_t *line = data + 1 + talks;
    struct yw_offer o;
    struct yw_error err;
    uint8_t secret[32] = {7};
    if (command_parse((const char *)line, size - 1 - talks, secret, &o, &err) != YW_OK) return 0;
    struct wire w = {0};
    struct commands *c = commands_create("/nonexistent", (struct commands_wire){note, &w}, 0);
    if (c == NULL) return 0;
    if (commands_add(c, &o, 1)) {
        for (size_t i = 0; i < talks; i++) talk(c, &w, data[1 + i], o.id, (int64_t)i * 200000);
    }
    commands_destroy(c);
    return 0;
}
