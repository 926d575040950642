/* One device in full, for its page and for `yanwu device`; and links that claim one MN. */
#ifndef YW_WEB_DEVICE_DETAIL_H
#define YW_WEB_DEVICE_DETAIL_H

#include "register/register.h"
#include "store/store.h"
#include "web/json.h"

struct yw_web;

/* An object. */
enum yw_code yw_put_device_detail(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                                  const struct yw_device *d, int64_t now, struct yw_error *err);
/* What PATCH /api/devices/{id} can change, as members of an open object; no password. */
void yw_put_device_settings(struct yw_buf *b, const struct yw_register *r, const struct yw_device *d);

struct yw_links {
    struct yw_device_link *at;
    size_t n, max;
};
bool yw_links_take(void *links, const struct yw_device_link *l); /* for links() of a store */
/* Whether two links of one device had packets at the same time, and from when to when. */
bool yw_links_overlap(const struct yw_device_link *a, const struct yw_device_link *b, int64_t *from,
                      int64_t *to);

#endif
