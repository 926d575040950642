/* listen: listening sockets, opened by the supervisor and handed to its children. */
#ifndef YW_SUPERVISOR_LISTEN_H
#define YW_SUPERVISOR_LISTEN_H

#include "base/base.h"

enum { LISTEN_TEXT = 80 };

/* Opens `count` sockets on one address "ADDR:PORT" or "[ADDR]:PORT"; with count > 1 or `shared` the kernel
 * spreads connections over them (SO_REUSEPORT). bound gets the address with the port that was given.
 * Close-on-exec is set. */
enum yw_code listen_open(const char *address, bool shared, bool for_devices, int *fds, size_t count,
                         char bound[LISTEN_TEXT], struct yw_error *err);

#endif
