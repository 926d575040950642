/* The acts journal and the register that is its fold. One process owns the journal: the web process while the
 * platform runs, a command otherwise. */
#ifndef YW_WEB_ACTS_H
#define YW_WEB_ACTS_H

#include "register/register.h"

struct yw_acts;
/* The same as yw_acts_open below, through another I/O table. */
enum yw_code yw_acts_open_on(const struct yw_io *io, const char *data, uint8_t domain, struct yw_acts **out,
                             struct yw_error *err);
/* Becomes the owner and replays everything. YW_E_BUSY: the platform runs and owns it. */
enum yw_code yw_acts_open(const char *data, uint8_t domain, struct yw_acts **out, struct yw_error *err);
/* The same, showing every line of the journal on the way, acts and others alike. */
enum yw_code yw_acts_open_with(const struct yw_io *io, const char *data, uint8_t domain,
                               void (*each)(void *arg, const char *json, size_t n), void *arg,
                               struct yw_acts **out, struct yw_error *err);
void yw_acts_close(struct yw_acts *a);
/* For reading: valid between lock and unlock; any number of readers at a time. */
const struct yw_register *yw_acts_lock(struct yw_acts *a);
void yw_acts_unlock(struct yw_acts *a);
/* Alone with the register, from looking at it to committing an act about it. */
const struct yw_register *yw_acts_lock_alone(struct yw_acts *a);
/* Journals the act, commits, applies. Only between lock_alone and unlock. */
enum yw_code yw_acts_commit(struct yw_acts *a, const char *json, size_t n, struct yw_error *err);
/* Journals and commits a line that is no act (a command, what a station told): the register stays as it is.
 * Only between lock_alone and unlock. */
enum yw_code yw_acts_note(struct yw_acts *a, const char *json, size_t n, struct yw_error *err);

/* The register as committed up to now, without becoming the owner. An installation without acts gives an
 * empty one. */
enum yw_code yw_acts_read(const char *data, struct yw_register **out, struct yw_error *err);

#endif
