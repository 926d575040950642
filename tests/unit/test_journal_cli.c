/* yanwu-journal stat, cat and verify over a data folder with two journals, sealed in part. */
#include "journal/journal.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { RECORDS = 300 };
#define START (1795000000 * YW_SECOND) /* 2026-11-18T19:06:40+08:00 */

struct bench {
    char data[64];
    struct yw_buf out;
    uint64_t positions[RECORDS];
    struct yw_error err;
};

/* Runs the program and keeps what it prints; returns its exit status. */
static int run(struct bench *b, const char *arguments) {
    char command[1024], chunk[4096];
    const char *build = getenv("YANWU_BUILD");
    snprintf(command, sizeof command, "%s/yanwu-journal %s 2>&1", build ? build : "build", arguments);
    yw_buf_clear(&b->out);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) yw_buf_add(&b->out, chunk, n);
    yw_buf_putc(&b->out, '\n');
    int status = pclose(f);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int command(struct bench *b, const char *before, const char *behind) {
    char arguments[512];
    snprintf(arguments, sizeof arguments, "%s %s%s", before, b->data, behind);
    return run(b, arguments);
}

static int lines(const struct bench *b) {
    int n = -1; /* run adds one */
    for (const char *p = b->out.data; (p = strchr(p, '\n')); p++) n++;
    return n;
}

static void fill(struct bench *b, const char *name, bool seal) {
    char folder[128], blocks[128], text[128];
    struct yw_journal *j;
    snprintf(folder, sizeof folder, "%s/journal/%s", b->data, name);
    snprintf(blocks, sizeof blocks, "%s/blocks/%s", b->data, name);
    assert_int_equal(yw_journal_open_sized(yw_io_system(), folder, name, 64 << 10, &j, NULL, &b->err), YW_OK);
    for (int i = 0; i < RECORDS; i++) {
        struct yw_record r = {
            .arrival = START + i * YW_SECOND, .domain = YW_DOMAIN_REAL, .payload = text, .link = 3};
        r.length = (uint32_t)snprintf(text, sizeof text, "##0020ST=31;CN=2011;MN=%d;Flag=4;CP=&&%d&&0000\r\n",
                                      i % 7, i);
        r.peer = (struct yw_peer){.addr = {[10] = 0xff, [11] = 0xff, [12] = 10, [13] = 1, [14] = 2, [15] = 3},
                                  .port = 4};
        r.direction = i % 10 == 9 ? YW_DIR_OUT : YW_DIR_IN;
        r.flags = YW_REC_ADMITTED | YW_REC_ACKED;
        if (i == 5) r.payload = "\xff\x00\x01", r.length = 3;
        assert_int_equal(yw_journal_append(j, &r, &b->err), YW_OK);
        b->positions[i] = r.position;
    }
    assert_int_equal(yw_journal_commit(j, &b->err), YW_OK);
    yw_journal_close(j);
    if (!seal) return;
    struct yw_sealer *s;
    bool sealed = true;
    assert_int_equal(yw_sealer_open(yw_io_system(), folder, blocks, &s, &b->err), YW_OK);
    while (sealed) assert_int_equal(yw_sealer_step(s, START, &sealed, NULL, &b->err), YW_OK);
    yw_sealer_close(s);
}

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    snprintf(b->data, sizeof b->data, "/tmp/yanwu-journal-XXXXXX");
    if (!mkdtemp(b->data)) return -1;
    yw_buf_init(&b->out, 1 << 20);
    fill(b, "acts", false);
    fill(b, "p0", true);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;
    char line[128];
    snprintf(line, sizeof line, "rm -rf '%s'", b->data);
    int r = system(line);
    yw_buf_free(&b->out);
    free(b);
    return r;
}

static void test_stat(void **state) {
    struct bench *b = *state;
    assert_int_equal(command(b, "stat", ""), 0);
    assert_int_equal(lines(b), 3);
    assert_non_null(strstr(b->out.data, "2026-11-18T19:06:40"));
    assert_int_equal(command(b, "stat --json --journal p0", ""), 0);
    assert_int_equal(lines(b), 1);
    assert_non_null(strstr(b->out.data, "\"records\":300,"));
    assert_non_null(strstr(b->out.data, "\"blocks\":4,"));
    assert_non_null(strstr(b->out.data, "\"last_arrival\":\"2026-11-18T19:11:39+08:00\""));
    assert_int_equal(command(b, "stat --json", "/journal/p0"), 0); /* finds the blocks by itself */
    assert_non_null(strstr(b->out.data, "\"blocks\":4,"));
}

static void test_cat(void **state) {
    struct bench *b = *state;
    char text[64];
    assert_int_equal(command(b, "cat", ""), 0);
    assert_int_equal(lines(b), 2 * RECORDS);
    assert_int_equal(command(b, "cat --journal p0 --mn 3", ""), 0);
    assert_int_equal(lines(b), 43);
    assert_int_equal(command(b, "cat --journal p0 --direction out", ""), 0);
    assert_int_equal(lines(b), 30);
    /* From a sealed block on into the segment. */
    assert_int_equal(command(b, "cat --journal p0 --from 2026-11-18T19:08:40 --to 2026-11-18T19:11:30", ""),
                     0);
    assert_int_equal(lines(b), 170);
    snprintf(text, sizeof text, "cat --position %llu --journal p0", (unsigned long long)b->positions[123]);
    assert_int_equal(command(b, text, ""), 0);
    assert_int_equal(lines(b), 1);
    assert_non_null(strstr(b->out.data, "CP=&&123&&"));
    assert_non_null(strstr(b->out.data, "\"peer\":\"10.1.2.3:4\""));
    assert_non_null(strstr(b->out.data, "\"flags\":[\"admitted\",\"acked\"]"));
    assert_int_equal(command(b, "cat --limit 6 --journal acts", ""), 0);
    assert_int_equal(lines(b), 6);
    assert_non_null(strstr(b->out.data, "\"hex\":\"FF0001\""));
    assert_int_equal(command(b, "cat --raw --limit 1 --journal acts", ""), 0);
    assert_string_equal(b->out.data, "##0020ST=31;CN=2011;MN=0;Flag=4;CP=&&0&&0000\r\n\n");
}

static void test_verify(void **state) {
    struct bench *b = *state;
    assert_int_equal(command(b, "verify", ""), 0);
    assert_non_null(strstr(b->out.data, "p0: intact, 300 records"));
    char path[128];
    snprintf(path, sizeof path, "%s/blocks/p0/00000000000000000000.blk", b->data);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fseek(f, 400, SEEK_SET);
    fputs("x!", f);
    fclose(f);
    assert_int_equal(command(b, "verify", ""), 1);
    assert_non_null(strstr(b->out.data, "acts: intact"));
    assert_non_null(strstr(b->out.data, "p0: damaged"));
    assert_non_null(strstr(b->out.data, "block 0"));
    assert_int_equal(command(b, "verify --json --journal p0", ""), 1);
    assert_non_null(strstr(b->out.data, "\"ok\":false"));
}

static void test_wrong_use(void **state) {
    struct bench *b = *state;
    assert_int_equal(run(b, ""), 2);
    assert_int_equal(run(b, "--help"), 0);
    assert_int_equal(run(b, "dog"), 2);
    assert_int_equal(run(b, "stat"), 2);
    assert_int_equal(command(b, "cat --direction up", ""), 2);
    assert_int_equal(command(b, "cat --position 0", ""), 2); /* in which journal? */
    assert_int_equal(command(b, "cat --position x --journal p0", ""), 2);
    assert_int_equal(command(b, "cat --position 4 --journal p0", ""), 1);
    assert_int_equal(command(b, "stat", "/nothing"), 1);
    assert_int_equal(command(b, "stat --journal p7", ""), 1);
    assert_non_null(strstr(b->out.data, "p7"));
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_stat), T(test_cat), T(test_verify), T(test_wrong_use)};
    return cmocka_run_group_tests_name("journal commands", tests, NULL, NULL);
}
