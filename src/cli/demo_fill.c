/* demo_fill: the demonstration province into a fresh data folder. Enterprises and people in it are invented.
 */
#include "demo_platform.h"

#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"
#include "plants/plants.h"
#include "register/ledger.h"
#include "web/office.h"

enum { PATH_SIZE = 4096, ACCOUNTS_FILE_MAX = 64 << 10 };
enum {
    COLUMN_NAME,
    COLUMN_DISPLAY,
    COLUMN_ROLE,
    COLUMN_AREA,
    COLUMN_UNIT,
    COLUMN_ENTERPRISE,
    COLUMN_MAINTAINER,
    COLUMN_PASSWORD,
    COLUMNS
};

/* ---- ledgers ---- */

/* Into the journal and into the register. */
static enum yw_code commit_act(const char *data, const struct yw_buf *act, struct yw_register *r,
                               struct yw_error *err) {
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/journal/acts", data);
    struct yw_journal *acts = NULL;
    enum yw_code code = yw_make_dirs(folder, err);
    if (!code) code = yw_journal_open_sized(yw_io_system(), folder, "acts", 4 << 20, &acts, NULL, err);
    if (code) return code;
    struct yw_record record = {.arrival = yw_now(),
                               .direction = YW_DIR_ACT,
                               .domain = YW_DOMAIN_DEMO,
                               .payload = act->data,
                               .length = (uint32_t)act->len};
    code = yw_journal_append(acts, &record, err);
    if (!code) code = yw_journal_commit(acts, err);
    yw_journal_close(acts);
    return code ? code : yw_register_apply(r, act->data, act->len, err);
}

static struct yw_act act_head(const char *reason) {
    return (struct yw_act){.by = "demo", .reason = reason, .at = yw_now()};
}

static enum yw_code write_act(const char *data, const struct yw_register_put *put, struct yw_register *r,
                              struct yw_error *err) {
    struct yw_buf text;
    yw_buf_init(&text, YW_ACT_MAX);
    struct yw_act act = act_head("demonstration province");
    enum yw_code code = YW_OK;
    if (!yw_act_register_put(&text, &act, put))
        code = yw_fail(err, YW_E_LIMIT, "the demonstration ledgers are too long");
    if (!code) code = commit_act(data, &text, r, err);
    yw_buf_free(&text);
    return code;
}

static enum yw_code import_ledgers(const char *data, struct yw_register *r, struct yw_error *err) {
    char path[PATH_SIZE];
    enum yw_code code = yw_share_path("demo/ledger", path, sizeof path, err);
    if (code) return code;
    struct yw_book *book = yw_book_create();
    if (!book) return yw_fail(err, YW_E_NOMEM, "no memory for the ledgers");
    struct yw_import plan = {.changed = 0};
    uint8_t secret[32];
    code = yw_book_read_path(book, path, err);
    if (!code) code = yw_secret_load(data, secret, err);
    if (!code) {
        code = yw_import_plan(r, book, secret, &plan, err);
        if (code == YW_E_FORMAT && plan.error_n)
            yw_fail(err, code, "%s: sheet %s, row %u, %s: %s", path, plan.errors[0].sheet, plan.errors[0].row,
                    plan.errors[0].column, plan.errors[0].text_en);
        if (!code) code = write_act(data, &plan.put, r, err);
        yw_import_free(&plan);
    }
    yw_book_destroy(book);
    return code;
}

/* ---- what operators know of single devices: their keys, and what they call their factors ---- */

static const struct yw_device *device_of(const struct yw_register *r, const char *mn) {
    size_t n;
    const struct yw_device *d = yw_register_devices(r, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(d[i].mn, mn) == 0) return &d[i];
    return NULL;
}

static enum yw_code register_key(const char *data, const struct yw_logger_rule *l, uint32_t device,
                                 struct yw_register *r, struct yw_error *err) {
    char path[PATH_SIZE];
    uint8_t master[YW_MASTER_BYTES], key[YW_SM4_BYTES];
    struct yw_device_key k = {.device = device,
                              .key_id = yw_register_next_key(r),
                              .state = YW_KEY_CONFIRMED,
                              .source = YW_KEY_MINISTRY};
    memcpy(key, l->key, sizeof key);
    yw_copy(k.created, sizeof k.created, l->key_created, strlen(l->key_created));
    enum yw_code code = yw_master_path(data, NULL, path, sizeof path, err);
    if (!code) code = yw_master_load(path, master, err);
    if (!code) code = yw_key_seal(master, device, k.key_id, key, k.key, err);
    if (code) return code;
    struct yw_buf text;
    yw_buf_init(&text, YW_ACT_MAX);
    struct yw_act act = act_head("initial key of the device");
    yw_act_device_key(&text, &act, &k);
    code = commit_act(data, &text, r, err);
    yw_buf_free(&text);
    return code;
}

static enum yw_code register_names(const char *data, const struct yw_scenario *s, uint32_t device,
                                   struct yw_register *r, struct yw_error *err) {
    struct yw_device_set *set = calloc(1, sizeof *set);
    if (!set) return yw_fail(err, YW_E_NOMEM, "no memory for names of factors");
    set->members = YW_SET_ALIASES;
    for (size_t i = 0; i < s->factor_count && set->alias_n < YW_ALIASES_MAX; i++) {
        const struct yw_plant_factor *f = &s->factors[i];
        if (!f->wire[0]) continue;
        struct yw_alias *a = &set->aliases[set->alias_n++];
        yw_copy(a->from, sizeof a->from, f->wire, strlen(f->wire));
        yw_copy(a->to, sizeof a->to, f->code, strlen(f->code));
    }
    enum yw_code code = YW_OK;
    struct yw_buf text;
    yw_buf_init(&text, YW_ACT_MAX);
    struct yw_act act = act_head("names the device uses");
    yw_act_device_set(&text, &act, device, set);
    if (set->alias_n) code = commit_act(data, &text, r, err);
    yw_buf_free(&text);
    free(set);
    return code;
}

static enum yw_code register_peculiar(const char *data, struct yw_register *r, struct yw_error *err) {
    char table[PATH_SIZE], folder[PATH_SIZE];
    struct yw_host_outlet *outlets = NULL;
    struct yw_effect_book *effects = NULL;
    size_t n = 0;
    enum yw_code code = yw_share_path("demo/plants.csv", table, sizeof table, err);
    if (!code) code = yw_share_path("scenarios", folder, sizeof folder, err);
    if (!code) code = yw_book_load(&effects, err);
    if (!code) code = yw_province_load(table, folder, effects, yw_now(), &outlets, &n, err);
    for (size_t i = 0; !code && i < n; i++) {
        const struct yw_scenario *s = &outlets[i].scenario;
        const struct yw_device *d = device_of(r, s->mn);
        if (!d) continue; /* not admitted */
        uint32_t id = d->id;
        if (s->logger.key[0]) code = register_key(data, &s->logger, id, r, err);
        if (!code) code = register_names(data, s, id, r, err);
    }
    free(outlets);
    free(effects);
    return code;
}

/* ---- accounts ---- */

static uint32_t enterprise_id(const struct yw_register *r, const char *credit_code) {
    size_t n;
    const struct yw_enterprise *e = yw_register_enterprises(r, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(e[i].credit_code, credit_code) == 0) return e[i].id;
    return 0;
}

static uint32_t maintainer_id(const struct yw_register *r, const char *name) {
    size_t n;
    const struct yw_maintainer *m = yw_register_maintainers(r, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(m[i].name, name) == 0) return m[i].id;
    return 0;
}

static enum yw_code add_account(struct yw_office *office, const struct yw_register *r, const char *const *f,
                                size_t line, struct yw_error *err) {
    struct yw_user u = {.disabled = false};
    bool fits =
        yw_copy(u.name, sizeof u.name, f[COLUMN_NAME], strlen(f[COLUMN_NAME])) &&
        yw_copy(u.display_name, sizeof u.display_name, f[COLUMN_DISPLAY], strlen(f[COLUMN_DISPLAY])) &&
        yw_copy(u.area, sizeof u.area, f[COLUMN_AREA], strlen(f[COLUMN_AREA])) &&
        yw_copy(u.unit, sizeof u.unit, f[COLUMN_UNIT], strlen(f[COLUMN_UNIT])) &&
        yw_role_parse(f[COLUMN_ROLE], &u.role);
    if (f[COLUMN_ENTERPRISE][0]) fits &= (u.enterprise = enterprise_id(r, f[COLUMN_ENTERPRISE])) != 0;
    if (f[COLUMN_MAINTAINER][0]) fits &= (u.maintainer = maintainer_id(r, f[COLUMN_MAINTAINER])) != 0;
    if (!fits)
        return yw_fail(err, YW_E_FORMAT, "demo/accounts.csv, line %zu: name, role or enterprise is wrong",
                       line);
    return yw_office_user_add(office, &u, f[COLUMN_PASSWORD], yw_now(), err);
}

static enum yw_code add_rows(struct yw_csv *csv, struct yw_office *office, const struct yw_register *r,
                             struct yw_buf *list, struct yw_error *err) {
    const char *const *f;
    size_t count;
    enum yw_code code = yw_csv_row(csv, &f, &count, err); /* the head */
    while (!code && !(code = yw_csv_row(csv, &f, &count, err))) {
        if (count != COLUMNS)
            return yw_fail(err, YW_E_FORMAT, "demo/accounts.csv, line %zu: not %d fields", yw_csv_line(csv),
                           COLUMNS);
        code = add_account(office, r, f, yw_csv_line(csv), err);
        yw_buf_printf(list, "%s %s %s\n", f[COLUMN_NAME], f[COLUMN_PASSWORD], f[COLUMN_ROLE]);
    }
    return code == YW_E_END ? YW_OK : code;
}

static enum yw_code make_accounts(const char *data, const struct yw_register *r, struct yw_error *err) {
    char path[PATH_SIZE];
    struct yw_buf text, list;
    struct yw_office *office = NULL;
    yw_buf_init(&text, ACCOUNTS_FILE_MAX);
    yw_buf_init(&list, ACCOUNTS_FILE_MAX);
    enum yw_code code = yw_share_path("demo/accounts.csv", path, sizeof path, err);
    if (!code) code = yw_file_read(path, ACCOUNTS_FILE_MAX - 1, &text, err);
    if (!code) code = yw_office_open(data, &office, err);
    if (!code) {
        struct yw_csv *csv = yw_csv_open(text.data ? text.data : "", text.len, err);
        code = csv ? add_rows(csv, office, r, &list, err) : YW_E_FORMAT;
        yw_csv_close(csv);
        yw_office_close(office);
    }
    snprintf(path, sizeof path, "%s/demo-accounts", data);
    if (!code) code = yw_file_replace(yw_io_system(), path, list.data, list.len, err);
    yw_buf_free(&text);
    yw_buf_free(&list);
    return code;
}

enum yw_code demo_fill(const char *data, struct yw_error *err) {
    struct yw_register *r = yw_register_create();
    if (!r) return yw_fail(err, YW_E_NOMEM, "no memory for the register");
    enum yw_code code = import_ledgers(data, r, err);
    if (!code) code = register_peculiar(data, r, err);
    if (!code) code = make_accounts(data, r, err);
    if (!code) code = demo_file(data, r, err);
    yw_register_destroy(r);
    return code;
}
