/* A simulated device under test: asked with frames, heard as frames. */
#ifndef YW_TEST_PLANTS_DEVICE_H
#define YW_TEST_PLANTS_DEVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hj212.h"
#include "plants/responder.h"

enum { SAID_MAX = 3000 };

struct said { /* one frame of the device */
    char bytes[YW_PLANT_FRAME_PRINTED], plain[HJ212_FRAME_MAX];
    hj212_packet packet;
};
struct device {
    struct yw_scenario scenario;
    struct yw_device_face face;
    struct yw_responder responder;
    int64_t now;
    unsigned asked; /* numbers the requests */
    struct said *said;
    size_t n;
};

struct extra { /* what a request has otherwise than it should */
    const char *pw, *mn, *st, *qn, *flag;
    bool bad_crc;
};

int64_t moment(const char *text);
void device_start(struct device *d, const char *name, const char *logger, uint32_t version);
void device_end(struct device *d);
void device_listen(struct device *d, int64_t for_us);
void device_ask(struct device *d, const char *cn, const char *cp, const struct extra *x);
long device_qnrtn(const struct device *d);
long device_exertn(const struct device *d);
void device_done(struct device *d, const char *cn, const char *cp);
void device_gives(struct device *d, const char *cn, const char *cp, int want);
bool said_value(const struct said *s, const char *code, const char *field, const char *want);
const struct said *device_answer(const struct device *d, uint16_t command);
size_t device_count(const struct device *d, uint16_t command);

#endif
