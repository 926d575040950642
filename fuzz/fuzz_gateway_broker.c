/* The supervisor reads what a gateway that was taken over may send: any message gets an answer or ends the
 * conversation, and nothing outside the folder is touched. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/broker.h"
#include "supervisor/supervisor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int own_folder(void) {
    static int dir = -1;
    char name[] = "/tmp/yanwu-fuzz-XXXXXX";
    if (dir < 0 && mkdtemp(name) != NULL) {
        dir = open(name, O_RDONLY | O_DIRECTORY);
        rmdir(name); /* still open: what is made in it is refused, what is asked of it is not */
    }
    return dir;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int ends[2];
    if (size == 0 || size > 4096 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) != 0)
        return 0;
    if (yw_broker_send(ends[1], data, size, -1) == 0) {
        bool goes_on = broker_serve(ends[0], own_folder());
        char answer[sizeof(struct yw_broker_answer) + YW_BROKER_LIST_BYTES];
        int fd;
        ssize_t got = yw_broker_receive(ends[1], answer, sizeof answer, &fd);
        if (goes_on && got < (ssize_t)sizeof(struct yw_broker_answer)) abort();
        if (fd >= 0) close(fd);
    }
    close(ends[0]);
    close(ends[1]);
    return 0;
}
