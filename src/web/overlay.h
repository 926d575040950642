/* overlay: what devices of a province or a maker call things, as a data file: share/hj212/overlays/NAME.yaml
 * with name, title, source, confidence and the maps aliases, fields and commands. Its aliases go into the
 * act that chooses it, so that the journal alone decides what data mean. */
#ifndef YW_WEB_OVERLAY_H
#define YW_WEB_OVERLAY_H

#include "register/register.h"

enum { YW_OVERLAY_BYTES_MAX = 64 << 10, YW_OVERLAY_TEXT = 400, YW_OVERLAYS_MAX = 200 };
struct yw_overlay {
    char name[32], title_zh[64], title_en[96], source[YW_OVERLAY_TEXT], confidence[32];
    struct yw_alias aliases[YW_ALIASES_MAX];
    size_t alias_n;
    struct yw_overlay_word { /* a field or a command that only these devices know: shown, never changed */
        char name[32], zh[64], en[96];
    } fields[64], commands[64];
    size_t field_n, command_n;
};
/* Reads text; `where` names the file in errors. */
enum yw_code yw_overlay_read(const char *where, const char *text, size_t n, struct yw_overlay *out,
                             struct yw_error *err);
/* From share/hj212/overlays; YW_E_NOT_FOUND: none of that name. */
enum yw_code yw_overlay_load(const char *name, struct yw_overlay *out, struct yw_error *err);
/* Names of those that are there, in order; how many (at most max). */
size_t yw_overlay_names(char names[][32], size_t max);

#endif
