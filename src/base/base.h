/* base: what every other folder stands on. Bounded buffers, checked numbers, civil time, CSV, errors, log,
 * and the I/O table through which every durable write goes.
 *
 * Times are int64_t microseconds since 1970 UTC. HJ 212 civil time is UTC+8 and is converted at the codec's
 * edge. */
#ifndef YW_BASE_H
#define YW_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define YW_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define YW_UNUSED(x)         ((void)(x))
#define YW_COUNT(a)          (sizeof(a) / sizeof((a)[0]))

/* Sanitizer builds need more of the system than a locked-in process is allowed. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define YW_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define YW_SANITIZED 1
#endif
#endif
#ifndef YW_SANITIZED
#define YW_SANITIZED 0
#endif

/* ---- errors: a code from one table plus a sentence that says what, where and what to do ---- */

#define YW_ERROR_TABLE(X)                                                                                    \
    X(YW_OK, 0, "done")                                                                                      \
    X(YW_E_USAGE, 2, "wrong use")                                                                            \
    X(YW_E_SYSTEM, 10, "the operating system refused")                                                       \
    X(YW_E_NOMEM, 11, "out of memory")                                                                       \
    X(YW_E_FULL, 12, "no space left")                                                                        \
    X(YW_E_LIMIT, 13, "over a limit")                                                                        \
    X(YW_E_NOT_FOUND, 14, "not found")                                                                       \
    X(YW_E_EXISTS, 15, "already there")                                                                      \
    X(YW_E_BUSY, 16, "in use")                                                                               \
    X(YW_E_DENIED, 17, "not allowed")                                                                        \
    X(YW_E_FORMAT, 20, "not in the expected format")                                                         \
    X(YW_E_CORRUPT, 21, "damaged")                                                                           \
    X(YW_E_VERSION, 22, "of a version this program does not know")                                           \
    X(YW_E_RANGE, 23, "outside its range")                                                                   \
    X(YW_E_STATE, 24, "not possible now")                                                                    \
    X(YW_E_END, 30, "no more")

enum yw_code {
#define X(name, number, text) name = number,
    YW_ERROR_TABLE(X)
#undef X
};

/* An error as a value. Callers own it; `text` is always terminated. A NULL yw_error* is accepted everywhere.
 */
struct yw_error {
    enum yw_code code;
    char text[320];
};

/* Fill err (may be NULL) and return code, so that `return yw_fail(err, YW_E_..., "...")` reads well. */
enum yw_code yw_fail(struct yw_error *err, enum yw_code code, const char *fmt, ...) YW_PRINTF(3, 4);
/* The same with ": " and strerror(errno_value) behind; ENOSPC, EDQUOT and EFBIG become YW_E_FULL, ENOENT
 * NOT_FOUND.
 */
enum yw_code yw_fail_errno(struct yw_error *err, int errno_value, const char *fmt, ...) YW_PRINTF(3, 4);
const char *yw_code_name(enum yw_code code); /* "YW_E_FULL" */
const char *yw_code_text(enum yw_code code); /* "no space left" */

/* ---- log: one line on standard error; nothing below layer 3 logs ---- */

enum yw_log_level { YW_LOG_ERROR, YW_LOG_WARN, YW_LOG_INFO, YW_LOG_DEBUG };
void yw_log_setup(const char *program, enum yw_log_level most);
void yw_log(enum yw_log_level level, const char *fmt, ...) YW_PRINTF(2, 3);

/* ---- bounded buffer: born with a maximum, grows up to it, never past it ---- */

struct yw_buf {
    char *data; /* terminated by a NUL that len does not count, once anything was added */
    size_t len, cap, max;
    bool failed; /* sticky: over the maximum or out of memory; later adds are no-ops */
};
void yw_buf_init(struct yw_buf *b, size_t max);
void yw_buf_free(struct yw_buf *b);
void yw_buf_clear(struct yw_buf *b); /* keeps the memory, clears `failed` */
bool yw_buf_add(struct yw_buf *b, const void *bytes, size_t n);
bool yw_buf_puts(struct yw_buf *b, const char *text);
bool yw_buf_putc(struct yw_buf *b, char c);
bool yw_buf_printf(struct yw_buf *b, const char *fmt, ...) YW_PRINTF(2, 3);
/* Appends text as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD. */
bool yw_buf_json(struct yw_buf *b, const char *text, size_t n);
bool yw_buf_hex(struct yw_buf *b, const void *bytes, size_t n); /* upper case */

/* Copies text into a fixed array, cutting it at a character border; false if it was cut. */
bool yw_copy(char *to, size_t size, const char *from, size_t n);

/* ---- arena: many small allocations, one free ---- */

struct yw_arena;
struct yw_arena *yw_arena_create(size_t max_bytes);
void yw_arena_destroy(struct yw_arena *a);
void yw_arena_reset(struct yw_arena *a);
void *yw_arena_alloc(struct yw_arena *a, size_t bytes); /* zeroed, 16-aligned; NULL over the maximum */
char *yw_arena_text(struct yw_arena *a, const char *text, size_t n);

/* ---- text to number: the whole of [text, text+n) must be the number ---- */

bool yw_parse_i64(const char *text, size_t n, int64_t *out);
bool yw_parse_u64(const char *text, size_t n, uint64_t *out);
bool yw_parse_u32(const char *text, size_t n, uint32_t max, uint32_t *out);
bool yw_parse_u16(const char *text, size_t n, uint16_t *out);
bool yw_parse_f64(const char *text, size_t n,
                  double *out); /* finite only, '.' as the point in every locale */
bool yw_parse_hex(const char *text, size_t n, void *out, size_t out_size, size_t *out_len);
/* "10", "10s", "5m", "2h", "30d" -> seconds; "64K", "4M", "1G" -> bytes. */
bool yw_parse_duration_s(const char *text, int64_t *out);
bool yw_parse_size(const char *text, uint64_t *out);

/* ---- time ---- */

#define YW_SECOND ((int64_t)1000000)
#define YW_MINUTE (60 * YW_SECOND)
#define YW_HOUR   (60 * YW_MINUTE)
#define YW_DAY    (24 * YW_HOUR)
#define YW_CHINA  (8 * YW_HOUR) /* civil time of HJ 212 is UTC+8 */

struct yw_civil {
    int year, month, day, hour, minute, second, micro;
};
/* Proleptic Gregorian; years 1 to 9999. Offsets are added before breaking up / subtracted after. */
bool yw_time_from_civil(const struct yw_civil *c, int64_t offset_us, int64_t *out);
void yw_time_to_civil(int64_t time, int64_t offset_us, struct yw_civil *out);
/* The number of the civil day in UTC+8 since 1970-01-01, and back to its first instant. */
int32_t yw_china_day(int64_t time);
int64_t yw_china_day_start(int32_t day);
/* "2026-11-23T13:41:26.123456+08:00" (fraction left out where zero); out must hold 40 bytes. */
void yw_time_text(int64_t time, char out[40]);
/* Accepts YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]][Z|±HH:MM] (UTC+8 without zone), YYYY-MM-DD, YYYYMMDDhhmmss[zzz].
 */
bool yw_time_parse(const char *text, size_t n, int64_t *out);
int64_t yw_now(void);       /* wall clock; only layers 3 and 4 call it, others take time as an argument */
int64_t yw_monotonic(void); /* for measuring durations */

/* ---- text ---- */

bool yw_utf8_valid(const char *text, size_t n);
/* GB 18030 (a superset of GBK) to UTF-8; false if it is not valid GB 18030. */
bool yw_gbk_to_utf8(const char *text, size_t n, struct yw_buf *out);

/* ---- CSV (RFC 4180; CR LF or LF; UTF-8 with or without mark, or GBK converted) ---- */

struct yw_csv; /* reads from memory; fields are valid until the next row */
struct yw_csv *yw_csv_open(const char *text, size_t n, struct yw_error *err);
void yw_csv_close(struct yw_csv *c);
/* YW_OK with a row, YW_E_END after the last, YW_E_FORMAT with line number in err. */
enum yw_code yw_csv_row(struct yw_csv *c, const char *const **fields, size_t *count, struct yw_error *err);
size_t yw_csv_line(const struct yw_csv *c); /* line on which the present row began, from 1 */
bool yw_csv_put(struct yw_buf *out, const char *field, bool last); /* writes one field and its separator */

/* Whole file into memory, refused above max. The buffer must be initialised by yw_buf_init. */
enum yw_code yw_file_read(const char *path, size_t max, struct yw_buf *out, struct yw_error *err);
/* Writes a temporary file beside path, syncs it, renames it over path and syncs the folder. */
struct yw_io;
enum yw_code yw_file_replace(const struct yw_io *io, const char *path, const void *bytes, size_t n,
                             struct yw_error *err);
enum yw_code yw_make_dirs(const char *path, struct yw_error *err); /* mkdir -p, mode 0700 */
/* Folder of the running program: other programs of the project lie beside it. */
bool yw_program_folder(char *out, size_t size);
/* Where share/NAME lies: $YANWU_SHARE, the checkout the build folder is in, or the installed place. */
enum yw_code yw_share_path(const char *name, char *out, size_t size, struct yw_error *err);

/* ---- the I/O table: every durable write goes through it, so that tests can drop, tear or reorder whatever
 * was not synced, fill the disk and move the clock. Functions return -errno on failure. ---- */

struct yw_io {
    void *ctx;
    /* flags: O_RDONLY/O_RDWR/O_CREAT/O_EXCL as in open(2); returns a handle >= 0 */
    int (*open)(void *ctx, const char *path, int flags);
    int (*close)(void *ctx, int fd);
    ssize_t (*pread)(void *ctx, int fd, void *bytes, size_t n, int64_t offset);
    ssize_t (*pwrite)(void *ctx, int fd, const void *bytes, size_t n, int64_t offset);
    int (*sync)(void *ctx, int fd);                   /* fdatasync */
    int (*truncate)(void *ctx, int fd, int64_t size); /* also grows; size change is durable after sync */
    int (*allocate)(void *ctx, int fd, int64_t size); /* reserve and zero; may fail with ENOSPC */
    int64_t (*size)(void *ctx, int fd);
    int (*sync_dir)(void *ctx, const char *path); /* makes creations, renames and removals durable */
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*remove)(void *ctx, const char *path);
    /* calls each(name) for every entry but . and ..; stops when each returns false */
    int (*list)(void *ctx, const char *path, bool (*each)(void *arg, const char *name), void *arg);
    int64_t (*now)(void *ctx); /* wall clock, microseconds */
};
const struct yw_io *yw_io_system(void); /* the real one */

/* ---- checksums and hashes ---- */

uint64_t yw_hash64(const void *bytes, size_t n, uint64_t seed); /* XXH3: tables, checksums of records */
void yw_sha256(const void *bytes, size_t n, uint8_t out[32]);   /* proofs */

/* ---- little-endian on disk ---- */

static inline void yw_put_u16(void *p, uint16_t v) {
    uint8_t *b = p;
    b[0] = (uint8_t)v, b[1] = (uint8_t)(v >> 8);
}
static inline void yw_put_u32(void *p, uint32_t v) {
    uint8_t *b = p;
    for (int i = 0; i < 4; i++) b[i] = (uint8_t)(v >> (8 * i));
}
static inline void yw_put_u64(void *p, uint64_t v) {
    uint8_t *b = p;
    for (int i = 0; i < 8; i++) b[i] = (uint8_t)(v >> (8 * i));
}
static inline uint16_t yw_get_u16(const void *p) {
    const uint8_t *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}
static inline uint32_t yw_get_u32(const void *p) {
    const uint8_t *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t yw_get_u64(const void *p) {
    return (uint64_t)yw_get_u32(p) | (uint64_t)yw_get_u32((const uint8_t *)p + 4) << 32;
}

/* ---- options of a command: one table feeds the parser, --help and the man page ---- */

enum yw_opt_kind { YW_OPT_FLAG, YW_OPT_TEXT, YW_OPT_U32, YW_OPT_SIZE, YW_OPT_SECONDS, YW_OPT_TIME };
struct yw_opt {
    const char *name; /* without the dashes */
    enum yw_opt_kind kind;
    void *target; /* bool*, const char**, uint32_t*, uint64_t*, int64_t*, int64_t* (in the order of the kinds)
                   */
    const char *hint; /* "PORT" */
    const char *help;
};
struct yw_command {
    const char *name;    /* "yanwu journal cat" */
    const char *usage;   /* "[OPTION...] FOLDER" */
    const char *summary; /* one sentence */
    const char *more;    /* further help, may be NULL */
    const struct yw_opt *opts;
    size_t opt_count;
    int least, most; /* positional arguments */
};
/* Parses argv[1..]; positional arguments are moved to argv[1..*count]. Prints help and exits 0 on --help:
 * call it from layer 4 only. Returns YW_E_USAGE after printing what is wrong. */
enum yw_code yw_options(const struct yw_command *cmd, int argc, char **argv, int *count);

#endif
