/* Arguments into data areas: the examples of the standards, and what is refused and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command/command.h"

static char cp[YW_COMMAND_CP_MAX + 1];
static int64_t from, to;
static struct yw_error err;

/* "name=value|name=value" */
static enum yw_code make(const char *key, uint16_t version, const char *list) {
    static char text[4096];
    struct yw_argument args[YW_ARGUMENTS_MAX + 1];
    size_t n = 0;
    const struct yw_command_spec *s = yw_command_by_key(key);
    assert_non_null(s);
    snprintf(text, sizeof text, "%s", list);
    for (char *at = text; *at && n <= YW_ARGUMENTS_MAX;) {
        char *next = at + strcspn(at, "|"), *equals = strchr(at, '=');
        assert_non_null(equals);
        if (*next) *next++ = 0;
        *equals = 0;
        args[n++] = (struct yw_argument){at, equals + 1};
        at = next;
    }
    memset(&err, 0, sizeof err);
    return yw_command_cp(s, version, args, n, cp, &from, &to, &err);
}

static void gives(const char *key, uint16_t version, const char *list, const char *want) {
    enum yw_code code = make(key, version, list);
    if (code != YW_OK) fail_msg("%s %s: %s", key, list, err.text);
    assert_string_equal(cp, want);
}

static void refused(const char *key, uint16_t version, const char *list, enum yw_code code,
                    const char *names) {
    enum yw_code got = make(key, version, list);
    if (got != code || !strstr(err.text, names))
        fail_msg("%s %s: %s %s", key, list, yw_code_name(got), err.text);
    assert_string_equal(cp, "");
}

static void examples_of_the_standards(void **state) {
    (void)state;
    gives("set-timeout", 2017, "OverTime=5|ReCount=3", "OverTime=5;ReCount=3");
    gives("set-timeout", 2017, "ReCount=3|OverTime=5", "OverTime=5;ReCount=3");
    gives("set-alarm-delay", 2005, "WarnTime=5", "WarnTime=5");
    gives("set-mn", 2025, "i23005-Info=6970000000001ABCDEFG1234", "i23005-Info=6970000000001ABCDEFG1234");
    gives("get-clock", 2017, "PolId=w01018", "PolId=w01018");
    gives("get-clock", 2025, "", "");
    gives("set-clock", 2017, "PolId=w01018|SystemTime=20160801085857",
          "PolId=w01018;SystemTime=20160801085857");
    gives("set-clock", 2005, "", "SystemTime=@now");
    gives("set-clock", 2005, "SystemTime=2017-05-16 01:01:01", "SystemTime=20170516010101");
    gives("set-key", 2025, "SKCreateTime=20240601085857223|NewSK=0000000000000000",
          "SKCreateTime=20240601085857223,NewSK=0000000000000000");
    gives("set-key", 2025, "NewSK=0000000000000000", "SKCreateTime=@now17,NewSK=0000000000000000");
    gives("get-alarm-limits", 2005, "PolId=101,102", "PolId=101;PolId=102");
    gives("set-alarm-limits", 2005, "PolId=101|LowValue=1.1|UpValue=9.9", "101-LowValue=1.1,101-UpValue=9.9");
    gives("get-host-address", 2005, "", "");
    gives("set-host-address", 2005, "AlarmTarget=3882566", "AlarmTarget=3882566");
    gives("set-report-time", 2005, "ReportTime=0101", "ReportTime=0101");
    gives("set-realtime-interval", 2017, "RtdInterval=30", "RtdInterval=30");
    gives("set-minute-interval", 2017, "MinInterval=10", "MinInterval=10");
    gives("set-password", 2017, "NewPW=654321", "NewPW=654321");
    gives("set-password-2005", 2005, "NewPW=654321", "PW=654321");
    gives("start-realtime", 2017, "", "");
    gives("electricity-history", 2025, "BeginTime=20240601064500|EndTime=20240601084500",
          "BeginTime=20240601064500;EndTime=20240601084500");
    gives("minute-data", 2017, "BeginTime=20160801084000|EndTime=20160801084000",
          "BeginTime=20160801084000;EndTime=20160801084000");
    gives("minute-data", 2005, "BeginTime=20170302000000|EndTime=20170303000000",
          "BeginTime=20170302000000,EndTime=20170303000000");
    gives("run-times", 2017, "BeginTime=20160801000000|EndTime=20160801000000",
          "BeginTime=20160801000000,EndTime=20160801000000");
    gives("calibrate", 2017, "PolId=w01018", "PolId=w01018");
    gives("calibrate", 2025, "PolId=w01018|CalibrationType=0", "PolId=w01018,CalibrationType=0");
    gives("set-sampling-schedule", 2005, "PolId=101|CTime=04,10,14,16",
          "PolId=101,CTime=04,CTime=10,CTime=14,CTime=16");
    gives("set-sampling-period", 2017, "PolId=w01018|CstartTime=000000|CTime=2",
          "PolId=w01018;CstartTime=000000;CTime=2");
    gives("get-info", 2017, "PolId=w01018|InfoId=i12001,i12003", "PolId=w01018;InfoId=i12001;InfoId=i12003");
    gives("get-log", 2025, "PolId=w01018|InfoId=i11001|BeginTime=20240601010522|EndTime=20240601085857",
          "PolId=w01018;InfoId=i11001;BeginTime=20240601010522,EndTime=20240601085857");
    gives("set-info", 2017, "PolId=w01018|InfoId=i13004|Info=168.0",
          "PolId=w01018;InfoId=i13004;i13004-Info=168.0");
    gives("set-info", 2017, "InfoId=i23001|Info=清洗", "InfoId=i23001;i23001-Info=清洗");
    gives("check-standard", 2025, "PolId=w01018", "PolId=w01018");
}

static void range_as_times(void **state) {
    (void)state;
    gives("hour-data", 2017, "BeginTime=2016-08-01T08:00|EndTime=2016-08-01T09:00:00+08:00",
          "BeginTime=20160801080000;EndTime=20160801090000");
    assert_int_equal(to - from, YW_HOUR);
    assert_int_equal(from, INT64_C(1470009600) * YW_SECOND);
    gives("get-info", 2017, "InfoId=i11001", "InfoId=i11001");
    assert_true(from == 0 && to == 0);
    gives("get-info", 2017, "InfoId=i11001|BeginTime=20240601010522|EndTime=20240601085857",
          "InfoId=i11001;BeginTime=20240601010522,EndTime=20240601085857");
    assert_true(from != 0 && to > from);
    assert_int_equal(yw_command_cp(yw_command_by_key("stop-realtime"), 2017, NULL, 0, cp, NULL, NULL, NULL),
                     YW_OK);
}

static void what_is_refused(void **state) {
    (void)state;
    refused("set-realtime-interval", 2017, "", YW_E_NOT_FOUND, "RtdInterval");
    refused("set-realtime-interval", 2017, "RtdInterval=29", YW_E_RANGE, "30 to 3600");
    refused("set-realtime-interval", 2017, "RtdInterval=3601", YW_E_RANGE, "RtdInterval");
    refused("set-realtime-interval", 2017, "RtdInterval=+60", YW_E_FORMAT, "RtdInterval");
    refused("set-realtime-interval", 2017, "RtdInterval=60;CN=1072", YW_E_FORMAT, "RtdInterval");
    refused("set-realtime-interval", 2017, "RtdInterval=99999999999999999999", YW_E_FORMAT, "RtdInterval");
    refused("set-realtime-interval", 2017, "RtdInterval=", YW_E_FORMAT, "RtdInterval");
    refused("set-realtime-interval", 2017, "RtdInterval=60|RtdInterval=61", YW_E_FORMAT, "twice");
    refused("set-realtime-interval", 2017, "RtdInterval=60|Interval=61", YW_E_NOT_FOUND, "Interval");
    refused("set-minute-interval", 2017, "MinInterval=7", YW_E_RANGE, "MinInterval");
    refused("set-minute-interval", 2017, "MinInterval=1,2", YW_E_RANGE, "MinInterval");
    refused("set-minute-interval", 2005, "MinInterval=10", YW_E_VERSION, "2005");
    refused("get-clock", 2005, "PolId=101", YW_E_VERSION, "PolId");
    refused("calibrate", 2017, "PolId=a21026|CalibrationType=0", YW_E_VERSION, "CalibrationType");
    refused("calibrate", 2025, "PolId=a21026", YW_E_NOT_FOUND, "CalibrationType");
    refused("calibrate", 2025, "PolId=a2-026|CalibrationType=1", YW_E_FORMAT, "PolId");
    refused("set-clock", 2017, "SystemTime=20170231000000", YW_E_FORMAT, "SystemTime");
    refused("set-clock", 2017, "SystemTime=19991231235959", YW_E_FORMAT, "SystemTime");
    refused("set-clock", 2017, "SystemTime=21000101000000", YW_E_FORMAT, "SystemTime");
    gives("set-clock", 2017, "SystemTime=20991231235959", "SystemTime=20991231235959");
    gives("set-clock", 2017, "SystemTime=20000101000000", "SystemTime=20000101000000");
    refused("set-clock", 2017, "SystemTime=20170201000000500", YW_E_FORMAT, "whole seconds");
    refused("minute-data", 2017, "BeginTime=20170302000000", YW_E_NOT_FOUND, "EndTime");
    refused("minute-data", 2017, "BeginTime=20170302000001|EndTime=20170302000000", YW_E_RANGE, "EndTime");
    refused("minute-data", 2017, "BeginTime=@now|EndTime=@now", YW_E_FORMAT, "BeginTime");
    refused("minute-data", 2017, "BeginTime=20170302000001|EndTime=@now", YW_E_FORMAT, "EndTime");
    refused("get-info", 2017, "InfoId=i12001|EndTime=20170302000000", YW_E_FORMAT, "BeginTime");
    refused("get-info", 2017, "InfoId=12001", YW_E_FORMAT, "InfoId");
    refused("get-info", 2017, "InfoId=i12001,", YW_E_FORMAT, "InfoId");
    refused("set-password", 2017, "NewPW=12345", YW_E_RANGE, "NewPW");
    refused("set-password", 2017, "NewPW=1234;6", YW_E_FORMAT, "NewPW");
    refused("set-password", 2017, "NewPW=@now17", YW_E_FORMAT, "NewPW");
    refused("set-password", 2017, "NewPW=12\t456", YW_E_FORMAT, "NewPW");
    refused("set-password", 2017, "NewPW=密码", YW_E_FORMAT, "NewPW");
    refused("set-info", 2017, "InfoId=i13004|Info=\xC7\xE5", YW_E_FORMAT, "UTF-8");
    refused("set-info", 2017, "InfoId=i13004|Info= 1", YW_E_FORMAT, "Info");
    refused("set-sampling-period", 2017, "PolId=w01018|CstartTime=240000|CTime=2", YW_E_FORMAT, "CstartTime");
    refused("set-sampling-period", 2017, "PolId=w01018|CstartTime=000060|CTime=2", YW_E_FORMAT, "CstartTime");
    refused("set-report-time", 2005, "ReportTime=010101", YW_E_FORMAT, "hhmm");
    refused("set-alarm-limits", 2005, "PolId=101|LowValue=1,1|UpValue=9.9", YW_E_FORMAT, "LowValue");
    refused("get-alarm-limits", 2005, "PolId=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21",
            YW_E_RANGE, "at most 20");
}

static void filled_at_sending(void **state) {
    (void)state;
    char out[200];
    const int64_t now = INT64_C(1470013137223000); /* 2016-08-01 08:58:57.223 in UTC+8 */
    assert_int_equal(yw_command_fill("PolId=w01018;SystemTime=@now", now, out, sizeof out), 38);
    assert_string_equal(out, "PolId=w01018;SystemTime=20160801085857");
    yw_command_fill("SKCreateTime=@now17,NewSK=@now17x@now123456", now, out, sizeof out);
    assert_string_equal(out, "SKCreateTime=20160801085857223,NewSK=@now17x@now123456");
    assert_int_equal(yw_command_fill("", now, out, sizeof out), 0);
    assert_string_equal(out, "");
    for (size_t size = 1; size < 26; size++) { /* needs 25 and the end */
        assert_int_equal(yw_command_fill("SystemTime=@now", now, out, size), 0);
        assert_string_equal(out, "");
    }
    assert_int_equal(yw_command_fill("SystemTime=@now", now, out, 26), 25);
}

static void secrets_are_veiled(void **state) {
    (void)state;
    char out[200];
    const struct yw_command_spec *key = yw_command_by_key("set-key");
    assert_true(yw_command_is_secret(key));
    assert_false(yw_command_is_secret(yw_command_by_key("set-clock")));
    yw_command_veil(key, "SKCreateTime=20240601085857223,NewSK=0123456789abcdef", out, sizeof out);
    assert_string_equal(out, "SKCreateTime=20240601085857223,NewSK=******");
    assert_int_equal(yw_command_veil(NULL, "PW=654321; NewPW=1;a=2", out, sizeof out), 27);
    assert_string_equal(out, "PW=******; NewPW=******;a=2");
    yw_command_veil(yw_command_by_key("set-password-2005"), "PW=654321", out, sizeof out);
    assert_string_equal(out, "PW=******");
    for (size_t size = 0; size < 44; size++) { /* a cut text shows nothing more */
        memset(out, 'x', sizeof out);
        yw_command_veil(key, "SKCreateTime=20240601085857223,NewSK=0123456789abcdef", out, size);
        if (size) assert_true(strlen(out) < size && !strstr(out, "0123456789"));
        assert_int_equal(out[size], 'x');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_standards), cmocka_unit_test(range_as_times),
        cmocka_unit_test(what_is_refused),           cmocka_unit_test(filled_at_sending),
        cmocka_unit_test(secrets_are_veiled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
