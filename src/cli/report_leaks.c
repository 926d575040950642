/* Sanitized builds: what the drawing libraries keep for the life of a process, or lose in finishing a PDF
 * (cairo 1.16), is not ours to free. Leaks of our own files are still told. */
#include "base/base.h"

#if YW_SANITIZED
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libcairo\nleak:libfontconfig\nleak:libpango\nleak:libglib\nleak:libgobject\n";
}
#else
typedef int yw_nothing_to_suppress;
#endif
