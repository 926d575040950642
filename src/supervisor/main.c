/* yanwu-serve: the platform. */
#include <signal.h>
#include <sys/stat.h>

#include "supervisor/settings.h"
#include "supervisor/supervisor.h"

int main(int argc, char **argv) {
    struct settings settings;
    struct yw_error err = {.code = YW_OK};
    yw_log_setup("serve", YW_LOG_INFO);
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    enum yw_code code = settings_load(argc, argv, &settings, &err);
    if (code == YW_OK && settings.flag[SETTING_PRINT]) {
        settings_print(&settings, stdout);
    } else if (code == YW_OK) {
        code = supervisor_run(&settings, &err);
    }
    settings_free(&settings);
    if (code == YW_OK) return 0;
    if (err.text[0] != 0) fprintf(stderr, "yanwu serve: %s\n", err.text);
    return code == YW_E_USAGE ? 2 : 1;
}
