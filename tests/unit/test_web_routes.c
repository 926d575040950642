/* The table of routes: what it says of itself, and how paths are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "web/web_int.h"

static const struct yw_route *find(const char *method, const char *path, char params[YW_PARAMS_MAX][64]) {
    bool other;
    return yw_route_find(method, path, params, &other);
}

static void paths_are_told_apart(void **state) {
    YW_UNUSED(state);
    char p[YW_PARAMS_MAX][64] = {{0}};
    assert_ptr_equal(find("GET", "/api/outlets", p)->handler, yw_get_outlets);
    assert_ptr_equal(find("GET", "/api/outlets/17", p)->handler, yw_get_outlet);
    assert_string_equal(p[0], "17");
    assert_ptr_equal(find("GET", "/api/outlets/17/series", p)->handler, yw_get_series);
    assert_ptr_equal(find("GET", "/api/packets/p3/18446744073709551615", p)->handler, yw_get_packet);
    assert_string_equal(p[0], "p3");
    assert_string_equal(p[1], "18446744073709551615");
    assert_ptr_equal(find("GET", "/api/devices/waiting", p)->handler, yw_get_waiting);
    assert_ptr_equal(find("POST", "/api/devices/admit", p)->handler, yw_post_admit);
    static const char *const none[] = {"",
                                       "/",
                                       "/api",
                                       "/api/",
                                       "/api/outlets/",
                                       "/api/outlets/1/",
                                       "/api/outlets//series",
                                       "/api/outlets/1/series/",
                                       "/api/outlets/1/2",
                                       "/api/Outlets",
                                       "/api/packets/p0"};
    for (size_t i = 0; i < YW_COUNT(none); i++) assert_null(find("GET", none[i], p));
    char path[200] = "/api/outlets/";
    memset(path + 13, '1', 64);
    assert_null(find("GET", path, p)); /* longer than any id */
}

static void another_method_is_told(void **state) {
    YW_UNUSED(state);
    char p[YW_PARAMS_MAX][64] = {{0}};
    bool other;
    assert_null(yw_route_find("PUT", "/api/session", p, &other));
    assert_true(other);
    assert_null(yw_route_find("GET", "/api/nothing", p, &other));
    assert_false(other);
}

/* What the unit says about its own outlets: marks, replies to notices, filings and their evidence. */
static bool is_the_units_own(const struct yw_route *r) {
    static const char *const patterns[] = {"/api/outlets/{id}/marks",   "/api/marks/{id}",
                                           "/api/queries/{id}/receive", "/api/queries/{id}/reply",
                                           "/api/outlets/{id}/filings", "/api/filings/{id}",
                                           "/api/outlets/{id}/evidence"};
    for (size_t i = 0; i < YW_COUNT(patterns); i++) {
        if (strcmp(r->pattern, patterns[i]) == 0) return r->scope != YW_SCOPE_NONE;
    }
    return strcmp(r->pattern, "/api/filings/import") == 0; /* looks at each row's outlet itself */
}

/* An authority never makes, amends, accepts or returns a mark, and the unit never closes a notice. */
static void marks_are_the_units_alone(void **state) {
    YW_UNUSED(state);
    unsigned unit = YW_ROLE_MAINTAINER | YW_ROLE_ENTERPRISE, writing = 0;
    for (size_t i = 0; i < yw_route_count; i++) {
        const struct yw_route *r = &yw_routes[i];
        if (strcmp(r->method, "GET") == 0) continue;
        if (strstr(r->pattern, "/marks") != NULL && strstr(r->pattern, "/queries") == NULL) {
            assert_int_equal(r->roles, unit);
            writing++;
        } else if (strstr(r->pattern, "/queries") != NULL) {
            bool theirs = strstr(r->pattern, "/receive") != NULL || strstr(r->pattern, "/reply") != NULL;
            assert_int_equal(r->roles, theirs ? unit : (unsigned)(YW_ROLE_OPERATOR | YW_ROLE_OFFICER));
        }
    }
    assert_int_equal(writing, 3);
}

static void the_table_is_sound(void **state) {
    YW_UNUSED(state);
    for (size_t i = 0; i < yw_route_count; i++) {
        const struct yw_route *r = &yw_routes[i];
        bool polluters = (r->roles & (YW_ROLE_MAINTAINER | YW_ROLE_ENTERPRISE)) != 0;
        bool changes = strcmp(r->method, "GET") != 0;
        assert_non_null(r->handler);
        assert_true(r->summary[0] != '\0');
        /* What polluters may change is their own session and what they say themselves, and maintainers may
         * note what happened in a station room; devices, commands, users and the system are not theirs. */
        if (polluters && changes) {
            bool station = strcmp(r->pattern, "/api/outlets/{id}/station") == 0 &&
                           r->scope == YW_SCOPE_OUTLET && (r->roles & YW_ROLE_ENTERPRISE) == 0;
            assert_true(strncmp(r->pattern, "/api/session", 12) == 0 || station || is_the_units_own(r));
        }
        if (strstr(r->pattern, "/commands") != NULL) {
            assert_true(!polluters && r->roles != 0);
            assert_true(!changes || r->roles == (YW_ROLE_OPERATOR | YW_ROLE_OFFICER));
        }
        static const char *const apart[] = {"/api/devices", "/api/users",    "/api/system",   "/api/import",
                                            "/api/export",  "/api/commands", "/api/policies", "/api/overlays",
                                            "/api/alerts",  "/api/targets"};
        for (size_t k = 0; k < YW_COUNT(apart); k++) {
            if (strncmp(r->pattern, apart[k], strlen(apart[k])) == 0)
                assert_true(!polluters && r->roles != 0);
        }
        /* A path with {id} is looked at before its handler is. */
        if (strstr(r->pattern, "{id}") != NULL) {
            bool looked_at = r->scope == YW_SCOPE_OUTLET || r->scope == YW_SCOPE_ENTERPRISE ||
                             r->scope == YW_SCOPE_DEVICE || r->scope == YW_SCOPE_COMMAND ||
                             r->scope == YW_SCOPE_CAMERA || r->scope == YW_SCOPE_MARK ||
                             r->scope == YW_SCOPE_QUERY || r->scope == YW_SCOPE_FILING ||
                             r->scope == YW_SCOPE_PLAN;
            /* What belongs to nobody's area is for operators of the whole. */
            assert_true(looked_at ||
                        (r->roles == YW_ROLE_OPERATOR &&
                         (r->scope == YW_SCOPE_WHOLE || strcmp(r->pattern, "/api/hooks/{id}") == 0)));
        }
        if (r->roles == 0) {
            assert_true(strcmp(r->pattern, "/api/installation") == 0 ||
                        strcmp(r->pattern, "/api/openapi.yaml") == 0 ||
                        strcmp(r->pattern, "/api/session") == 0 ||
                        strcmp(r->pattern, "/api/hooks/{token}") == 0); /* the token is the key */
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_told_apart),
        cmocka_unit_test(another_method_is_told),
        cmocka_unit_test(marks_are_the_units_alone),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
