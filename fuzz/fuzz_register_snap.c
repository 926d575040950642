/* register.snap from anywhere, with its checksums made right so that what lies behind them is reached.
 * Header: 64 bytes, the sum of the table at 48, that of the header at 56. */
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
    if (size >= 64) {
        yw_put_u64(copy + 48, yw_hash64(copy + 64, size - 64, 0));
        yw_put_u64(copy + 56, yw_hash64(copy, 56, 0));
    }
    if (write(fd, copy, size) != (ssize_t)size) abort();
    struct yw_snap *s = NULL;
    struct yw_error err = {0};
    if (yw_snap_map(fd, &s, &err) == YW_OK) {
        const struct yw_snap_device *d = yw_snap_find(s, "8888888", 7);
        if (d != NULL) (void)yw_snap_password_fits(s, d, "123456", 6);
        (void)yw_snap_find(s, "", 0);
        yw_snap_unmap(s);
    } else if (err.text[0] == '\0') {
        abort();
    }
    close(fd);
    free(copy);
    return 0;
}
