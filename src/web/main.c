/* yanwu-web: the process that browsers talk to. Started by `yanwu serve`, which gives it the listening
 * socket. */
#include "web/web_int.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static void print_routes(void) {
    static const struct {
        unsigned role;
        const char *name;
    } roles[] = {{YW_ROLE_OPERATOR, "operator"},
                 {YW_ROLE_OFFICER, "officer"},
                 {YW_ROLE_LEADER, "leader"},
                 {YW_ROLE_MAINTAINER, "maintainer"},
                 {YW_ROLE_ENTERPRISE, "enterprise"}};
    static const char *const scopes[] = {[YW_SCOPE_NONE] = "none",       [YW_SCOPE_WHOLE] = "whole",
                                         [YW_SCOPE_OUTLET] = "outlet",   [YW_SCOPE_ENTERPRISE] = "enterprise",
                                         [YW_SCOPE_DEVICE] = "device",   [YW_SCOPE_PACKET] = "packet",
                                         [YW_SCOPE_COMMAND] = "command", [YW_SCOPE_ALARM] = "alarm",
                                         [YW_SCOPE_VERDICT] = "verdict", [YW_SCOPE_CAMERA] = "camera",
                                         [YW_SCOPE_MARK] = "mark",       [YW_SCOPE_QUERY] = "query",
                                         [YW_SCOPE_FILING] = "filing",   [YW_SCOPE_PLAN] = "plan"};
    for (size_t i = 0; i < yw_route_count; i++) {
        const struct yw_route *r = &yw_routes[i];
        printf("%s\t%s\t", r->method, r->pattern);
        if (r->roles == 0) printf("anybody");
        bool first = true;
        for (size_t k = 0; k < YW_COUNT(roles); k++) {
            if ((r->roles & roles[k].role) == 0) continue;
            printf("%s%s", first ? "" : ",", roles[k].name);
            first = false;
        }
        printf("\t%s\t%s\n", scopes[r->scope], r->summary);
    }
}

static bool domain_of(const char *name, uint8_t *out) {
    static const char *const names[] = {"", "real", "training", "demo"};
    for (uint8_t i = 1; i < YW_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static int serve(const struct yw_web_config *c) {
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not the end */
    /* Blocked before threads are started, so that only sigwait below gets them. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct yw_web *w;
    struct yw_error err = {0};
    if (yw_web_start(c, &w, &err) != YW_OK) {
        yw_log(YW_LOG_ERROR, "%s", err.text);
        return 1;
    }
    while (sigwait(&set, &number) != 0 && errno == EINTR) {
    }
    yw_web_stop(w);
    return 0;
}

int main(int argc, char **argv) {
    const char *data = NULL, *domain = "real", *cert = NULL, *key = NULL, *name = NULL, *master = NULL;
    uint32_t fd = UINT32_MAX, threads = 4;
    bool routes = false;
    struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &data, "DIR", "data folder"},
        {"listen-fd", YW_OPT_U32, &fd, "FD", "listening socket, inherited"},
        {"master-key", YW_OPT_TEXT, &master, "FILE", "seals the devices' keys (default: DIR.master.key)"},
        {"domain", YW_OPT_TEXT, &domain, "KIND", "real, training or demo"},
        {"tls-cert", YW_OPT_TEXT, &cert, "FILE", "certificate chain (PEM); serves HTTPS"},
        {"tls-key", YW_OPT_TEXT, &key, "FILE", "its private key (PEM)"},
        {"name", YW_OPT_TEXT, &name, "TEXT", "name of the installation"},
        {"threads", YW_OPT_U32, &threads, "N", "threads that answer requests (4)"},
        {"routes", YW_OPT_FLAG, &routes, NULL, "print the table of routes and end"},
    };
    struct yw_command command = {.name = "yanwu-web",
                                 .usage = "--data DIR --listen-fd FD [OPTION...]",
                                 .summary = "Serves the pages and the API; started by yanwu serve.",
                                 .opts = opts,
                                 .opt_count = YW_COUNT(opts)};
    int count;
    struct yw_web_config c = {0};
    yw_log_setup("yanwu-web", YW_LOG_INFO);
    if (yw_options(&command, argc, argv, &count) != YW_OK) return 2;
    if (routes) {
        print_routes();
        return 0;
    }
    if (data == NULL || fd == UINT32_MAX || !domain_of(domain, &c.domain) ||
        (cert == NULL) != (key == NULL) || threads < 1 || threads > 64) {
        yw_log(YW_LOG_ERROR, "needs --data, --listen-fd, a known --domain, --tls-cert and --tls-key both or "
                             "neither, 1 to 64 --threads");
        return 2;
    }
    c.data = data;
    c.master_key = master;
    c.listen_fd = (int)fd;
    c.tls_cert = cert;
    c.tls_key = key;
    c.name = name;
    c.threads = threads;
    return serve(&c);
}
