/* What the files of yanwu admin share. */
#ifndef YW_CLI_ADMIN_H
#define YW_CLI_ADMIN_H

#include <stdbool.h>

/* Reads lines "MN KEY [SKCreateTime]" from standard input and enters them as keys of the ministry.
 * master_file may be NULL. new_master: where the master key is lost a new one is made; what the old one
 * sealed stays shut. */
int admin_device_keys(const char *data, const char *master_file, bool new_master);

#endif
