/* bsm1_command: `yanwu plant bsm1`. */
#ifndef YW_PLANTS_BSM1_COMMAND_H
#define YW_PLANTS_BSM1_COMMAND_H

/* argv[0] is "bsm1"; returns the exit status. */
int yw_bsm1_command(int argc, char **argv);

#endif
