/* sim_io: an I/O table over a file system in memory that can lose its power, fill up, fail to sync and move
 * its clock.
 *
 * It is as unkind as POSIX allows. What was written and not synced may be on the disk wholly, in part
 * (sectors in any order, a sector torn between two words of 8 bytes) or not at all; what was synced stays,
 * also in a sector that is written again afterwards (disks promise that much). A file that was made, renamed
 * or removed may reappear or vanish until its folder is synced; syncing a file does not sync its name. After
 * a failed sync the bytes count as clean: a later sync does not write them, and reading may give the old ones
 * again.
 *
 * One seed, one history: everything random comes from the seed. Not for several threads. Handles are no file
 * descriptors of the system (mmap and flock say EBADF). Folders exist by themselves. */
#ifndef YW_SIM_IO_H
#define YW_SIM_IO_H

#include "base/base.h"

struct sim;
struct sim *sim_create(uint64_t seed);
void sim_destroy(struct sim *s);
const struct yw_io *sim_io(struct sim *s);

/* Power is lost now: every handle is dead, the files are what a disk would hold. */
void sim_cut(struct sim *s);
/* The process dies: handles are dead, the files stay as they were. */
void sim_kill(struct sim *s);
/* The power goes within the n-th changing operation from now (1: the next; 0: never). From then on every
 * operation fails with -EIO until sim_cut. */
void sim_cut_within(struct sim *s, uint64_t n);
bool sim_dark(const struct sim *s);           /* the power is gone and sim_cut not yet called */
uint64_t sim_operations(const struct sim *s); /* changing operations so far */

void sim_space(struct sim *s, int64_t bytes);  /* free space from now on; -1: endless */
void sim_fail_syncs(struct sim *s, int count); /* so many of the next syncs of files fail with -EIO */
void sim_fail_dir_syncs(struct sim *s, int count);
void sim_clock(struct sim *s, int64_t now); /* what io->now says; it stands still otherwise */

/* The present bytes of a file (NULL if there is none), and their number. */
const uint8_t *sim_bytes(struct sim *s, const char *path, size_t *size);
/* Damages one byte, on the disk too; false if the file has no such byte. */
bool sim_flip(struct sim *s, const char *path, size_t offset, uint8_t mask);
/* Makes or replaces a file, on the disk too. */
void sim_put(struct sim *s, const char *path, const void *bytes, size_t n);
uint64_t sim_random(struct sim *s, uint64_t below);
size_t sim_files(const struct sim *s, const char *folder); /* entries in a folder */

#endif
