/* yanwu-pipeline: journals -> register.snap, series, blocks. Has no network: what it reads came from
 * strangers. */
#include "pipeline/run.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Devices wait for gateways, nobody waits for the pipeline: where both want a processor, gateways go first.
 */
enum { NICE = 5 };

static atomic_int stop_asked;

static void on_signal(int number) {
    YW_UNUSED(number);
    stop_asked = 1;
}

static void catch_signals(void) {
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &a, NULL);
    sigaction(SIGINT, &a, NULL);
    a.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &a, NULL);
    sigaction(SIGXFSZ, &a, NULL); /* a file size limit is a full disk, not the end */
    sigaction(SIGHUP, &a, NULL);
}

/* No way out: whoever took this process over by a packet could talk to nobody and start nothing. */
static enum yw_code leave_the_network(struct yw_error *err) {
    static const int denied[] = {
        SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind),     SCMP_SYS(listen),
        SCMP_SYS(accept), SCMP_SYS(accept4),    SCMP_SYS(execve),  SCMP_SYS(execveat), SCMP_SYS(ptrace)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = filter ? 0 : -ENOMEM;
    for (size_t i = 0; rc == 0 && i < YW_COUNT(denied); i++) {
        if (YW_SANITIZED && denied[i] == SCMP_SYS(ptrace)) continue; /* looking for leaks takes it */
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
    }
    if (rc == 0) rc = seccomp_load(filter);
    if (filter) seccomp_release(filter);
    return rc == 0 ? YW_OK : yw_fail_errno(err, -rc, "the pipeline cannot be shut off from the network");
}

int main(int argc, char **argv) {
    const char *data = NULL, *master = NULL;
    bool until_idle = false, full_sync = false, no_seal = false, no_judge = false;
    const struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &data, "DIR", "data folder"},
        {"master-key", YW_OPT_TEXT, &master, "FILE", "opens the devices' keys (default: DIR.master.key)"},
        {"until-idle", YW_OPT_FLAG, &until_idle, NULL, "end once everything committed is stored"},
        {"full-sync", YW_OPT_FLAG, &full_sync, NULL,
         "sync every commit of the store (default: once a second)"},
        {"no-seal", YW_OPT_FLAG, &no_seal, NULL, "leave the journals' segments as they are"},
        {"no-judge", YW_OPT_FLAG, &no_judge, NULL, "leave judge.db as it is"},
    };
    const struct yw_command cmd = {
        .name = "yanwu-pipeline",
        .usage = "--data DIR [OPTION...]",
        .summary = "Turns the journals into register.snap, series and sealed blocks; started by yanwu serve.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
    };
    int count = 0;
    struct yw_error err = {0};
    yw_log_setup("yanwu-pipeline", YW_LOG_INFO);
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    if (!data) {
        yw_log(YW_LOG_ERROR, "--data is missing: name the data folder");
        return 2;
    }
    catch_signals();
    setpriority(PRIO_PROCESS, 0, NICE);
    enum yw_code code = leave_the_network(&err);
    const struct yw_pipeline_options o = {.data = data,
                                          .master_key = master,
                                          .backend = &yw_store_sqlite,
                                          .until_idle = until_idle,
                                          .full_sync = full_sync,
                                          .seal = !no_seal,
                                          .judge = !no_judge,
                                          .stop = &stop_asked};
    if (code == YW_OK) code = yw_pipeline_run(&o, &err);
    if (code != YW_OK) yw_log(YW_LOG_ERROR, "%s", err.text);
    return code == YW_OK ? 0 : code == YW_E_USAGE ? 2 : 1;
}
