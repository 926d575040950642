/* snapshot: an outlet's run as bytes, and back. */
#include <string.h>

#include "plants/process.h"

struct head {
    uint64_t magic, about;
    size_t whole;
    struct yw_model model; /* without its scenario */
    struct yw_period minute, hour, day;
    double running_s;
    uint32_t facility_state;
};
static const uint64_t MAGIC = 0x3154454C54554F59u; /* "YOUTLET1" */

static uint64_t about(const struct yw_outlet_run *r) {
    const struct yw_scenario *s = r->model.scenario;
    uint64_t h = yw_hash64(s->mn, strlen(s->mn), r->model.seed);
    return yw_hash64(s->id, strlen(s->id), h);
}

static size_t process_size(const struct yw_process *p) {
    return p ? sizeof p->state + sizeof p->spec + yw_plant_save_size(p->plant) + yw_station_size() : 0;
}

size_t yw_outlet_save_size(const struct yw_outlet_run *r) {
    return sizeof(struct head) + process_size(r->process);
}

void yw_outlet_save(const struct yw_outlet_run *r, void *out) {
    const struct yw_process *p = r->process;
    unsigned char *at = out;
    struct head head;
    memset(&head, 0, sizeof head);
    head.magic = MAGIC, head.about = about(r), head.whole = yw_outlet_save_size(r);
    memcpy(&head.model, &r->model, sizeof head.model);
    head.model.scenario = NULL;
    memcpy(&head.minute, &r->minute, sizeof head.minute);
    memcpy(&head.hour, &r->hour, sizeof head.hour);
    memcpy(&head.day, &r->day, sizeof head.day);
    head.running_s = r->running_s, head.facility_state = r->facility_state;
    memcpy(at, &head, sizeof head);
    if (!p) return;
    at += sizeof head;
    memcpy(at, &p->state, sizeof p->state);
    memcpy(at + sizeof p->state, &p->spec, sizeof p->spec);
    at += sizeof p->state + sizeof p->spec;
    memcpy(at, p->station, yw_station_size());
    yw_station_attach((struct yw_station *)(void *)at, NULL); /* no address of this process in it */
    yw_plant_save(p->plant, at + yw_station_size());
}

enum yw_code yw_outlet_load(struct yw_outlet_run *r, const void *bytes, size_t n, struct yw_error *err) {
    const unsigned char *at = bytes;
    const struct yw_scenario *s = r->model.scenario;
    struct head head;
    if (n != yw_outlet_save_size(r))
        return yw_fail(err, YW_E_FORMAT, "a snapshot of %zu bytes is none of outlet %s", n, s->id);
    memcpy(&head, at, sizeof head);
    if (head.magic != MAGIC || head.about != about(r) || head.whole != n)
        return yw_fail(err, YW_E_FORMAT, "the snapshot is of another outlet or seed than %s", s->id);
    at += sizeof head;
    if (r->process) {
        /* a day has its own events: begin it, then take what has become of it */
        int64_t day = yw_china_day_start(yw_china_day(head.model.time - 1));
        uint64_t seed = r->model.seed;
        bool ahead = r->ahead;
        yw_outlet_end(r);
        yw_outlet_begin(r, s, seed, day);
        r->ahead = ahead && r->process;
        struct yw_process *p = r->process;
        if (!p) return yw_fail(err, YW_E_NOMEM, "no memory for outlet %s", s->id);
        size_t parts = sizeof p->state + sizeof p->spec + yw_station_size();
        enum yw_code code = yw_plant_load(p->plant, at + parts, n - sizeof head - parts, err);
        if (code) return code;
        memcpy(&p->state, at, sizeof p->state);
        memcpy(&p->spec, at + sizeof p->state, sizeof p->spec);
        memcpy(p->station, at + sizeof p->state + sizeof p->spec, yw_station_size());
        yw_station_attach(p->station, &p->spec);
    }
    r->model = head.model;
    r->model.scenario = s;
    r->minute = head.minute, r->hour = head.hour, r->day = head.day;
    r->running_s = head.running_s, r->facility_state = (uint8_t)head.facility_state;
    return YW_OK;
}
