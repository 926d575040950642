/* yanwu-courier: started by yanwu serve. */
#include "courier/courier.h"

#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { JOURNALS_US = 5000000, STATE_US = 1000000 };

static struct target *find(struct courier *c, uint32_t id) {
    for (size_t i = 0; i < c->target_n; i++) {
        if (c->targets[i]->config.id == id) return c->targets[i];
    }
    return NULL;
}

static void drop_gone(struct courier *c) {
    size_t kept = 0;
    for (size_t i = 0; i < c->target_n; i++) {
        struct target *t = c->targets[i];
        uint32_t id = t->config.id;
        if (yw_register_target(c->reg, id) != NULL) {
            c->targets[kept++] = t;
            continue;
        }
        target_destroy(t);
        courier_places_forget(c, id);
    }
    c->target_n = kept;
}

/* Targets as the register has them. */
static void take_targets(struct courier *c) {
    size_t n;
    const struct yw_target *all = yw_register_targets(c->reg, &n);
    drop_gone(c);
    for (size_t i = 0; i < n; i++) {
        struct target *t = find(c, all[i].id);
        if (t == NULL) {
            t = target_create(c, &all[i]);
            if (t != NULL) c->targets[c->target_n++] = t;
        } else if (memcmp(&t->config, &all[i], sizeof all[i]) != 0) {
            target_configure(t, &all[i]);
        }
    }
}

static void on_tick(uv_timer_t *timer) {
    struct courier *c = timer->data;
    int64_t now = yw_now();
    if (courier_follow(c)) take_targets(c);
    for (size_t i = 0; i < c->target_n; i++) target_turn(c->targets[i], now);
    if (now - c->journals_at >= JOURNALS_US) c->journals_at = now;
    if (now - c->state_at < STATE_US) return;
    c->state_at = now;
    courier_state_write(c, now);
}

static void on_signal(uv_signal_t *s, int number) {
    YW_UNUSED(number);
    uv_stop(s->loop);
}

static void on_walk(uv_handle_t *h, void *arg) {
    YW_UNUSED(arg);
    if (!uv_is_closing(h)) uv_close(h, NULL);
}

static enum yw_code serve(struct courier *c, struct yw_error *err) {
    int n = snprintf(c->folder, sizeof c->folder, "%s/courier", c->data);
    if (n < 0 || (size_t)n >= sizeof c->folder)
        return yw_fail(err, YW_E_LIMIT, "the data folder's name is too long");
    enum yw_code code = yw_make_dirs(c->folder, err);
    if (code != YW_OK) return code;
    char master[4200];
    code = yw_master_path(c->data, c->master_file, master, sizeof master, err);
    if (code != YW_OK) return code;
    c->reg = yw_register_create();
    c->keyring = yw_keyring_create(master);
    if (c->reg == NULL || c->keyring == NULL || uv_loop_init(&c->loop) != 0)
        return yw_fail(err, YW_E_NOMEM, "no memory for the courier");
    uv_timer_init(&c->loop, &c->tick);
    uv_signal_init(&c->loop, &c->term);
    uv_signal_init(&c->loop, &c->interrupt);
    c->tick.data = c;
    uv_timer_start(&c->tick, on_tick, 0, COURIER_TICK_MS);
    uv_signal_start(&c->term, on_signal, SIGTERM);
    uv_signal_start(&c->interrupt, on_signal, SIGINT);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < c->target_n; i++) target_destroy(c->targets[i]);
    uv_close((uv_handle_t *)&c->tick, NULL);
    uv_close((uv_handle_t *)&c->term, NULL);
    uv_close((uv_handle_t *)&c->interrupt, NULL);
    uv_walk(&c->loop, on_walk, NULL);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    uv_loop_close(&c->loop);
    if (c->acts != NULL) yw_reader_close(c->acts);
    yw_keyring_destroy(c->keyring);
    yw_register_destroy(c->reg);
    return YW_OK;
}

int main(int argc, char **argv) {
    struct courier *c = calloc(1, sizeof *c);
    if (c == NULL) return 1;
    c->domain = "real";
    const struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &c->data, "DIR", "data folder"},
        {"domain", YW_OPT_TEXT, &c->domain, "KIND", "real; in other domains nothing is forwarded"},
        {"master-key", YW_OPT_TEXT, &c->master_file, "FILE", "master key of the devices' SM4 keys"},
    };
    const struct yw_command cmd = {
        .name = "yanwu-courier",
        .usage = "--data DIR [OPTION...]",
        .summary =
            "Forwards packets to upper platforms and brings their requests down; started by yanwu serve.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
    };
    int count = 0;
    struct yw_error err = {0};
    yw_log_setup("yanwu-courier", YW_LOG_INFO);
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) {
        free(c);
        return 2;
    }
    if (c->data == NULL || strcmp(c->domain, "real") != 0) {
        yw_log(YW_LOG_ERROR,
               c->data == NULL ? "--data is missing: name the data folder"
                               : "only a real domain forwards; this one is %s",
               c->domain);
        free(c);
        return 2;
    }
    if (sodium_init() < 0) {
        free(c);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    enum yw_code code = serve(c, &err);
    if (code != YW_OK) yw_log(YW_LOG_ERROR, "%s", err.text);
    sodium_memzero(c->secret, sizeof c->secret);
    free(c);
    return code == YW_OK ? 0 : 1;
}
