/* Networks a device may come from: "10.1.0.0/16 192.0.2.7". */
#include "register/register.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool parse_one(const char *text, size_t n, struct yw_network *out) {
    char address[INET6_ADDRSTRLEN];
    const char *slash = memchr(text, '/', n);
    size_t length = slash != NULL ? (size_t)(slash - text) : n;
    if (length >= sizeof address) return false;
    memcpy(address, text, length);
    address[length] = '\0';
    *out = (struct yw_network){0};
    bool v4 = inet_pton(AF_INET, address, out->addr + 12) == 1;
    if (v4) memcpy(out->addr, mapped, sizeof mapped);
    if (!v4 && inet_pton(AF_INET6, address, out->addr) != 1) return false;
    uint32_t most = v4 ? 32 : 128, bits = most;
    if (slash != NULL && !yw_parse_u32(slash + 1, n - length - 1, most, &bits)) return false;
    out->bits = (uint8_t)(bits + (v4 ? 96 : 0));
    return true;
}

enum yw_code yw_networks_parse(const char *text, struct yw_network out[YW_PEER_NETWORKS_MAX], size_t *n,
                               struct yw_error *err) {
    *n = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ,");
        if (length == 0) {
            text++;
            continue;
        }
        if (*n == YW_PEER_NETWORKS_MAX) {
            return yw_fail(err, YW_E_LIMIT, "device.peers: more than %d networks", YW_PEER_NETWORKS_MAX);
        }
        if (!parse_one(text, length, &out[*n])) {
            return yw_fail(
                err, YW_E_FORMAT,
                "device.peers: '%.*s' is no network; write 192.0.2.7, 10.1.0.0/16 or 2001:db8::/32",
                (int)(length < 64 ? length : 64), text);
        }
        ++*n;
        text += length;
    }
    return YW_OK;
}

bool yw_network_holds(const struct yw_network *n, const uint8_t addr[16]) {
    unsigned whole = n->bits / 8u, rest = n->bits % 8u;
    if (memcmp(n->addr, addr, whole) != 0) return false;
    if (rest == 0) return true;
    uint8_t mask = (uint8_t)(0xff00u >> rest);
    return ((n->addr[whole] ^ addr[whole]) & mask) == 0;
}
