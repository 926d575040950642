/* yanwu hj212 decode|encode|check|probe */
#include "hj212_cli.h"

#include <string.h>

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *what;
} commands[] = {
    {"decode", hj212_decode_main, "bytes of any stream -> one JSON object a line for each packet"},
    {"encode", hj212_encode_main, "such JSON lines -> frames"},
    {"check", hj212_check_main, "a conformance report: what in a stream departs from the standards"},
    {"probe", hj212_probe_main, "tests a field device: plays the host and reports each rule"},
};

static void usage(FILE *to) {
    fprintf(to, "usage: yanwu hj212 COMMAND [OPTION...] [FILE]\n\n"
                "Packets of HJ/T 212-2005, HJ 212-2017 and HJ 212-2025.\n\ncommands:\n");
    for (size_t i = 0; i < YW_COUNT(commands); i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].what);
    fprintf(to, "\nyanwu hj212 COMMAND --help tells more.\n");
}

int main(int argc, char **argv) {
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        usage(stdout);
        return 0;
    }
    for (size_t i = 0; argc >= 2 && i < YW_COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].main(argc - 1, argv + 1);
    if (argc >= 2) fprintf(stderr, "yanwu hj212: there is no command %s\n", argv[1]);
    usage(stderr);
    return 2;
}
