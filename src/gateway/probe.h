/* probe: does the lock hold? Tries what a worker must not be able to do. */
#ifndef YW_GATEWAY_PROBE_H
#define YW_GATEWAY_PROBE_H

#include "base/base.h"

/* Locks the process in as a worker is, then tries to open path, to make a socket, to run a program and to
 * make memory executable. One line each on standard output; YW_E_DENIED is the good end: everything was
 * refused. */
enum yw_code yw_gateway_probe(const char *path, struct yw_error *err);

#endif
