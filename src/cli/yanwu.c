/* The one command people type: finds yanwu-COMMAND beside itself (or in libexec) and becomes it, so that what
 * faces the network never loads what only some commands need. */
#include "base/base.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#ifndef YW_VERSION
#define YW_VERSION "0"
#endif

static const struct {
    const char *name, *does;
} commands[] = {
    {"serve", "run the platform"},
    {"demo", "run the platform with a demonstration province"},
    {"admin", "users: create, list, reset a password"},
    {"import", "ledgers (.xlsx, CSV) into the register"},
    {"export", "the register to .xlsx or CSV"},
    {"device", "what is known of a device; commands to it"},
    {"hj212", "packets to JSON lines and back, conformance"},
    {"plant", "simulated plants; real series as packets"},
    {"journal", "what was received, byte for byte: stat, cat, verify"},
    {"judge", "validity, means and verdicts of records, off line"},
    {"rebuild", "make the store again from the journals"},
    {"report", "rates and periodic reports as JSON, PDF or .xlsx"},
    {"sql", "ask the store"},
    {"bench", "measure"},
};

static int help(FILE *to) {
    fprintf(to, "usage: yanwu COMMAND [...]\n\nYanwu (演武) watches pollution sources.\n\n");
    for (size_t i = 0; i < YW_COUNT(commands); i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].does);
    fprintf(to, "\nyanwu COMMAND --help tells more.\n");
    return to == stdout ? 0 : 2;
}

static bool known(const char *name) {
    for (size_t i = 0; i < YW_COUNT(commands); i++)
        if (strcmp(commands[i].name, name) == 0) return true;
    return false;
}

int main(int argc, char **argv) {
    if (argc < 2) return help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) return help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        printf("yanwu %s\n", YW_VERSION);
        return 0;
    }
    if (!known(argv[1])) {
        fprintf(stderr, "yanwu: there is no command '%s'\n", argv[1]);
        return help(stderr);
    }
    char folder[PATH_MAX], path[PATH_MAX + 64];
    if (!yw_program_folder(folder, sizeof folder)) {
        fprintf(stderr, "yanwu: cannot tell where this program lies (is /proc mounted?)\n");
        return 1;
    }
    snprintf(path, sizeof path, "%s/yanwu-%s", folder, argv[1]);
    if (access(path, X_OK) != 0) snprintf(path, sizeof path, "%s/../libexec/yanwu/yanwu-%s", folder, argv[1]);
    argv[1] = path;
    execv(path, argv + 1);
    perror(path);
    return 1;
}
