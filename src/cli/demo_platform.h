/* demo_platform: what a demonstration needs around its plants: a filled data folder, its mark, and a running
 * `yanwu serve`. */
#ifndef YW_CLI_DEMO_PLATFORM_H
#define YW_CLI_DEMO_PLATFORM_H

#include "base/base.h"

/* ---- the data folder (demo_fill.c) ---- */

/* Imports share/demo/ledger and makes the accounts of share/demo/accounts.csv; DATA/demo-accounts lists them
 * for the sign-in page, lines NAME PASSWORD ROLE. The installation must not be running. */
enum yw_code demo_fill(const char *data, struct yw_error *err);

/* Marks, filings and notices of the last thirty days, as acts of the accounts (demo_filed.c). */
struct yw_register;
enum yw_code demo_file(const char *data, struct yw_register *r, struct yw_error *err);

/* ---- its mark and memory: DATA/demo.json (demo_state.c) ---- */

struct demo_state {
    int64_t first;       /* history begins here */
    int64_t filled_from; /* all of it from here on has been sent and acknowledged */
    int64_t live_until;  /* the plants have lived and sent up to here */
};
/* YW_E_NOT_FOUND: the folder carries no mark. */
enum yw_code demo_state_load(const char *data, struct demo_state *out, struct yw_error *err);
enum yw_code demo_state_save(const char *data, const struct demo_state *s, struct yw_error *err);
/* Removes everything in the folder; refuses a folder that carries no mark and is not empty. */
enum yw_code demo_wipe(const char *data, struct yw_error *err);
bool demo_is_empty(const char *data);

/* ---- serve (demo_serve.c) ---- */

struct demo_serve {
    int pid, out;
    char line[1024]; /* of its output, not yet complete */
    size_t n;
    char device[128], http[160];
    bool ready;
};
/* In a process group of its own: Ctrl-C reaches the demonstration, which ends serve in order. */
enum yw_code demo_serve_start(struct demo_serve *s, const char *data, const char *device, const char *http,
                              struct yw_error *err);
bool demo_serve_read(struct demo_serve *s); /* takes what it printed; false once the output has ended */
bool demo_serve_stop(struct demo_serve *s); /* SIGTERM, SIGKILL after 20 s; true if it ended well */

#endif
