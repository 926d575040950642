/* The questions that the acts socket answers. */
#ifndef YW_WEB_ACTS_ANSWERS_H
#define YW_WEB_ACTS_ANSWERS_H

#include "web/acts_socket.h"

/* NULL: there is no such question. */
yw_acts_answer yw_acts_answer_to(const char *ask);

#endif
