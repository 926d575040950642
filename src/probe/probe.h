/* probe: plays the host against a real field device, through every command and rule that can be seen from
 * outside, and writes what it found. One device, one link at a time; blocking, since the order of things is
 * the test.
 *
 *   link.c     the socket, frames in and out, the transcript
 *   talk.c     one command through its whole dialog
 *   rules.c    what is looked at, with its place in the standard
 *   steps*.c   the test itself, in order
 *   report.c   JSON and HTML */
#ifndef YW_PROBE_PROBE_H
#define YW_PROBE_PROBE_H

#include "base/base.h"
#include "command/command.h"
#include "command/dialog.h"
#include "hj212.h"

enum {
    PROBE_EXCHANGES = 20000, /* frames kept in the transcript */
    PROBE_BYTES = 16 << 20,  /* of them */
    PROBE_FACTORS = 32,
    PROBE_SHOWN = 6, /* frames shown with a rule */
    PROBE_HELD = 2 * HJ212_FRAME_MAX
};

#define PROBE_PORT "9212" /* where none is said */

enum yw_verdict { YW_NOT_RUN, YW_PASS, YW_FAIL, YW_NOTICED, YW_SKIPPED };
const char *yw_verdict_name(uint8_t v);          /* "pass" */
const char *yw_verdict_word(uint8_t v, bool zh); /* 符合 */

/* id, clause (Chinese name of the part of the standard), Chinese, English */
struct yw_rule {
    const char *id, *clause, *zh, *en;
};
extern const struct yw_rule yw_probe_rules[];
extern const size_t yw_probe_rule_n;

struct probe_result {
    uint8_t verdict;
    uint32_t seen, failed;        /* times looked at, times it did not hold */
    char zh[400], en[400];        /* why, for the first that did not hold or for the last that did */
    uint32_t frames[PROBE_SHOWN]; /* indices into the transcript */
    uint32_t frame_n;
};

struct probe_exchange {
    int64_t at;
    uint32_t offset, length; /* into bytes */
    bool sent, ok;
    uint16_t command;
};

struct probe_options {
    const char *address; /* HOST, HOST:PORT or PORT; with listen: where */
    bool listen;
    const char *mn, *pw, *st; /* NULL: as the device's first packet says */
    uint32_t version;         /* 0: the same */
    bool settings;            /* also commands that change settings; they are put back */
    bool equipment;           /* also those that make instruments do something */
    bool quick;               /* leave out what takes minutes */
    uint32_t wait_s;          /* for the device and its first packet */
    uint32_t overtime_s;
    uint8_t keys[4 * 16];
    size_t key_n;
    bool zh;
};

struct probe {
    struct probe_options options;
    int fd, listener;
    char held[PROBE_HELD];
    size_t held_n;
    char plain[HJ212_FRAME_MAX];
    char *bytes; /* transcript */
    size_t bytes_n;
    struct probe_exchange *exchanges;
    uint32_t exchange_n;
    bool overflow, gone; /* the device closed the link */
    char peer[80];
    /* the device as it shows itself */
    char mn[32], pw[32], st[4];
    uint16_t version;
    char factors[PROBE_FACTORS][16]; /* codes met in its data */
    uint32_t factor_n;
    int64_t last_qn, started, ended;
    bool withhold; /* leave uploads unanswered */
    const char
        *provoked; /* QN of a request made wrong on purpose: its echo is no fault of form; NULL: none */
    struct probe_result *results;
    uint32_t packets, garbage;
    void (*say)(void *arg, const char *line); /* progress for people; may be NULL */
    void *arg;
};

/* ---- link.c ---- */
enum yw_code probe_open(struct probe *p, struct yw_error *err); /* connects, or waits for the device */
void probe_close(struct probe *p);
/* The next frame within so many milliseconds; false: none came. packet is valid until the next call. Uploads
 * that ask for an answer are answered unless withhold is set. */
bool probe_receive(struct probe *p, int64_t until, hj212_packet *packet, uint32_t *exchange);
bool probe_send(struct probe *p, const void *bytes, size_t n, uint16_t command, uint32_t *exchange);

/* ---- talk.c ---- */
struct probe_talk {
    struct yw_dialog dialog;
    const struct yw_command_spec *spec;
    char qn[18], cp[YW_COMMAND_CP_MAX + 1];
    int64_t from, to;
    uint32_t sent, frames[PROBE_SHOWN], frame_n; /* transcript */
    uint32_t answers;
    char answer[1024]; /* data area of the first answer */
    int64_t sent_at, answered_at;
    bool in_range, ordered;   /* of uploads */
    const char *pw, *mn, *st; /* as sent; NULL: the device's */
};
/* Runs the command; true if it ended (whatever the outcome), false if it cannot be built for this version. */
bool probe_talk(struct probe *p, const char *key, const struct yw_argument *args, size_t n,
                struct probe_talk *t);
/* Builds a request frame; n 0: it does not fit. */
size_t probe_request(struct probe *p, const struct probe_talk *t, uint16_t cn, const char *flag, char *out,
                     size_t size);
void probe_new_qn(struct probe *p, char qn[18]);
/* Value of a field of the first answer ("" if absent). */
void probe_answer(const struct probe_talk *t, const char *field, char *out, size_t size);
void probe_show(struct probe_talk *t, uint32_t exchange);

/* ---- rules.c ---- */
int probe_rule(const char *id); /* index; aborts on an unknown one, ids are literals */
void probe_pass(struct probe *p, const char *id, const struct probe_talk *t, const char *zh, const char *en);
void probe_fail(struct probe *p, const char *id, const struct probe_talk *t, const char *zh, const char *en);
void probe_skip(struct probe *p, const char *id, const char *zh, const char *en);
void probe_judge(struct probe *p, bool good, const char *id, const struct probe_talk *t, const char *zh,
                 const char *en);
/* Findings of a packet that came, for the rules about form. */
void probe_form(struct probe *p, const hj212_packet *packet, uint32_t exchange);

/* ---- steps.c, steps_refuse.c, steps_history.c ---- */
void probe_run(struct probe *p);
void probe_history(struct probe *p);
void probe_refusals(struct probe *p);
void probe_delivery(struct probe *p);
void probe_commands(struct probe *p);
int64_t probe_now(void);

/* ---- report.c ---- */
bool probe_json(const struct probe *p, struct yw_buf *out);
bool probe_html(const struct probe *p, struct yw_buf *out);
struct probe_counts {
    uint32_t pass, fail, noticed, skipped;
};
struct probe_counts probe_count(const struct probe *p);

#endif
