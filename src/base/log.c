#include "base/base.h"

#include <string.h>
#include <unistd.h>

static struct {
    char program[32];
    enum yw_log_level most;
} setup = {"yanwu", YW_LOG_INFO};

void yw_log_setup(const char *program, enum yw_log_level most) {
    yw_copy(setup.program, sizeof setup.program, program, strlen(program));
    setup.most = most;
}

void yw_log(enum yw_log_level level, const char *fmt, ...) {
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if (level > setup.most) return;
    char line[1024], when[40];
    yw_time_text(yw_now() / YW_SECOND * YW_SECOND, when);
    int head =
        snprintf(line, sizeof line - 1, "%s %s[%d] %s: ", when, setup.program, (int)getpid(), names[level]);
    va_list args;
    va_start(args, fmt);
    int body = vsnprintf(line + head, sizeof line - 1 - (size_t)head, fmt, args);
    va_end(args);
    if (body < 0) return;
    size_t n = strlen(line);
    line[n++] = '\n';
    /* One write, so that lines of several processes do not mix; nobody can be told if it fails. */
    ssize_t written = write(STDERR_FILENO, line, n);
    YW_UNUSED(written);
}
