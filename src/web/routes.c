/* Every route of the API with who may use it, and the one place where that is checked. */
#include "web/web_int.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define ANY        (YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_LEADER | YW_ROLE_MAINTAINER | YW_ROLE_ENTERPRISE)
#define AUTHORITY  (YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_LEADER)
#define OPERATOR   YW_ROLE_OPERATOR
#define COMMANDING (YW_ROLE_OPERATOR | YW_ROLE_OFFICER) /* who may send a command to a device */
#define IMPORT_MAX (32u << 20)
#define TARGET_MAX (512u << 10)
#define HOOK_MAX   (8u << 10)
/* Marks are made, amended and withdrawn by the unit alone: an authority can only raise a query about one. */
#define UNIT         (YW_ROLE_MAINTAINER | YW_ROLE_ENTERPRISE)
#define FILING       (UNIT | YW_ROLE_OPERATOR | YW_ROLE_OFFICER)
#define EVIDENCE_MAX (8u << 20)
#define SITE_MAX     (512u << 10)

const struct yw_route yw_routes[] = {
    {"GET", "/api/installation", 0, YW_SCOPE_NONE, yw_get_installation, 0, false,
     "name, domain and version of the installation"},
    {"GET", "/api/openapi.yaml", 0, YW_SCOPE_NONE, yw_get_openapi, 0, false, "the description of this API"},
    {"POST", "/api/session", 0, YW_SCOPE_NONE, yw_post_session, 0, false, "sign in"},
    {"GET", "/api/session", ANY, YW_SCOPE_NONE, yw_get_session, 0, false, "who is signed in"},
    {"DELETE", "/api/session", ANY, YW_SCOPE_NONE, yw_delete_session, 0, false, "sign out"},
    {"POST", "/api/session/password", ANY, YW_SCOPE_NONE, yw_post_password, 0, false,
     "change one's own password"},
    {"GET", "/api/areas", ANY, YW_SCOPE_NONE, yw_get_areas, 0, false, "areas the user sees"},
    {"GET", "/api/units", ANY, YW_SCOPE_NONE, yw_get_units, 0, false, "units of the areas the user sees"},
    {"GET", "/api/factors", ANY, YW_SCOPE_NONE, yw_get_factors, 0, false,
     "factor codes with names and units"},
    {"GET", "/api/maintainers", AUTHORITY, YW_SCOPE_NONE, yw_get_maintainers, 0, false,
     "maintainers with their ids"},
    {"GET", "/api/watch", ANY, YW_SCOPE_NONE, yw_get_watch, 0, false, "outlets by state"},
    {"GET", "/api/live", ANY, YW_SCOPE_NONE, yw_get_live, 0, false,
     "server-sent events of all outlets the user sees"},
    {"GET", "/api/search", ANY, YW_SCOPE_NONE, yw_get_search, 0, false,
     "enterprises, outlets and devices by text"},
    {"GET", "/api/enterprises", ANY, YW_SCOPE_NONE, yw_get_enterprises, 0, false, "list of enterprises"},
    {"GET", "/api/enterprises/{id}", ANY, YW_SCOPE_ENTERPRISE, yw_get_enterprise, 0, false,
     "one enterprise's file"},
    {"GET", "/api/outlets", ANY, YW_SCOPE_NONE, yw_get_outlets, 0, false, "list of outlets"},
    {"GET", "/api/outlets/{id}", ANY, YW_SCOPE_OUTLET, yw_get_outlet, 0, false, "one outlet"},
    {"GET", "/api/outlets/{id}/series", ANY, YW_SCOPE_OUTLET, yw_get_series, 0, false,
     "values over time, thinned"},
    {"GET", "/api/outlets/{id}/record", ANY, YW_SCOPE_OUTLET, yw_get_record, 0, false,
     "one record with its revisions"},
    {"GET", "/api/outlets/{id}/records", ANY, YW_SCOPE_OUTLET, yw_get_records, 0, false,
     "records, newest first"},
    {"GET", "/api/outlets/{id}/timeline", ANY, YW_SCOPE_OUTLET, yw_get_timeline, 0, false,
     "records owed: received, late, backfilled, missing, lost"},
    {"GET", "/api/outlets/{id}/station", ANY, YW_SCOPE_OUTLET, yw_get_station, 0, false,
     "what happened in the station room, newest first"},
    {"POST", "/api/outlets/{id}/station", YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_MAINTAINER,
     YW_SCOPE_OUTLET, yw_post_station, 0, true, "enter what happened in the station room"},
    {"GET", "/api/outlets/{id}/cameras", ANY, YW_SCOPE_OUTLET, yw_get_cameras, 0, false,
     "cameras of an outlet"},
    {"POST", "/api/outlets/{id}/cameras", OPERATOR, YW_SCOPE_OUTLET, yw_post_camera, 0, true,
     "register a camera or change it"},
    {"DELETE", "/api/cameras/{id}", OPERATOR, YW_SCOPE_CAMERA, yw_delete_camera, 0, true, "remove a camera"},
    {"GET", "/api/cameras/{id}/snapshot", ANY, YW_SCOPE_CAMERA, yw_get_snapshot, 0, true,
     "a still picture, fetched from the camera"},
    {"GET", "/api/cameras/{id}/link", ANY, YW_SCOPE_CAMERA, yw_get_camera_link, 0, false,
     "the camera's own page at a time"},
    {"GET", "/api/hooks", OPERATOR, YW_SCOPE_NONE, yw_get_hooks, 0, false, "web hooks of station rooms"},
    {"POST", "/api/hooks", OPERATOR, YW_SCOPE_NONE, yw_post_hook, 0, false, "make a web hook"},
    {"DELETE", "/api/hooks/{id}", OPERATOR, YW_SCOPE_NONE, yw_delete_hook, 0, false, "remove a web hook"},
    {"POST", "/api/hooks/{token}", 0, YW_SCOPE_NONE, yw_post_hook_use, HOOK_MAX, true,
     "tell what happened in a station room, by a hook's token"},
    {"GET", "/api/outlets/{id}/means", ANY, YW_SCOPE_OUTLET, yw_get_means, 0, false,
     "means of hours, days, months as the judge made them"},
    {"GET", "/api/outlets/{id}/operation", ANY, YW_SCOPE_OUTLET, yw_get_operation, 0, false,
     "what ran when at an outlet, production beside treatment"},
    {"GET", "/api/outlets/{id}/verdicts", ANY, YW_SCOPE_OUTLET, yw_get_verdicts, 0, false,
     "preliminary verdicts about an outlet"},
    {"GET", "/api/outlets/{id}/tallies", ANY, YW_SCOPE_OUTLET, yw_get_tallies, 0, false,
     "hours, capture rates and budgets by month, quarter and year"},
    {"GET", "/api/verdicts/{number}", ANY, YW_SCOPE_VERDICT, yw_get_verdict, 0, false,
     "one preliminary verdict with how it came about"},
    {"GET", "/api/judge/state", AUTHORITY, YW_SCOPE_NONE, yw_get_judge_state, 0, false,
     "how far the judge is and by which rules"},
    {"GET", "/api/outlets/{id}/marks", ANY, YW_SCOPE_OUTLET, yw_get_marks, 0, false,
     "condition and equipment marks of an outlet"},
    {"POST", "/api/outlets/{id}/marks", UNIT, YW_SCOPE_OUTLET, yw_post_mark, 0, true, "set a mark"},
    {"GET", "/api/marks/{id}", ANY, YW_SCOPE_MARK, yw_get_mark, 0, false,
     "one mark with all its versions and queries"},
    {"PATCH", "/api/marks/{id}", UNIT, YW_SCOPE_MARK, yw_patch_mark, 0, true, "amend a mark"},
    {"DELETE", "/api/marks/{id}", UNIT, YW_SCOPE_MARK, yw_delete_mark, 0, true, "withdraw a mark"},
    {"GET", "/api/marks/{id}/evidence", ANY, YW_SCOPE_MARK, yw_get_mark_evidence, 0, false,
     "a file given as evidence of a mark"},
    {"POST", "/api/marks/{id}/queries", COMMANDING, YW_SCOPE_MARK, yw_post_mark_query, 0, true,
     "doubt a mark: an electronic notice to the unit"},
    {"GET", "/api/queries", ANY, YW_SCOPE_NONE, yw_get_queries, 0, false, "electronic notices, newest first"},
    {"GET", "/api/queries/{id}", ANY, YW_SCOPE_QUERY, yw_get_query, 0, false, "one electronic notice"},
    {"POST", "/api/queries/{id}/receive", UNIT, YW_SCOPE_QUERY, yw_post_query_receive, 0, true,
     "acknowledge receipt of a notice"},
    {"POST", "/api/queries/{id}/reply", UNIT, YW_SCOPE_QUERY, yw_post_query_reply, 0, true,
     "reply to a notice"},
    {"POST", "/api/queries/{id}/close", COMMANDING, YW_SCOPE_QUERY, yw_post_query_close, 0, true,
     "close a notice"},
    {"GET", "/api/outlets/{id}/filings", ANY, YW_SCOPE_OUTLET, yw_get_filings, 0, false,
     "measurements, checks, reports and maintenance filed for an outlet"},
    {"POST", "/api/outlets/{id}/filings", FILING, YW_SCOPE_OUTLET, yw_post_filing, 0, true,
     "file a measurement, check, report or maintenance"},
    {"POST", "/api/outlets/{id}/evidence", FILING, YW_SCOPE_OUTLET, yw_post_evidence, EVIDENCE_MAX, true,
     "upload a file as evidence of a mark or filing"},
    {"GET", "/api/filings/export", ANY, YW_SCOPE_NONE, yw_get_filings_export, 0, false,
     "filings one sees as .xlsx or CSV"},
    {"POST", "/api/filings/import", FILING, YW_SCOPE_NONE, yw_post_filings_import, IMPORT_MAX, true,
     "import filings from .xlsx or CSV"},
    {"GET", "/api/filings/{id}", ANY, YW_SCOPE_FILING, yw_get_filing, 0, false,
     "one filing with all its versions"},
    {"PATCH", "/api/filings/{id}", FILING, YW_SCOPE_FILING, yw_patch_filing, 0, true, "amend a filing"},
    {"DELETE", "/api/filings/{id}", FILING, YW_SCOPE_FILING, yw_delete_filing, 0, true, "withdraw a filing"},
    {"GET", "/api/filings/{id}/evidence", ANY, YW_SCOPE_FILING, yw_get_filing_evidence, 0, false,
     "a file given as evidence of a filing"},
    {"GET", "/api/outlets/{id}/site", AUTHORITY, YW_SCOPE_OUTLET, yw_get_site, 0, false,
     "what the judge knows of an outlet"},
    {"PUT", "/api/outlets/{id}/site", OPERATOR, YW_SCOPE_OUTLET, yw_put_site, SITE_MAX, true,
     "describe an outlet to the judge"},
    {"GET", "/api/rules", ANY, YW_SCOPE_NONE, yw_get_rules, 0, false,
     "rules and limits with their figures, sources and corrections"},
    {"PUT", "/api/rules/{id}", OPERATOR, YW_SCOPE_WHOLE, yw_put_rule, 0, true, "correct a figure of a rule"},
    {"GET", "/api/plans", ANY, YW_SCOPE_NONE, yw_get_plans, 0, false, "plans of heavy-pollution days"},
    {"POST", "/api/plans", COMMANDING, YW_SCOPE_NONE, yw_post_plan, 0, true, "make or change a plan"},
    {"DELETE", "/api/plans/{id}", COMMANDING, YW_SCOPE_PLAN, yw_delete_plan, 0, true, "remove a plan"},
    {"GET", "/api/outlets/{id}/live", ANY, YW_SCOPE_OUTLET, yw_get_outlet_live, 0, false,
     "server-sent events of one outlet"},
    {"GET", "/api/packets/{journal}/{position}", ANY, YW_SCOPE_PACKET, yw_get_packet, 0, false,
     "one packet's bytes, explained"},
    {"GET", "/api/devices", AUTHORITY, YW_SCOPE_NONE, yw_get_devices, 0, false, "list of devices"},
    {"GET", "/api/devices/waiting", OPERATOR, YW_SCOPE_WHOLE, yw_get_waiting, 0, false,
     "devices that wait for admission"},
    {"GET", "/api/commands/catalogue", AUTHORITY, YW_SCOPE_NONE, yw_get_catalogue, 0, false,
     "commands that devices understand"},
    {"GET", "/api/commands/{id}", AUTHORITY, YW_SCOPE_COMMAND, yw_get_command, 0, false,
     "one command and what became of it"},
    {"GET", "/api/devices/{id}", AUTHORITY, YW_SCOPE_DEVICE, yw_get_device, 0, false,
     "one device: dialect, clock, links, settings"},
    {"PATCH", "/api/devices/{id}", OPERATOR, YW_SCOPE_DEVICE, yw_patch_device, 0, true,
     "change how a device is treated"},
    {"GET", "/api/devices/{id}/commands", AUTHORITY, YW_SCOPE_DEVICE, yw_get_device_commands, 0, false,
     "commands to a device, newest first"},
    {"POST", "/api/devices/{id}/commands", COMMANDING, YW_SCOPE_DEVICE, yw_post_command, 0, true,
     "send a command to a device"},
    {"GET", "/api/outlets/{id}/commands", AUTHORITY, YW_SCOPE_OUTLET, yw_get_outlet_commands, 0, false,
     "commands to an outlet's devices, newest first"},
    {"GET", "/api/overlays", AUTHORITY, YW_SCOPE_NONE, yw_get_overlays, 0, false,
     "provincial overlays: what some devices call things"},
    {"GET", "/api/policies", AUTHORITY, YW_SCOPE_NONE, yw_get_policies, 0, false,
     "what holds for all devices"},
    {"PUT", "/api/policies", OPERATOR, YW_SCOPE_WHOLE, yw_put_policies, 0, true,
     "change what holds for all devices"},
    {"GET", "/api/alarms", AUTHORITY, YW_SCOPE_NONE, yw_get_alarms, 0, false, "alarms, with counts"},
    {"POST", "/api/alarms/steps", YW_ROLE_OFFICER | YW_ROLE_LEADER, YW_SCOPE_NONE, yw_post_alarm_steps, 0,
     true, "one step for many alarms"},
    {"GET", "/api/alarms/{number}", AUTHORITY, YW_SCOPE_ALARM, yw_get_alarm, 0, false,
     "one alarm with its steps and what speaks for and against it"},
    {"POST", "/api/alarms/{number}/steps", YW_ROLE_OFFICER | YW_ROLE_LEADER, YW_SCOPE_ALARM,
     yw_post_alarm_step, 0, true, "take an alarm a step further"},
    {"POST", "/api/alarms/{number}/notices", YW_ROLE_OFFICER | YW_ROLE_LEADER, YW_SCOPE_ALARM,
     yw_post_alarm_notice, 0, true, "send the unit concerned a notice about an alarm"},
    {"GET", "/api/shifts", AUTHORITY, YW_SCOPE_NONE, yw_get_shifts, 0, false, "the log of a shift"},
    {"POST", "/api/shifts", YW_ROLE_OFFICER | YW_ROLE_LEADER, YW_SCOPE_NONE, yw_post_shift, 0, true,
     "come on duty"},
    {"POST", "/api/shifts/entries", YW_ROLE_OFFICER | YW_ROLE_LEADER, YW_SCOPE_NONE, yw_post_shift_entry, 0,
     true, "enter something into the shift log"},
    {"POST", "/api/shifts/handover", YW_ROLE_OFFICER | YW_ROLE_LEADER, YW_SCOPE_NONE, yw_post_handover, 0,
     true, "hand over: offer, accept, refuse, cancel"},
    {"GET", "/api/deliveries", OPERATOR, YW_SCOPE_WHOLE, yw_get_deliveries, 0, false,
     "notices on their way and sent"},
    {"GET", "/api/deliveries/settings", OPERATOR, YW_SCOPE_WHOLE, yw_get_delivery_settings, 0, false,
     "how and to whom notices are delivered"},
    {"PUT", "/api/deliveries/settings", OPERATOR, YW_SCOPE_WHOLE, yw_put_delivery_settings, 0, false,
     "change how and to whom notices are delivered"},
    {"POST", "/api/deliveries/test", OPERATOR, YW_SCOPE_WHOLE, yw_post_delivery_test, 0, false,
     "send a test to everybody who is entered"},
    {"GET", "/api/alerts", AUTHORITY, YW_SCOPE_NONE, yw_get_alerts, 0, false, "what wants attention"},
    {"POST", "/api/devices/admit", OPERATOR, YW_SCOPE_WHOLE, yw_post_admit, 0, true,
     "admit a device to an outlet"},
    {"POST", "/api/devices/refuse", OPERATOR, YW_SCOPE_WHOLE, yw_post_refuse, 0, true, "refuse a device"},
    {"POST", "/api/devices/{id}/retire", OPERATOR, YW_SCOPE_DEVICE, yw_post_retire, 0, true,
     "retire a device"},
    {"GET", "/api/devices/{id}/keys", OPERATOR, YW_SCOPE_DEVICE, yw_get_keys, 0, false,
     "what may be known of a device's keys"},
    {"POST", "/api/devices/{id}/keys", OPERATOR, YW_SCOPE_DEVICE, yw_post_key, 0, true,
     "enter a device's first key, or have its key changed"},
    {"POST", "/api/devices/register", OPERATOR, YW_SCOPE_WHOLE, yw_post_register, 0, true,
     "give a device that asks to be activated its outlet and MN"},
    {"POST", "/api/import", OPERATOR, YW_SCOPE_WHOLE, yw_post_import, IMPORT_MAX, true, "import a ledger"},
    {"GET", "/api/export", AUTHORITY, YW_SCOPE_NONE, yw_get_export, 0, false, "the register as a ledger"},
    {"GET", "/api/reports/rates", ANY, YW_SCOPE_NONE, yw_get_report_rates, 0, true,
     "rates of transmission, validity, networking and handling over a period"},
    {"GET", "/api/reports/outlets/{id}", ANY, YW_SCOPE_OUTLET, yw_get_report_outlet, 0, true,
     "one outlet's daily, monthly, quarterly or yearly report"},
    {"GET", "/api/system", OPERATOR, YW_SCOPE_NONE, yw_get_system, 0, false, "processes, rates, lag, disk"},
    {"GET", "/api/targets", OPERATOR, YW_SCOPE_WHOLE, yw_get_targets, 0, false,
     "where packets are forwarded"},
    {"POST", "/api/targets", OPERATOR, YW_SCOPE_WHOLE, yw_post_target, TARGET_MAX, true,
     "forward to a new target"},
    {"PUT", "/api/targets/{id}", OPERATOR, YW_SCOPE_WHOLE, yw_put_target, TARGET_MAX, true,
     "change a target"},
    {"DELETE", "/api/targets/{id}", OPERATOR, YW_SCOPE_WHOLE, yw_delete_target, 0, true,
     "forward there no longer"},
    {"GET", "/api/targets/{id}/state", OPERATOR, YW_SCOPE_WHOLE, yw_get_target_state, 0, false,
     "how forwarding to a target goes"},
    {"GET", "/api/users", OPERATOR, YW_SCOPE_WHOLE, yw_get_users, 0, false, "list of users"},
    {"POST", "/api/users", OPERATOR, YW_SCOPE_WHOLE, yw_post_user, 0, false, "make a user"},
    {"PATCH", "/api/users/{name}", OPERATOR, YW_SCOPE_WHOLE, yw_patch_user, 0, false, "change a user"},
};
const size_t yw_route_count = YW_COUNT(yw_routes);

/* "/api/outlets/{id}/series" against "/api/outlets/17/series" */
static bool pattern_fits(const char *pattern, const char *path, char params[YW_PARAMS_MAX][64]) {
    size_t param = 0;
    while (*pattern != '\0' && *path != '\0') {
        if (*pattern == '{') {
            size_t n = strcspn(path, "/");
            if (n == 0 || n >= 64 || param == YW_PARAMS_MAX) return false;
            memcpy(params[param], path, n);
            params[param++][n] = '\0';
            path += n;
            pattern += strcspn(pattern, "}") + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *pattern == '\0' && *path == '\0';
}

const struct yw_route *yw_route_find(const char *method, const char *path, char params[YW_PARAMS_MAX][64],
                                     bool *other_method) {
    *other_method = false;
    const struct yw_route *found = NULL;
    for (size_t i = 0; i < yw_route_count; i++) {
        char here[YW_PARAMS_MAX][64] = {{0}};
        if (!pattern_fits(yw_routes[i].pattern, path, here)) continue;
        /* A path without a placeholder counts over one with: /devices/waiting is no device's id. */
        bool better = found == NULL || strchr(yw_routes[i].pattern, '{') == NULL;
        if (strcmp(yw_routes[i].method, method) != 0) {
            *other_method = true;
        } else if (better) {
            found = &yw_routes[i];
            memcpy(params, here, sizeof here);
        }
    }
    return found;
}

static bool csrf_right(struct yw_request *q) {
    const char *sent = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "X-CSRF");
    return sent != NULL && strlen(sent) == YW_CSRF_TEXT - 1 &&
           sodium_memcmp(sent, q->session.csrf, YW_CSRF_TEXT - 1) == 0;
}

/* Browsers say where a request comes from; what comes from another site may not even sign in. */
static bool from_elsewhere(struct yw_request *q) {
    const char *site = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "Sec-Fetch-Site");
    return site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static unsigned check_session(struct yw_request *q) {
    const char *token = MHD_lookup_connection_value(q->connection, MHD_COOKIE_KIND, "yw_session");
    struct yw_error err = {0};
    enum yw_code code = YW_E_DENIED;
    if (token != NULL && strlen(token) == YW_TOKEN_TEXT - 1) {
        memcpy(q->token, token, YW_TOKEN_TEXT);
        code = yw_office_session(q->web->office, token, q->now, &q->session, &err);
    }
    if (code == YW_E_DENIED) {
        return yw_problem(q, 401, "not_signed_in", "请先登录", "sign in first");
    }
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

unsigned yw_route_check(struct yw_request *q) {
    const struct yw_route *route = q->route;
    bool changes = strcmp(route->method, "GET") != 0;
    if (changes && from_elsewhere(q)) {
        return yw_problem(q, 403, "cross_site", "不接受来自其他网站的请求",
                          "requests from other sites are not accepted");
    }
    if (route->roles == 0) return 200;
    unsigned status = check_session(q);
    if (status != 200) return status;
    if ((route->roles & q->session.user.role) == 0) {
        return yw_problem(q, 403, "role", "您的角色不能使用此功能", "your role may not do this");
    }
    if (changes && !csrf_right(q)) {
        return yw_problem(q, 403, "csrf", "缺少或错误的 X-CSRF，请刷新页面后重试",
                          "X-CSRF is missing or wrong: reload the page and try again");
    }
    return 200;
}

unsigned yw_route_serve(struct yw_request *q) {
    unsigned status = yw_route_check(q);
    if (status != 200) return status;
    q->reg = yw_acts_lock(q->web->acts);
    status = yw_scope_check(q);
    if (status == 200 && !q->route->alone) status = q->route->handler(q);
    yw_acts_unlock(q->web->acts);
    q->reg = NULL;
    /* What commits acts locks the register alone, and looks again at what it relies on. */
    if (status == 200 && q->route->alone) status = q->route->handler(q);
    free(q->asked);
    q->asked = NULL;
    if (q->reader != NULL) yw_reader_close(q->reader);
    q->reader = NULL;
    return status;
}
