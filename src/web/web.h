/* web: the HTTP API, sign-in, live stream and the embedded pages. One process, which owns office.db and the
 * acts journal. */
#ifndef YW_WEB_H
#define YW_WEB_H

#include "base/base.h"

struct yw_web_config {
    const char *data;
    const char *master_key;         /* NULL or "": beside the data folder */
    uint8_t domain;                 /* yw_domain */
    int listen_fd;                  /* bound and listening; taken over */
    const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
    const char *name;               /* of the installation */
    uint32_t threads;               /* that answer requests */
};

struct yw_web;
enum yw_code yw_web_start(const struct yw_web_config *c, struct yw_web **out, struct yw_error *err);
void yw_web_stop(struct yw_web *w);

#endif
