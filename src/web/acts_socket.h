/* acts socket: DATA/run/acts.sock, how other programs of the platform on this machine ask for commands. Lines
 * of JSON, one answer to each; only for the user the platform runs as. */
#ifndef YW_WEB_ACTS_SOCKET_H
#define YW_WEB_ACTS_SOCKET_H

#include "web/json.h"

#include <jansson.h>

enum { YW_ACTS_LINE_MAX = 64 << 10, YW_ACTS_CLIENTS_MAX = 16 };

struct yw_web;
struct yw_acts_socket;
enum yw_code yw_acts_socket_start(struct yw_web *w, struct yw_acts_socket **out, struct yw_error *err);
void yw_acts_socket_stop(struct yw_acts_socket *s);

/* Answers one question into out (one JSON value, no line end). */
typedef void (*yw_acts_answer)(struct yw_web *w, const json_t *question, struct yw_buf *out);
/* {"error":{code,text_zh,text_en}} */
void yw_acts_refuse(struct yw_buf *out, const char *code, const char *zh, const char *en);

#endif
