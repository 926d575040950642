/* What the commands of yanwu-journal share. */
#ifndef YW_CLI_JOURNAL_H
#define YW_CLI_JOURNAL_H

#include "journal/journal.h"

#include <limits.h>

/* A journal on disk: its folder, and its blocks' (has_blocks false: none). */
struct place {
    char name[NAME_MAX + 1];
    char folder[PATH_MAX], blocks[PATH_MAX];
    bool has_blocks;
};
struct places {
    struct place *items;
    size_t count;
};
/* `path` is a journal's folder or a DATA folder (journal/NAME with blocks/NAME beside). only (may be NULL)
 * names one journal of a DATA folder; blocks (may be NULL) says where the blocks of a journal's folder are.
 */
enum yw_code places_find(const char *path, const char *only, const char *blocks, struct places *out,
                         struct yw_error *err);
void places_free(struct places *p);
const char *place_blocks(const struct place *p); /* NULL: none */

/* journal_open.c: the data areas of encrypted packets, with the register of a data folder. */
struct opener;
enum yw_code opener_create(const char *data, const char *master, struct opener **out, struct yw_error *err);
void opener_destroy(struct opener *o);
/* The plain data area, a key in it masked, as a JSON text; or why it stays shut. */
void opener_put(struct opener *o, struct yw_buf *b, const struct yw_record *r);

int journal_stat(int argc, char **argv);
int journal_cat(int argc, char **argv);
int journal_verify(int argc, char **argv);

/* Prints the error and gives the exit status. */
int journal_failed(const struct yw_error *err);

#endif
