/* yanwu admin device-keys: the ministry's first keys of many devices at once, one line each. */
#include "cli/admin.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "journal/journal.h"
#include "register/register.h"
#include "web/acts.h"

enum { LINE = 256, ACT_BYTES = 4096, PARTS = 3 };

struct entering {
    struct yw_acts *acts;
    const struct yw_register *reg;
    uint8_t master[YW_MASTER_BYTES];
    unsigned line, entered;
};

/* "MN KEY [SKCreateTime]" in place; how many parts there are. */
static size_t split(char *line, char *parts[PARTS]) {
    size_t n = 0;
    for (char *p = line; *p != '\0' && n <= PARTS;) {
        size_t blanks = strspn(p, " \t,\r\n");
        p += blanks;
        if (*p == '\0') break;
        if (n == PARTS) return PARTS + 1;
        parts[n++] = p;
        p += strcspn(p, " \t,\r\n");
        if (*p != '\0') *p++ = '\0';
    }
    return n;
}

static enum yw_code enter(struct entering *e, char *line, struct yw_error *err) {
    char *part[PARTS];
    size_t n = split(line, part);
    uint8_t key[YW_SM4_BYTES];
    if (n == 0) return YW_OK;
    if (n > PARTS || n < 2 || !yw_key_parse(part[1], strlen(part[1]), key)) {
        return yw_fail(
            err, YW_E_FORMAT,
            "line %u: takes MN, a key of 16 characters or 32 hexadecimal digits, and perhaps SKCreateTime",
            e->line);
    }
    const struct yw_device *d = yw_register_device_by_mn(e->reg, part[0], strlen(part[0]));
    if (d == NULL || d->state != YW_DEVICE_ADMITTED) {
        return yw_fail(err, YW_E_NOT_FOUND, "line %u: no device with the MN %.40s is admitted", e->line,
                       part[0]);
    }
    struct yw_device_key k = {.device = d->id,
                              .key_id = yw_register_next_key(e->reg),
                              .state = YW_KEY_CONFIRMED,
                              .source = YW_KEY_MINISTRY};
    if (n == PARTS && !yw_copy(k.created, sizeof k.created, part[2], strlen(part[2]))) {
        return yw_fail(err, YW_E_FORMAT, "line %u: SKCreateTime has 17 digits", e->line);
    }
    const struct yw_act head = {.by = "command line", .at = yw_now()};
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    enum yw_code code = yw_key_seal(e->master, d->id, k.key_id, key, k.key, err);
    sodium_memzero(key, sizeof key);
    if (code == YW_OK && !yw_act_device_key(&act, &head, &k))
        code = yw_fail(err, YW_E_LIMIT, "the act is too long");
    if (code == YW_OK) code = yw_acts_commit(e->acts, act.data, act.len, err);
    yw_buf_free(&act);
    e->entered += code == YW_OK;
    return code;
}

static enum yw_code read_master(struct entering *e, const char *path, bool new_master, struct yw_error *err) {
    size_t known = yw_register_key_count(e->reg);
    if (known == 0 || new_master) return yw_master_load(path, e->master, err);
    enum yw_code code = yw_master_find(path, e->master, err);
    if (code != YW_OK) return code;
    /* Under another master key the keys entered before would be lost without anybody noticing. */
    uint8_t key[YW_SM4_BYTES];
    size_t n;
    const struct yw_device_key *all = yw_register_keys(e->reg, &n);
    code = yw_key_open(e->master, &all[n - 1], key, err);
    sodium_memzero(key, sizeof key);
    return code;
}

int admin_device_keys(const char *data, const char *master_file, bool new_master) {
    struct yw_error err = {0};
    struct entering e = {0};
    char path[4096], line[LINE];
    enum yw_code code = yw_master_path(data, master_file, path, sizeof path, &err);
    if (code == YW_OK) code = yw_acts_open(data, YW_DOMAIN_REAL, &e.acts, &err);
    if (code == YW_E_BUSY)
        yw_fail(&err, code,
                "the platform is running: enter keys on the page of the device, or stop it first");
    if (code == YW_OK) {
        e.reg = yw_acts_lock_alone(e.acts);
        code = read_master(&e, path, new_master, &err);
        while (code == YW_OK && fgets(line, sizeof line, stdin) != NULL) {
            e.line++;
            code = enter(&e, line, &err);
        }
        yw_acts_unlock(e.acts);
    }
    sodium_memzero(line, sizeof line);
    sodium_memzero(e.master, sizeof e.master);
    yw_acts_close(e.acts);
    if (e.entered > 0 || code == YW_OK) printf("%u keys entered\n", e.entered);
    if (code != YW_OK) fprintf(stderr, "yanwu admin: %s\n", err.text);
    return code == YW_OK ? 0 : 1;
}
