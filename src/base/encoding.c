#include "base/base.h"

#include <errno.h>
#include <iconv.h>

bool yw_gbk_to_utf8(const char *text, size_t n, struct yw_buf *out) {
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    if (cd == (iconv_t)-1) return false;
    char *in = (char *)(uintptr_t)text;
    char chunk[1024];
    bool good = true;
    while (good && n > 0) {
        char *to = chunk;
        size_t room = sizeof chunk;
        size_t r = iconv(cd, &in, &n, &to, &room);
        if (r == (size_t)-1 && errno != E2BIG) good = false;
        if (good) good = yw_buf_add(out, chunk, sizeof chunk - room);
    }
    iconv_close(cd);
    return good;
}
