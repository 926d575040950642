/* yanwu journal stat|cat|verify */
#include "cli/journal.h"

#include <string.h>

static const char help[] =
    "usage: yanwu journal COMMAND [OPTION...] FOLDER\n\n"
    "Looks into journals, the record of everything that devices sent and people did.\n\n"
    "commands:\n"
    "  stat     how much each journal holds, since when, how well it is compressed\n"
    "  cat      records as JSON lines, or their bytes\n"
    "  verify   reads everything and says what is damaged\n\n"
    "FOLDER is a data folder or the folder of one journal.\n"
    "See yanwu journal COMMAND --help.\n";

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{"stat", journal_stat}, {"cat", journal_cat}, {"verify", journal_verify}};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < YW_COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    if (argc > 1)
        fprintf(stderr, "yanwu journal: there is no command %s. See yanwu journal --help.\n", argv[1]);
    else
        fputs(help, stderr);
    return 2;
}
