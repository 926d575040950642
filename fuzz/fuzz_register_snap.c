/* register.snap from anywhere, with its checksums made right so that what lies behind them is reached.
 * Header: 128 bytes, the sum of the table at 112, that of the header at 120. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "register/register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size + 1);
    int fd = memfd_create("snap", MFD_CLOEXEC);
    if (copy == NULL || fd < 0) abort();
    memcpy(copy, data, size);
    if (size >= 128) {
        yw_put_u64(copy + 112, yw_hash64(copy + 128, size - 128, 0));
        yw_put_u64(copy + 120, yw_hash64(copy, 120, 0));
    }
    if (write(fd, copy, size) != (ssize_t)size) abort();
    struct yw_snap *s = NULL;
    struct yw_error err = {0};
    static const uint8_t key[32] = {1}, address[16] = {[10] = 0xff, [11] = 0xff, [12] = 10};
    if (yw_snap_map(fd, size % 2 ? key : NULL, &s, &err) == YW_OK) {
        const struct yw_snap_device *d = yw_snap_find(s, "8888888", 7);
        const struct yw_snap_key *keys;
        if (d != NULL) {
            (void)yw_snap_password_fits(s, d, "123456", 6);
            (void)yw_snap_peer_fits(s, d, address);
            if (yw_snap_keys(s, d, &keys) > 0 && keys[0].id == 1) (void)yw_snap_password_fits(s, d, "", 0);
        }
        (void)yw_snap_find(s, "", 0);
        yw_snap_unmap(s);
    } else if (err.text[0] == '\0') {
        abort();
    }
    close(fd);
    free(copy);
    return 0;
}
