/* The worker locks itself in: whoever takes over a process that reads strangers' bytes can open, run and
 * connect to nothing. Files come as descriptors from the supervisor, see broker.h. */
#include "gateway/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

bool guard_possible(void) {
    return !YW_SANITIZED;
}

static const int allowed[] = {
    /* links and the broker's sockets */
    SCMP_SYS(accept4),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(shutdown),
    SCMP_SYS(close),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(fcntl),
    /* the journal's files, once they are open */
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fsync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fstat),
    SCMP_SYS(flock),
    SCMP_SYS(lseek),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(fadvise64),
    /* memory, threads, time */
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(tgkill),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Calls that are allowed with one argument as it should be. */
static const struct {
    int call;
    struct scmp_arg_cmp argument;
} conditional[] = {
    /* memory that can be written is never run */
    {SCMP_SYS(mmap), {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0}},
    {SCMP_SYS(mprotect), {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0}},
    {SCMP_SYS(ioctl), {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = FIONBIO, .datum_b = 0}},
    /* fstat(3) of the C library; with a path it would tell no more than a file's size and dates */
    {SCMP_SYS(newfstatat),
     {.arg = 3, .op = SCMP_CMP_MASKED_EQ, .datum_a = AT_EMPTY_PATH, .datum_b = AT_EMPTY_PATH}},
};

static int add_rules(scmp_filter_ctx f) {
    int rc = 0;
    for (size_t i = 0; i < YW_COUNT(allowed) && rc == 0; i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < YW_COUNT(conditional) && rc == 0; i++) {
        rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, conditional[i].call, 1, &conditional[i].argument);
    }
    return rc;
}

enum yw_code guard_apply(struct yw_error *err) {
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (f == NULL) return yw_fail(err, YW_E_NOMEM, "no memory for the system call filter");
    int rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (rc == 0) rc = add_rules(f);
    if (rc == 0) rc = seccomp_load(f);
    seccomp_release(f);
    if (rc == 0) return YW_OK;
    return yw_fail_errno(err, -rc,
                         "the system call filter cannot be applied (lock-in: no serves without it)");
}
