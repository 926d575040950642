/* control_socket: the local socket through which virtual sites look at plants and act upon them. One line of
 * JSON asks, one line answers; of this user alone (mode 0600). */
#ifndef YW_PLANTS_CONTROL_SOCKET_H
#define YW_PLANTS_CONTROL_SOCKET_H

#include "plants/plants.h"

enum { YW_CONTROL_CLIENTS_MAX = 16 };
struct yw_control_socket;

/* A socket file that nobody listens on any more is replaced; one in use: YW_E_BUSY. */
enum yw_code yw_control_open(struct uv_loop_s *loop, const char *path, struct yw_host *host,
                             const struct yw_effect_book *book, struct yw_control_socket **out,
                             struct yw_error *err);
/* Then run the loop dry, then destroy. The file is removed. */
void yw_control_close(struct yw_control_socket *s);
void yw_control_destroy(struct yw_control_socket *s);

#endif
