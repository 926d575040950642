/* Tries to break out of the lock and reports. */
#include "gateway/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/worker.h"

static bool refused(const char *what, bool done) {
    printf("%s: %s\n", what, done ? "POSSIBLE" : strerror(errno));
    return !done && errno == EPERM;
}

enum yw_code yw_gateway_probe(const char *path, struct yw_error *err) {
    if (!guard_possible()) return yw_fail(err, YW_E_STATE, "a sanitizer build does not lock itself in");
    char line[512];
    setvbuf(stdout, line, _IOFBF, sizeof line); /* a file's size would be asked for otherwise */
    enum yw_code code = guard_apply(err);
    if (code != YW_OK) return code;
    bool all = true;
    all &= refused("open to read", open(path, O_RDONLY) >= 0);
    all &= refused("open to write", open(path, O_WRONLY | O_APPEND) >= 0);
    all &= refused("create", open("yanwu-probe", O_WRONLY | O_CREAT, 0600) >= 0);
    all &= refused("remove", unlink(path) == 0);
    all &= refused("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
    char *const args[] = {(char *)"true", NULL};
    all &= refused("run", execv("/bin/true", args) == 0);
    void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    all &= refused("executable memory", p != MAP_FAILED);
    fflush(stdout);
    if (!all) return yw_fail(err, YW_E_STATE, "the lock does not hold");
    return yw_fail(err, YW_E_DENIED, "everything was refused, as it must be");
}
