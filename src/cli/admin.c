/* yanwu admin: users, from the command line, beside a running platform; and devices' first keys. */
#include "cli/admin.h"
#include "register/register.h"
#include "web/acts.h"
#include "web/json.h"
#include "web/office.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct wish {
    const char *data, *name, *role, *display_name, *area, *unit, *master_key;
    uint32_t enterprise, maintainer;
    bool password_stdin, generate, json, disable, enable, new_master_key;
};

static int fail(const struct yw_error *err) {
    fprintf(stderr, "yanwu admin: %s\n", err->text);
    return 1;
}

static bool read_line(char *to, size_t size) {
    if (fgets(to, (int)size, stdin) == NULL) return false;
    to[strcspn(to, "\r\n")] = '\0';
    return true;
}

/* From standard input, from the terminal without echo, or made up and printed. */
static bool get_password(const struct wish *w, char password[YW_PASSWORD_MOST + 2]) {
    if (w->generate) {
        static const char letters[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        for (int i = 0; i < 16; i++) password[i] = letters[randombytes_uniform(sizeof letters - 1)];
        password[16] = '\0';
        return true;
    }
    struct termios old, quiet;
    bool terminal = !w->password_stdin && isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
    if (!terminal) return read_line(password, YW_PASSWORD_MOST + 2);
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "Password for %s: ", w->name);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    bool good = read_line(password, YW_PASSWORD_MOST + 2);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    fprintf(stderr, "\n");
    return good;
}

static bool fits(char *to, size_t size, const char *from, const char *option) {
    if (from == NULL || yw_copy(to, size, from, strlen(from))) return true;
    fprintf(stderr, "yanwu admin: --%s is too long\n", option);
    return false;
}

static bool fill(const struct wish *w, struct yw_user *u) {
    if (w->role != NULL && !yw_role_parse(w->role, &u->role)) {
        fprintf(stderr, "yanwu admin: --role is one of operator, officer, leader, maintainer, enterprise\n");
        return false;
    }
    if (w->enterprise != 0) u->enterprise = w->enterprise;
    if (w->maintainer != 0) u->maintainer = w->maintainer;
    if (w->disable || w->enable) u->disabled = w->disable;
    return fits(u->display_name, sizeof u->display_name, w->display_name, "display-name") &&
           fits(u->area, sizeof u->area, w->area, "area") && fits(u->unit, sizeof u->unit, w->unit, "unit");
}

static int create_user(struct yw_office *o, const struct wish *w) {
    struct yw_user u = {0};
    struct yw_error err = {0};
    char password[YW_PASSWORD_MOST + 2];
    if (w->role == NULL) {
        fprintf(stderr, "yanwu admin create-user: --role is missing\n");
        return 2;
    }
    if (!fits(u.name, sizeof u.name, w->name, "name") || !fill(w, &u)) return 2;
    if (!get_password(w, password)) {
        fprintf(stderr, "yanwu admin: no password was given\n");
        return 1;
    }
    enum yw_code code = yw_office_user_add(o, &u, password, yw_now(), &err);
    if (code == YW_OK && w->generate) printf("%s\n", password);
    sodium_memzero(password, sizeof password);
    return code == YW_OK ? 0 : fail(&err);
}

static int change_user(struct yw_office *o, const struct wish *w) {
    struct yw_user u;
    struct yw_error err = {0};
    if (yw_office_user(o, w->name, &u, &err) != YW_OK) return fail(&err);
    if (!fill(w, &u)) return 2;
    return yw_office_user_change(o, &u, &err) == YW_OK ? 0 : fail(&err);
}

static int reset_password(struct yw_office *o, const struct wish *w) {
    struct yw_error err = {0};
    char password[YW_PASSWORD_MOST + 2];
    if (!get_password(w, password)) {
        fprintf(stderr, "yanwu admin: no password was given\n");
        return 1;
    }
    enum yw_code code = yw_office_password_set(o, w->name, password, NULL, &err);
    if (code == YW_OK && w->generate) printf("%s\n", password);
    sodium_memzero(password, sizeof password);
    return code == YW_OK ? 0 : fail(&err);
}

static void print_user(void *arg, const struct yw_user *u) {
    const struct wish *w = arg;
    if (!w->json) {
        printf("%-20s %-11s %-9s %-12s %s\n", u->name, yw_role_name(u->role), u->disabled ? "disabled" : "",
               u->area, u->display_name);
        return;
    }
    struct yw_buf b;
    yw_buf_init(&b, 4096);
    yj_open(&b, '{');
    yj_put_text(&b, "name", u->name);
    yj_put_text(&b, "display_name", u->display_name);
    yj_put_text(&b, "role", yw_role_name(u->role));
    yj_put_text(&b, "area", u->area);
    yj_put_text(&b, "unit", u->unit);
    yj_put_i64(&b, "enterprise", u->enterprise);
    yj_put_i64(&b, "maintainer", u->maintainer);
    yj_put_bool(&b, "disabled", u->disabled);
    yj_close(&b, '}');
    printf("%s\n", b.data != NULL ? b.data : "");
    yw_buf_free(&b);
}

int main(int argc, char **argv) {
    struct wish w = {0};
    struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &w.data, "DIR", "data folder"},
        {"name", YW_OPT_TEXT, &w.name, "NAME", "the user: letters, digits, - _ ."},
        {"role", YW_OPT_TEXT, &w.role, "ROLE", "operator, officer, leader, maintainer or enterprise"},
        {"display-name", YW_OPT_TEXT, &w.display_name, "TEXT", "as pages show the user"},
        {"area", YW_OPT_TEXT, &w.area, "CODE", "sees this area and what lies in it (everything without)"},
        {"unit", YW_OPT_TEXT, &w.unit, "TEXT", "the user's unit"},
        {"enterprise", YW_OPT_U32, &w.enterprise, "ID", "of role enterprise"},
        {"maintainer", YW_OPT_U32, &w.maintainer, "ID", "of role maintainer"},
        {"password-stdin", YW_OPT_FLAG, &w.password_stdin, NULL,
         "read the password from standard input, one line"},
        {"generate", YW_OPT_FLAG, &w.generate, NULL, "make a password up and print it"},
        {"disable", YW_OPT_FLAG, &w.disable, NULL, "change-user: the user can no longer sign in"},
        {"enable", YW_OPT_FLAG, &w.enable, NULL, "change-user: the user can sign in again"},
        {"master-key", YW_OPT_TEXT, &w.master_key, "FILE",
         "device-keys: seals them (default: DIR.master.key)"},
        {"new-master-key", YW_OPT_FLAG, &w.new_master_key, NULL,
         "device-keys: make a new one where the master key is lost"},
        {"json", YW_OPT_FLAG, &w.json, NULL, "list-users: one JSON object a line"},
    };
    struct yw_command command = {
        .name = "yanwu admin",
        .usage = "create-user|change-user|reset-password|list-users|device-keys --data DIR [OPTION...]",
        .summary = "Makes and changes users; enters the first keys of devices (HJ 212-2025).",
        .more =
            "The first operator of an installation is made so:\n  yanwu admin create-user --data DIR "
            "--name admin --role operator\ndevice-keys reads lines \"MN KEY [SKCreateTime]\" from standard "
            "input while the platform does not run.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 1};
    int count;
    if (yw_options(&command, argc, argv, &count) != YW_OK) return 2;
    static const struct {
        const char *name;
        int (*run)(struct yw_office *o, const struct wish *w);
    } actions[] = {{"create-user", create_user},
                   {"change-user", change_user},
                   {"reset-password", reset_password},
                   {"list-users", NULL}};
    if (strcmp(argv[1], "device-keys") == 0 && w.data != NULL)
        return admin_device_keys(w.data, w.master_key, w.new_master_key);
    size_t which = 0;
    while (which < YW_COUNT(actions) && strcmp(actions[which].name, argv[1]) != 0) which++;
    if (which == YW_COUNT(actions) || w.data == NULL || (w.name == NULL && actions[which].run != NULL)) {
        fprintf(stderr, "yanwu admin: say create-user, change-user, reset-password, list-users or "
                        "device-keys, --data and "
                        "--name; see --help\n");
        return 2;
    }
    struct yw_error err = {0};
    struct yw_office *o;
    if (yw_make_dirs(w.data, &err) != YW_OK || yw_office_open(w.data, &o, &err) != YW_OK) return fail(&err);
    int status = 0;
    if (actions[which].run != NULL) {
        status = actions[which].run(o, &w);
    } else if (yw_office_users(o, print_user, &w, &err) != YW_OK) {
        status = fail(&err);
    }
    yw_office_close(o);
    return status;
}
