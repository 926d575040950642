#include "base/base.h"

#include <errno.h>
#include <string.h>

YW_PRINTF(3, 0)
static void put_text(struct yw_error *err, enum yw_code code, const char *fmt, va_list args) {
    err->code = code;
    if (vsnprintf(err->text, sizeof err->text, fmt, args) < 0) err->text[0] = 0;
}

enum yw_code yw_fail(struct yw_error *err, enum yw_code code, const char *fmt, ...) {
    if (err) {
        va_list args;
        va_start(args, fmt);
        put_text(err, code, fmt, args);
        va_end(args);
    }
    return code;
}

static enum yw_code code_of_errno(int e) {
    switch (e) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return YW_E_FULL;
    case ENOENT:
        return YW_E_NOT_FOUND;
    case EEXIST:
        return YW_E_EXISTS;
    case ENOMEM:
        return YW_E_NOMEM;
    case EACCES:
    case EPERM:
        return YW_E_DENIED;
    case EBUSY:
    case EWOULDBLOCK:
        return YW_E_BUSY;
    default:
        return YW_E_SYSTEM;
    }
}

enum yw_code yw_fail_errno(struct yw_error *err, int errno_value, const char *fmt, ...) {
    enum yw_code code = code_of_errno(errno_value);
    if (!err) return code;
    va_list args;
    va_start(args, fmt);
    put_text(err, code, fmt, args);
    va_end(args);
    size_t n = strlen(err->text);
    char reason[128];
    snprintf(err->text + n, sizeof err->text - n, ": %s", strerror_r(errno_value, reason, sizeof reason));
    return code;
}

const char *yw_code_name(enum yw_code code) {
    switch (code) {
#define X(name, number, text)                                                                                \
    case name:                                                                                               \
        return #name;
        YW_ERROR_TABLE(X)
#undef X
    }
    return "YW_E_?";
}

const char *yw_code_text(enum yw_code code) {
    switch (code) {
#define X(name, number, text)                                                                                \
    case name:                                                                                               \
        return text;
        YW_ERROR_TABLE(X)
#undef X
    }
    return "unknown error";
}
