/* What hardly ever changes: the installation, areas, units, factors, the description of the API. */
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

static const char *domain_name(uint8_t domain) {
    return domain == YW_DOMAIN_DEMO ? "demo" : domain == YW_DOMAIN_TRAINING ? "training" : "real";
}

YW_HANDLER(yw_get_factors) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "factors");
    yj_open(b, '[');
    for (size_t i = 0; i < q->web->factors.n; i++) {
        const struct yw_factor_name *f = &q->web->factors.at[i];
        yj_open(b, '{');
        yj_put_text(b, "code", f->code);
        yj_put_text(b, "name_zh", f->name_zh);
        yj_put_text(b, "name_en", f->name_en);
        yj_put_text(b, "unit", f->unit);
        yj_put_text(b, "medium", f->medium);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

/* ---- areas and units ---- */

/* An officer sees his subtree, and above it the way to the root, so that the tree can be drawn. */
static bool shows_area(const struct yw_request *q, const char *code) {
    const struct yw_user *u = &q->session.user;
    return yw_sees_area(q->reg, u, code) || yw_register_area_within(q->reg, u->area, code);
}

YW_HANDLER(yw_get_areas) {
    size_t n;
    const struct yw_area *a = yw_register_areas(q->reg, &n);
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "areas");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (!shows_area(q, a[i].code)) continue;
        yj_open(b, '{');
        yj_put_text(b, "code", a[i].code);
        yj_put_text_or_null(b, "parent", a[i].parent);
        yj_put_text(b, "name", a[i].name);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

/* A unit that serves no area in particular is there for everybody. */
YW_HANDLER(yw_get_units) {
    size_t n;
    const struct yw_unit *u = yw_register_units(q->reg, &n);
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "units");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (u[i].area[0] != '\0' && !shows_area(q, u[i].area)) continue;
        const struct yw_area *a = yw_register_area(q->reg, u[i].area);
        yj_open(b, '{');
        yj_put_text(b, "code", u[i].code);
        yj_put_text_or_null(b, "parent", u[i].parent);
        yj_put_text(b, "name", u[i].name);
        yj_put_text_or_null(b, "area", u[i].area);
        yj_put_text_or_null(b, "area_name", a != NULL ? a->name : "");
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

/* ---- maintainers ---- */

YW_HANDLER(yw_get_maintainers) {
    size_t n;
    const struct yw_maintainer *m = yw_register_maintainers(q->reg, &n);
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_key(b, "maintainers");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        yj_open(b, '{');
        yj_put_i64(b, "id", m[i].id);
        yj_put_text(b, "name", m[i].name);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

/* ---- installation ---- */

/* DATA/demo-accounts holds lines "NAME PASSWORD ROLE"; only a demonstration shows them. */
static void put_accounts(struct yw_request *q) {
    struct yw_buf *b = &q->out, file, *lines = &file;
    char path[4200];
    size_t at = 0;
    yw_buf_init(&file, 64 << 10);
    snprintf(path, sizeof path, "%s/demo-accounts", q->web->data);
    (void)yw_file_read(path, 64 << 10, &file, NULL);
    while (at < lines->len) {
        const char *line = lines->data + at, *end = memchr(line, '\n', lines->len - at);
        size_t n = end != NULL ? (size_t)(end - line) : lines->len - at;
        at += n + 1;
        const char *a = memchr(line, ' ', n);
        const char *c = a != NULL ? memchr(a + 1, ' ', n - (size_t)(a + 1 - line)) : NULL;
        if (c == NULL || line[0] == '#') continue;
        yj_open(b, '{');
        yj_key(b, "user");
        yj_text_n(b, line, (size_t)(a - line));
        yj_key(b, "password");
        yj_text_n(b, a + 1, (size_t)(c - a - 1));
        yj_key(b, "role");
        yj_text_n(b, c + 1, n - (size_t)(c + 1 - line));
        yj_close(b, '}');
    }
    yw_buf_free(&file);
}

YW_HANDLER(yw_get_installation) {
    bool demo = q->web->config.domain == YW_DOMAIN_DEMO;
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_put_text(b, "name", q->web->name[0] != '\0' ? q->web->name : "演武");
    yj_put_text(b, "domain", domain_name(q->web->config.domain));
    yj_put_text(b, "version", YW_VERSION);
    yj_put_time(b, "now", q->now);
    yj_put_bool(b, "demo_notice", demo);
    yj_key(b, "demo_accounts");
    yj_open(b, '[');
    if (demo) put_accounts(q);
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

YW_HANDLER(yw_get_openapi) {
    const struct yw_embedded *e = yw_embedded_find("/api/openapi.yaml");
    if (e == NULL) return yw_problem(q, 404, "not_found", "没有找到", "not found");
    yw_buf_add(&q->out, e->bytes, e->size);
    q->content_type = e->type;
    return 200;
}
