/* Ledgers: what a good one brings, what a wrong one is told, and that importing an export changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "register/ledger.h"

static void apply_plan(struct yw_register *r, const struct yw_import *plan) {
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    struct yw_act by = {.by = "admin", .at = 1};
    assert_true(yw_act_register_put(&act, &by, &plan->put));
    struct yw_error err = {0};
    if (yw_register_apply(r, act.data, act.len, &err) != YW_OK) fail_msg("%s", err.text);
    yw_buf_free(&act);
}

static struct yw_book *book_of(const char *const *sheets, size_t n) {
    struct yw_book *b = yw_book_create();
    struct yw_error err = {0};
    for (size_t i = 0; i + 1 < 2 * n; i += 2) {
        if (yw_book_read(b, sheets[i + 1], strlen(sheets[i + 1]), sheets[i], &err) != YW_OK)
            fail_msg("%s", err.text);
    }
    return b;
}

static const char *const good[] = {
    "areas.csv",
    "code,parent,name\n410102,410100,中原区\n410000,,演武省\n410100,410000,甲市\n",
    "机构.csv",
    "机构代码,上级机构,机构名称,行政区\n410102-Z,410100-Z,中原区大队,410102\n410000-Z,,省厅,410000\n"
    "410100-Z,410000-Z,甲市支队,410100\n",
    "排污单位.csv",
    "序号,统一社会信用代码*,单位名称（全称）,行政区代码,排污许可证编号,许可有效期起,许可有效期止,经度,纬度,"
    "备注\n"
    "1,91410100MA0000001X,甲电厂,410102,91410100MA0000001X001P,2024/7/1,2029年6月30日,113.5,34.75,老厂\n"
    "2,91410100MA0000002X,乙水务,410100,,45474,,,,\n",
    "outlets.csv",
    "credit_code,outlet_code,name,kind,st,maintainer\n"
    "91410100MA0000001X,DA001,一号烟囱,废气,31,净源运维\n91410100MA0000002X,DW001,总排口,water,32,净源运维\n",
    "监测因子.csv",
    "统一社会信用代码,排放口编号,因子编码,计量单位,量程上限,许可排放浓度(mg/m3),基准氧含量,按折算值判定\n"
    "91410100MA0000001X,DA001,a21026,mg/m3,100,35,6,是\n91410100MA0000001X,DA001,a19001,%,25,,,\n",
    "数采仪.csv",
    "设备唯一标识,统一社会信用代码,排放口编号,访问密码,协议版本,实时数据间隔\n"
    "A110000_0001,91410100MA0000001X,DA001,123456,2017,30\n",
};

static struct yw_register *with_good(void) {
    struct yw_register *r = yw_register_create();
    struct yw_book *b = book_of(good, 6);
    struct yw_import plan;
    struct yw_error err = {0};
    if (yw_import_plan(r, b, NULL, &plan, &err) != YW_OK) {
        fail_msg("%s: %s %u %s", err.text, plan.errors[0].sheet, plan.errors[0].row, plan.errors[0].text_zh);
    }
    assert_int_equal(plan.areas, 3);
    assert_int_equal(plan.units, 3);
    assert_int_equal(plan.enterprises, 2);
    assert_int_equal(plan.outlets, 2);
    assert_int_equal(plan.factors, 2);
    assert_int_equal(plan.devices, 1);
    assert_int_equal(plan.changed, 14); /* and one maintainer */
    apply_plan(r, &plan);
    yw_import_free(&plan);
    yw_book_destroy(b);
    return r;
}

static int32_t day(const char *text) {
    int64_t t;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return yw_china_day(t);
}

static void a_good_ledger_is_read(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_good();
    size_t n;
    const struct yw_enterprise *e = yw_register_enterprises(r, &n);
    assert_int_equal(n, 2);
    assert_string_equal(e[0].name, "甲电厂");
    assert_string_equal(e[0].area, "410102");
    assert_int_equal(e[0].permit_from, day("2024-07-01"));
    assert_int_equal(e[0].permit_to, day("2029-06-30"));
    assert_int_equal(e[1].permit_from, day("2024-07-01")); /* a date as spreadsheets keep it */
    assert_true(e[0].lat == 34.75 && isnan(e[1].lon));
    const struct yw_unit *u = yw_register_unit(r, "410102-Z");
    assert_string_equal(u->parent, "410100-Z");
    assert_string_equal(u->area, "410102");
    assert_true(yw_register_unit_within(r, "410102-Z", "410000-Z"));
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    assert_int_equal(o[1].kind, YW_OUTLET_WATER);
    assert_int_equal(o[0].maintainer, o[1].maintainer);
    assert_string_equal(yw_register_maintainer(r, o[0].maintainer)->name, "净源运维");
    const struct yw_factor_rule *f = yw_register_factors(r, o[0].id, &n);
    assert_int_equal(n, 2);
    assert_true(f[1].limit == 35 && f[1].judge_converted && f[1].reference_oxygen == 6 && isnan(f[0].limit));
    const struct yw_device *d = yw_register_device_by_mn(r, "A110000_0001", 12);
    assert_int_equal(d->state, YW_DEVICE_ADMITTED);
    assert_int_equal(d->rtd_interval_s, 30);
    yw_register_destroy(r);
}

static void an_update_finds_rows_by_key(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_good();
    const char *const update[] = {
        "",
        "统一社会信用代码,单位名称,简称\n91410100MA0000001X,甲电厂,甲电\n91410100MA0000003X,丙厂,\n",
        "devices.csv",
        "mn,credit_code,outlet_code,pw\nA110000_0001,91410100MA0000002X,DW001,\n",
    };
    struct yw_book *b = book_of(update, 2);
    struct yw_import plan;
    assert_int_equal(yw_import_plan(r, b, NULL, &plan, NULL), YW_OK);
    assert_int_equal(plan.enterprises, 2);
    assert_int_equal(plan.changed, 3);
    apply_plan(r, &plan);
    assert_string_equal(yw_register_enterprise(r, 1)->short_name, "甲电");
    assert_string_equal(yw_register_enterprise(r, 1)->area, "410102"); /* a column that is not there stays */
    assert_string_equal(yw_register_enterprise(r, 3)->name, "丙厂");
    const struct yw_device *d = yw_register_device_by_mn(r, "A110000_0001", 12);
    assert_int_equal(d->outlet, 2);
    assert_string_equal(d->pw, "123456"); /* an empty password keeps the old one */
    assert_int_equal(yw_register_outlet_at(r, d->id, 1), 1);
    assert_int_equal(yw_register_outlet_at(r, d->id, 2), 2);
    yw_import_free(&plan);
    yw_book_destroy(b);
    yw_register_destroy(r);
}

static void what_is_wrong_is_named(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *file, *text;
        unsigned row;
        const char *column, *zh, *en;
    } wrong[] = {
        {"排污单位.csv", "统一社会信用代码,单位名称\n,无码\n", 2, "统一社会信用代码", "不能为空", "is empty"},
        {"排污单位.csv", "统一社会信用代码,单位名称,行政区代码\nX,n,999999\n", 2, "行政区代码", "999999",
         "sheet areas"},
        {"排污单位.csv", "统一社会信用代码,单位名称,经度\nX,n,东经113\n", 2, "经度", "不是数字",
         "not a number"},
        {"排污单位.csv", "统一社会信用代码,单位名称,经度\nX,n,1135\n", 2, "经度", "超出", "outside"},
        {"排污单位.csv", "统一社会信用代码,单位名称,许可有效期止\nX,n,明年\n", 2, "许可有效期止", "不是日期",
         "not a date"},
        {"排污单位.csv", "统一社会信用代码,单位名称,许可有效期止\nX,n,2026-02-30\n", 2, "许可有效期止",
         "不是日期", "not a date"},
        {"排污单位.csv", "统一社会信用代码,单位名称\nX,n\n\nX,m\n", 4, "", "第 2 行重复", "same as row 2"},
        {"排污单位.csv", "统一社会信用代码\nX\n", 1, "单位名称", "缺少", "missing"},
        {"排污单位.csv", "统一社会信用代码,单位名称,限直\nX,n,3\n", 1, "限直", "不认识的列",
         "unknown column"},
        {"排污单位.csv", "统一社会信用代码,单位名称,单位名称\nX,n,3\n", 1, "单位名称", "两列", "two columns"},
        {"排放口.csv", "统一社会信用代码,排放口编号,排放口名称,排放口类型\nNOBODY,DA1,n,废气\n", 2,
         "统一社会信用代码", "NOBODY", "no enterprise"},
        {"排放口.csv", "统一社会信用代码,排放口编号,排放口名称,排放口类型\n91410100MA0000001X,DA 1,n,废汽\n",
         2, "排放口编号", "不允许的字符", "not allowed"},
        {"排放口.csv", "统一社会信用代码,排放口编号,排放口名称,排放口类型\n91410100MA0000001X,DA1,n,废汽\n",
         2, "排放口类型", "废气 废水", "air water"},
        {"监测因子.csv", "统一社会信用代码,排放口编号,因子编码\n91410100MA0000001X,DA009,a21026\n", 2,
         "排放口编号", "DA009", "no outlet"},
        {"数采仪.csv", "设备唯一标识,统一社会信用代码,排放口编号\n1.23E+23,91410100MA0000001X,DA001\n", 2,
         "设备唯一标识", "科学计数", "format the column as text"},
        {"数采仪.csv", "设备唯一标识,统一社会信用代码,排放口编号,协议版本\nM,91410100MA0000001X,DA001,20.5\n",
         2, "协议版本", "超出", "outside"},
        {"数采仪.csv",
         "设备唯一标识,统一社会信用代码,排放口编号\n0123456789012345678901234567890123,91410100MA0000001X,"
         "DA001\n",
         2, "设备唯一标识", "31", "31 bytes"},
        {"行政区.csv", "行政区代码,行政区名称,上级行政区代码\n1,n,2\n", 2, "上级行政区代码", "没有代码",
         "parent"},
        {"机构.csv", "机构代码,机构名称,上级机构\n1,n,2\n", 2, "上级机构", "没有代码为“2”", "no unit"},
        {"units.csv", "code,name,parent\n1,n,1\n", 2, "上级机构", "绕回自身", "above itself"},
        {"机构.csv", "机构代码,机构名称,上级机构\n1,n,410102-Z\n410000-Z,省厅,1\n", 2, "上级机构", "绕回自身",
         "above itself"},
        {"机构.csv", "机构代码,机构名称,行政区\n1,n,410000\n2,n,999999\n", 3, "行政区", "999999",
         "sheet areas"},
        {"机构.csv", "机构代码,机构名称\n1,n\n2,n\n1,m\n", 4, "", "第 2 行重复", "same as row 2"},
        {"机构.csv", "机构代码,机构名称\n1,\n", 2, "机构名称", "不能为空", "is empty"},
        {"说明.csv", "请按模板填写\n谢谢\n", 0, "", "没有认得的工作表", "no sheet is known"},
    };
    struct yw_register *r = with_good();
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        const char *const sheet[] = {wrong[i].file, wrong[i].text};
        struct yw_book *b = book_of(sheet, 1);
        struct yw_import plan;
        assert_int_equal(yw_import_plan(r, b, NULL, &plan, NULL), YW_E_FORMAT);
        assert_true(plan.error_n >= 1);
        const struct yw_import_error *e = &plan.errors[0];
        if (e->row != wrong[i].row || strcmp(e->column, wrong[i].column) != 0 ||
            strstr(e->text_zh, wrong[i].zh) == NULL || strstr(e->text_en, wrong[i].en) == NULL) {
            fail_msg("case %zu: row %u column %s %s / %s", i, e->row, e->column, e->text_zh, e->text_en);
        }
        yw_import_free(&plan);
        yw_book_destroy(b);
    }
    yw_register_destroy(r);
}

static void many_errors_are_counted_and_some_kept(void **state) {
    YW_UNUSED(state);
    struct yw_buf csv;
    yw_buf_init(&csv, 1 << 20);
    yw_buf_puts(&csv, "统一社会信用代码,单位名称,经度\n");
    for (int i = 0; i < 1000; i++) yw_buf_printf(&csv, "C%d,n,x\n", i);
    const char *const sheet[] = {"排污单位.csv", csv.data};
    struct yw_register *r = yw_register_create();
    struct yw_book *b = book_of(sheet, 1);
    struct yw_import plan;
    assert_int_equal(yw_import_plan(r, b, NULL, &plan, NULL), YW_E_FORMAT);
    assert_int_equal(plan.error_total, 1000);
    assert_int_equal(plan.error_n, YW_IMPORT_ERRORS_MAX);
    yw_import_free(&plan);
    yw_book_destroy(b);
    yw_register_destroy(r);
    yw_buf_free(&csv);
}

/* A register with awkward texts and numbers in it. */
static struct yw_register *awkward(void) {
    struct yw_register *r = with_good();
    static const char *const act =
        "{\"act\":\"register.put\",\"enterprises\":[{\"id\":7,\"credit_code\":\"0012\",\"name\":\"=1+1,"
        "\\\"引号\\\"&<>\","
        "\"short_name\":\"'单引号\",\"phone\":\"+86 "
        "371\",\"contact\":\"-\",\"lon\":113.12345678901234,\"lat\":0.1}],"
        "\"outlets\":[{\"id\":9,\"enterprise\":7,\"code\":\"1\",\"name\":\"@x\",\"kind\":\"other\"}],"
        "\"factors\":[{\"outlet\":9,\"code\":\"w01018\",\"limit\":1e-7,\"amount_t_a\":123456789.125}],"
        "\"devices\":[{\"id\":3,\"mn\":\"41000000000000000000000A\",\"outlet\":9,\"state\":\"retired\","
        "\"pw\":\"000001\"},"
        "{\"id\":4,\"mn\":\"2\",\"state\":\"refused\"}]}";
    struct yw_error err = {0};
    if (yw_register_apply(r, act, strlen(act), &err) != YW_OK) fail_msg("%s", err.text);
    return r;
}

static void expect_no_change(const struct yw_register *r, struct yw_book *again) {
    struct yw_import plan;
    struct yw_error err = {0};
    if (yw_import_plan(r, again, NULL, &plan, &err) != YW_OK) {
        fail_msg("%s: %s %u %s", err.text, plan.errors[0].sheet, plan.errors[0].row, plan.errors[0].text_zh);
    }
    assert_int_equal(plan.units, 3);
    assert_int_equal(plan.enterprises, 3);
    assert_int_equal(plan.outlets, 3);
    assert_int_equal(plan.factors, 3);
    assert_int_equal(plan.devices, 2);
    assert_int_equal(plan.changed, 0);
    yw_import_free(&plan);
    yw_book_destroy(again);
}

static bool remove_file(void *arg, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", (const char *)arg, name);
    assert_int_equal(unlink(path), 0);
    return true;
}

static void remove_folder(char *path) {
    const struct yw_io *io = yw_io_system();
    assert_int_equal(io->list(io->ctx, path, remove_file, path), 0);
    assert_int_equal(rmdir(path), 0);
}

static void importing_an_export_changes_nothing(void **state) {
    YW_UNUSED(state);
    char folder[] = "/tmp/yanwu-export-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[128], csv[128];
    snprintf(path, sizeof path, "%s/a.xlsx", folder);
    snprintf(csv, sizeof csv, "%s/csv", folder);
    struct yw_register *r = awkward();
    struct yw_export how = {.with_passwords = true};
    struct yw_book *book = yw_book_create(), *again = yw_book_create();
    struct yw_error err = {0};
    assert_int_equal(yw_export_book(r, &how, book, &err), YW_OK);
    assert_int_equal(book->n, 6);
    if (yw_book_write_xlsx(book, path, &err) != YW_OK) fail_msg("%s", err.text);
    if (yw_book_read_path(again, path, &err) != YW_OK) fail_msg("%s", err.text);
    expect_no_change(r, again);

    if (yw_book_write_csv(book, csv, &err) != YW_OK) fail_msg("%s", err.text);
    again = yw_book_create();
    if (yw_book_read_path(again, csv, &err) != YW_OK) fail_msg("%s", err.text);
    expect_no_change(r, again);

    struct yw_buf zip;
    yw_buf_init(&zip, 1 << 20);
    if (yw_book_write_csv_zip(book, &zip, &err) != YW_OK) fail_msg("%s", err.text);
    again = yw_book_create();
    if (yw_book_read(again, zip.data, zip.len, "", &err) != YW_OK) fail_msg("%s", err.text);
    expect_no_change(r, again);
    yw_buf_free(&zip);

    /* Into an empty register it gives the same again, passwords included. */
    struct yw_register *fresh = yw_register_create();
    struct yw_import plan;
    assert_int_equal(yw_import_plan(fresh, book, NULL, &plan, &err), YW_OK);
    apply_plan(fresh, &plan);
    yw_import_free(&plan);
    struct yw_book *theirs = yw_book_create();
    assert_int_equal(yw_export_book(fresh, &how, theirs, &err), YW_OK);
    for (size_t s = 0; s < book->n; s++) {
        assert_int_equal(book->sheets[s].n, theirs->sheets[s].n);
        for (size_t i = 0; i < book->sheets[s].n; i++) {
            for (uint32_t c = 0; c < book->sheets[s].rows[i].n; c++) {
                assert_string_equal(book->sheets[s].rows[i].cells[c], theirs->sheets[s].rows[i].cells[c]);
            }
        }
    }
    yw_book_destroy(theirs);
    yw_register_destroy(fresh);

    /* Without leave, no password is in it. */
    struct yw_book *plain = yw_book_create();
    assert_int_equal(yw_export_book(r, NULL, plain, &err), YW_OK);
    for (size_t i = 1; i < plain->sheets[5].n; i++)
        assert_string_equal(plain->sheets[5].rows[i].cells[3], "");
    expect_no_change(r, plain);
    yw_book_destroy(book);
    yw_register_destroy(r);
    remove_folder(csv);
    remove_folder(folder);
}

static void passwords_are_sealed_on_their_way_in(void **state) {
    YW_UNUSED(state);
    static const uint8_t key[32] = {7}, other[32] = {8};
    struct yw_register *r = with_good(); /* its password stands there in clear, as in an old journal */
    struct yw_book *b = book_of(good, YW_COUNT(good) / 2), *out = yw_book_create();
    struct yw_import plan;
    struct yw_error err = {0};
    assert_int_equal(yw_import_plan(r, b, key, &plan, &err), YW_OK);
    assert_int_equal(plan.changed, 0);
    yw_import_free(&plan);

    struct yw_register *fresh = yw_register_create();
    assert_int_equal(yw_import_plan(fresh, b, key, &plan, &err), YW_OK);
    apply_plan(fresh, &plan);
    yw_import_free(&plan);
    const struct yw_device *d = yw_register_device_by_mn(fresh, "A110000_0001", 12);
    assert_true(yw_password_is_sealed(d->pw));
    assert_int_equal(yw_import_plan(fresh, b, key, &plan, &err), YW_OK);
    assert_int_equal(plan.changed, 0);
    yw_import_free(&plan);

    /* Another change takes the password in clear along, sealed; a new key seals it anew. */
    static const char *const slower[] = {
        "devices.csv", "mn,credit_code,outlet,rtd_interval_s\nA110000_0001,91410100MA0000001X,DA001,60\n"};
    struct yw_book *change = book_of(slower, 1);
    if (yw_import_plan(r, change, key, &plan, &err) != YW_OK) fail_msg("%s", plan.errors[0].text_en);
    assert_int_equal(plan.changed, 1);
    assert_string_equal(plan.put.devices[0].pw, d->pw);
    yw_import_free(&plan);
    assert_int_equal(yw_import_plan(fresh, b, other, &plan, &err), YW_OK);
    assert_int_equal(plan.changed, 1);
    assert_true(yw_password_is_sealed(plan.put.devices[0].pw));
    assert_string_not_equal(plan.put.devices[0].pw, d->pw);
    yw_import_free(&plan);

    struct yw_export how = {.with_passwords = true};
    assert_int_equal(yw_export_book(fresh, &how, out, &err), YW_E_NOT_FOUND);
    yw_book_destroy(out);
    out = yw_book_create();
    how.key = key;
    assert_int_equal(yw_export_book(fresh, &how, out, &err), YW_OK);
    assert_string_equal(out->sheets[out->n - 1].rows[1].cells[3], "123456");
    yw_book_destroy(out);
    yw_book_destroy(change);
    yw_book_destroy(b);
    yw_register_destroy(fresh);
    yw_register_destroy(r);
}

/* An .xlsx of given parts, as other programs write them. */
static void zip_parts(struct yw_buf *out, const char *const *parts, size_t n) {
    zip_error_t why;
    zip_source_t *place = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = zip_open_from_source(place, ZIP_TRUNCATE, &why);
    assert_non_null(zip);
    zip_source_keep(place);
    for (size_t i = 0; i + 1 < 2 * n; i += 2) {
        zip_source_t *part = zip_source_buffer(zip, parts[i + 1], strlen(parts[i + 1]), 0);
        assert_true(zip_file_add(zip, parts[i], part, 0) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(place), 0);
    char chunk[4096];
    zip_int64_t got;
    while ((got = zip_source_read(place, chunk, sizeof chunk)) > 0) yw_buf_add(out, chunk, (size_t)got);
    zip_source_close(place);
    zip_source_free(place);
}

#define WORKBOOK                                                                                             \
    "xl/workbook.xml",                                                                                       \
        "<x:workbook xmlns:x=\"m\" xmlns:r=\"r\"><x:workbookPr date1904=\"1\"/><x:sheets>"                   \
        "<x:sheet name=\"排污单位\" sheetId=\"1\" r:id=\"rId7\"/></x:sheets></x:workbook>",                  \
        "xl/_rels/workbook.xml.rels",                                                                        \
        "<Relationships><Relationship Id=\"rId7\" Target=\"/xl/worksheets/a.xml\"/></Relationships>"

static enum yw_code read_parts(const char *const *parts, size_t n, struct yw_book *b, struct yw_error *err) {
    struct yw_buf zip;
    yw_buf_init(&zip, 4 << 20);
    zip_parts(&zip, parts, n);
    enum yw_code code = yw_book_read(b, zip.data, zip.len, "", err);
    yw_buf_free(&zip);
    return code;
}

static void a_foreign_xlsx_is_read(void **state) {
    YW_UNUSED(state);
    const char *const parts[] = {
        WORKBOOK,
        "xl/sharedStrings.xml",
        "<sst><si><t>统一社会信用代码</t></si><si><r><t>单位</t></r><r><t>名称</t></r><rPh><t>mingcheng</t></"
        "rPh></si></sst>",
        "xl/worksheets/a.xml",
        "<worksheet><sheetData><row r=\"2\"><c r=\"B2\" t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c>"
        "<c r=\"E2\" t=\"inlineStr\"><is><t>许可有效期止</t></is></c></row>"
        "<row r=\"5\"><c r=\"B5\" t=\"str\"><f>A1</f><v>X1</v></c><c r=\"C5\" t=\"inlineStr\"><is><t> "
        "甲&amp;乙 </t></is></c>"
        "<c r=\"E5\"><v>44011</v></c></row></sheetData></worksheet>",
    };
    struct yw_book *b = yw_book_create();
    struct yw_error err = {0};
    if (read_parts(parts, 4, b, &err) != YW_OK) fail_msg("%s", err.text);
    struct yw_register *r = yw_register_create();
    struct yw_import plan;
    if (yw_import_plan(r, b, NULL, &plan, &err) != YW_OK)
        fail_msg("%u %s", plan.errors[0].row, plan.errors[0].text_en);
    assert_int_equal(plan.put.enterprise_n, 1);
    assert_string_equal(plan.put.enterprises[0].name, "甲&乙");
    assert_int_equal(plan.put.enterprises[0].permit_to, day("2024-06-30"));
    yw_import_free(&plan);
    yw_register_destroy(r);
    yw_book_destroy(b);
}

static void a_hostile_xlsx_is_refused(void **state) {
    YW_UNUSED(state);
    struct yw_buf deep;
    yw_buf_init(&deep, 1 << 20);
    for (int i = 0; i < 2000; i++) yw_buf_puts(&deep, "<a>");
    const struct {
        const char *sheet, *says;
        enum yw_code code;
    } hostile[] = {
        {"<!DOCTYPE a [<!ENTITY x \"yyyyyyyyyy\"><!ENTITY z \"&x;&x;&x;\">]><worksheet>&z;</worksheet>",
         "document type", YW_E_FORMAT},
        {deep.data, "nested", YW_E_LIMIT},
        {"<worksheet><row r=\"1\"><c r=\"ZZZ1\"><v>1</v></c></row></worksheet>", "columns", YW_E_LIMIT},
        {"<worksheet><row r=\"1\"><c r=\"A1\" t=\"s\"><v>5</v></c></row></worksheet>", "shared string",
         YW_E_CORRUPT},
        {"<worksheet><row r=\"1\"><c r=\"1A\"><v>5</v></c></row></worksheet>", "address", YW_E_FORMAT},
        {"<worksheet><row r=\"3\"/><row r=\"2\"/></worksheet>", "order", YW_E_FORMAT},
        {"<worksheet><row", "well-formed", YW_E_FORMAT},
    };
    for (size_t i = 0; i < YW_COUNT(hostile); i++) {
        const char *const parts[] = {WORKBOOK, "xl/worksheets/a.xml", hostile[i].sheet};
        struct yw_book *b = yw_book_create();
        struct yw_error err = {0};
        assert_int_equal(read_parts(parts, 3, b, &err), hostile[i].code);
        if (strstr(err.text, hostile[i].says) == NULL) fail_msg("%s", err.text);
        yw_book_destroy(b);
    }
    /* A bomb: 300 MB of blanks that pack to almost nothing. */
    size_t size = 300u << 20;
    char *bomb = malloc(size + 1);
    memset(bomb, ' ', size);
    bomb[size] = '\0';
    memcpy(bomb, "<worksheet>", 11);
    const char *const parts[] = {WORKBOOK, "xl/worksheets/a.xml", bomb};
    struct yw_book *b = yw_book_create();
    struct yw_error err = {0};
    assert_int_equal(read_parts(parts, 3, b, &err), YW_E_LIMIT);
    yw_book_destroy(b);
    free(bomb);
    b = yw_book_create();
    assert_int_equal(yw_book_read(b, "PK\3\4nonsense", 12, "", &err), YW_E_FORMAT);
    assert_int_equal(yw_book_read(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "", &err), YW_E_FORMAT);
    assert_int_equal(yw_book_read(b, "", 0, "", &err), YW_E_FORMAT);
    assert_int_equal(yw_book_read(b, "a\0b", 3, "", &err), YW_E_FORMAT);
    yw_book_destroy(b);
    yw_buf_free(&deep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_ledger_is_read),
        cmocka_unit_test(an_update_finds_rows_by_key),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(many_errors_are_counted_and_some_kept),
        cmocka_unit_test(importing_an_export_changes_nothing),
        cmocka_unit_test(passwords_are_sealed_on_their_way_in),
        cmocka_unit_test(a_foreign_xlsx_is_read),
        cmocka_unit_test(a_hostile_xlsx_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
