/* Fetching a still picture from a registered camera, and from nowhere else.
 *
 * The address is the register's, never the asker's. Only http and https; ports 80, 81, 88, 443 and 1024
 * upwards; no address of this machine (unless `loopback`), of the link, or for many; checked at the moment of
 * connecting, so that a name cannot turn into another address. At most two redirects, on the same scheme,
 * host and port; no proxy. At most 5 s in all, 4 MiB, and it must begin like a JPEG or a PNG. */
#ifndef YW_WEB_FETCH_H
#define YW_WEB_FETCH_H

#include "base/base.h"

#include <stdatomic.h>

enum { YW_PICTURE_MAX = 4 << 20, YW_FETCH_MS = 5000, YW_FETCH_REDIRECTS = 2 };

struct yw_fetch {
    const char *url, *user, *pw; /* user "": none */
    bool loopback;               /* training and demonstration: a camera may be on this machine */
    atomic_bool *stop;           /* may be NULL; set from elsewhere it ends the fetch */
};
/* Can it be fetched at all? Says what is wrong with an address before anybody connects. */
enum yw_code yw_fetch_check(const char *url, struct yw_error *err);
/* out: initialised with a maximum of YW_PICTURE_MAX. *type: "image/jpeg" or "image/png". */
enum yw_code yw_fetch_picture(const struct yw_fetch *f, struct yw_buf *out, const char **type,
                              struct yw_error *err);
/* "image/jpeg", "image/png", or NULL. */
const char *yw_picture_type(const void *bytes, size_t n);

#endif
