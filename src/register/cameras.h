/* cameras: of stations, part of the register: where they are and how one gets at a picture. Streaming is not
 * ours; who wants to see the moving picture opens the camera's own link.
 *
 *   {"act":"camera.put","camera":{id,outlet,name,kind,address,channel,snapshot_url,link_url,user,pw}}
 * replaces the whole camera; kind is "rtsp", "gb28181" or "other"
 *   {"act":"camera.drop","id":N} */
#ifndef YW_REGISTER_CAMERAS_H
#define YW_REGISTER_CAMERAS_H

#include "register/register.h"

enum {
    YW_CAMERAS_MAX = 100000,
    YW_CAMERAS_OUTLET_MAX = 16,
    YW_CAMERA_PW_MOST = 64, /* bytes of a password in clear */
    YW_CAMERA_PW_SEALED = 240
};

struct yw_camera {
    uint32_t id, outlet;
    char name[64], kind[12];
    char address[256];            /* rtsp://..., or the 20 digits of a GB/T 28181 device */
    char channel[64];             /* GB/T 28181 channel, stream name ...; "": not said */
    char snapshot_url[512];       /* http(s) address of a still picture; "": it serves none */
    char link_url[512];           /* opened by people; {time}, {begin} and {end} are filled in; "": none */
    char user[65];                /* of snapshot_url; "": none */
    char pw[YW_CAMERA_PW_SEALED]; /* sealed by yw_text_seal under "camera ID" */
};

const struct yw_camera *yw_register_camera(const struct yw_register *r, uint32_t id);
/* In order of id; at most max go into out. */
size_t yw_register_cameras_of(const struct yw_register *r, uint32_t outlet, const struct yw_camera **out,
                              size_t max);
uint32_t yw_register_next_camera(const struct yw_register *r);
/* Each appends one act to out; false if it did not fit. */
bool yw_act_camera_put(struct yw_buf *out, const struct yw_act *a, const struct yw_camera *c);
bool yw_act_camera_drop(struct yw_buf *out, const struct yw_act *a, uint32_t id);

#endif
