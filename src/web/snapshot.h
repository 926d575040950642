/* A picture on its way from a camera to a browser. The connection sleeps meanwhile, so that a slow camera
 * keeps nobody else waiting. */
#ifndef YW_WEB_SNAPSHOT_H
#define YW_WEB_SNAPSHOT_H

#include "web/fetch.h"

enum { YW_SNAPSHOTS_MAX = 8 }; /* on their way at a time */

struct MHD_Connection;
struct yw_snapshots;
struct yw_snapshot;

struct yw_snapshots *yw_snapshots_create(void);
/* Ends those under way and wakes their connections: before the daemon stops. */
void yw_snapshots_end(struct yw_snapshots *s);
void yw_snapshots_destroy(struct yw_snapshots *s);

/* Begins to fetch and puts the connection to sleep; texts are copied. YW_E_BUSY: too many at a time. */
enum yw_code yw_snapshot_begin(struct yw_snapshots *s, struct MHD_Connection *c, const struct yw_fetch *f,
                               struct yw_snapshot **out, struct yw_error *err);
/* After the connection was woken. The bytes are out's until it is freed. */
enum yw_code yw_snapshot_result(const struct yw_snapshot *p, const void **bytes, size_t *n, const char **type,
                                struct yw_error *err);
void yw_snapshot_free(struct yw_snapshot *p);

#endif
