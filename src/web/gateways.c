/* What the gateways' shared pages tell the rest of the web process. */
#include "gateway/gateway.h"

#include "web/commands.h"
#include "web/web_int.h"

#include <stdatomic.h>

enum { WORKERS_MAX = 64 };
#define SIGN_OF_LIFE (3 * YW_SECOND) /* a page that is older belongs to a gateway that does not run */

bool yw_gateways_know(const struct yw_web *w, uint32_t version) {
    bool all = true;
    for (unsigned worker = 0; worker < WORKERS_MAX && all; worker++) {
        char folder[4200];
        snprintf(folder, sizeof folder, "%s/journal/p%u", w->data, worker);
        const struct yw_live *l = yw_live_open(folder, NULL);
        if (l == NULL) break;
        bool alive = yw_now() - atomic_load(&l->updated) < SIGN_OF_LIFE;
        all = !alive || atomic_load(&l->counter[YW_GW_REGISTER_VERSION]) >= version;
        yw_live_close(l);
    }
    return all;
}
