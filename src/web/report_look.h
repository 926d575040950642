/* What a report is made of, looked up in register and judge.db: shared by the routes and `yanwu report`. */
#ifndef YW_WEB_REPORT_LOOK_H
#define YW_WEB_REPORT_LOOK_H

#include "judged/judged.h"
#include "register/register.h"
#include "report/report.h"
#include "web/factor_names.h"

/* Hours of a month at most. */
enum { YW_REPORT_MONTH_HOURS = 31 * 24 };
enum { YW_REPORT_VERDICTS_MAX = 500, YW_REPORT_RUNS_MAX = 2000, YW_REPORT_OUTLETS_MAX = 20000 };

/* An exceedance alarm that was raised in the period. */
struct yw_report_alarm {
    uint32_t outlet;
    bool closed, in_time;
};
struct yw_report_source {
    const struct yw_register *reg;
    struct yw_judged *judged;     /* NULL: nothing was judged yet */
    const struct yw_rules *rules; /* with corrections */
    const struct yw_factor_names *names;
    int64_t now;
    void *arg;                                          /* of the two below */
    bool (*sees)(void *arg, const struct yw_outlet *o); /* NULL: everything */
    /* Calls each exceedance alarm raised in [from, to); NULL: alarms are not to be shown. */
    void (*alarms)(void *arg, int64_t from, int64_t to,
                   void (*each)(void *to, const struct yw_report_alarm *a), void *each_arg);
};

struct yw_report_look { /* everything in it lies in its arena */
    struct yw_arena *arena;
    struct yw_report_rates rates;
    struct yw_report_sheet sheet;
};
/* area "" and enterprise 0: all that is seen. Lists what is seen, with everything of the register, the rules
 * and the alarms that the report needs: those must stay as they are only that long. Free it in any case. */
enum yw_code yw_report_list_rates(const struct yw_report_source *s, const struct yw_report_period *p,
                                  const char *area, uint32_t enterprise, struct yw_report_look *out,
                                  struct yw_error *err);
/* Then counts, out of judge.db alone. */
enum yw_code yw_report_count_rates(const struct yw_report_source *s, struct yw_report_look *out,
                                   struct yw_error *err);
enum yw_code yw_report_look_sheet(const struct yw_report_source *s, const struct yw_report_period *p,
                                  uint32_t outlet, struct yw_report_look *out, struct yw_error *err);
void yw_report_look_free(struct yw_report_look *l);

/* ---- what both need (report_hours.c) ---- */
struct yw_report_hours { /* of the factors of one outlet over a period */
    uint8_t *hours;      /* factor_n rows of n */
    size_t n;
};
/* Hours a day of which none need come, of a kind of outlet. */
uint32_t yw_report_spared(const struct yw_report_source *s, const struct yw_outlet *o, int64_t at);
/* The first hour in which anything came; `before` where nothing did until then. */
enum yw_code yw_report_first_hour(const struct yw_report_source *s, uint32_t outlet, int64_t before,
                                  int64_t *first, struct yw_error *err);
/* Fills h from judge.db: hours [from, to) of the factors, owed since `first`. */
enum yw_code yw_report_hours_read(const struct yw_report_source *s, uint32_t outlet, int64_t from, int64_t to,
                                  int64_t first, uint32_t spare, const struct yw_report_factor *factors,
                                  size_t factor_n, struct yw_report_hours *h, struct yw_error *err);
enum { YW_REPORT_MONTHS_MAX = 12 };
/* Counts the period of the outlet's factors: whole months by what the judge has added up already, the others
 * hour by hour; the figures are the same. h: room for the hours of a month. */
enum yw_code yw_report_count_factors(const struct yw_report_source *s, const struct yw_report_period *p,
                                     struct yw_report_outlet *o, struct yw_report_hours *h,
                                     struct yw_error *err);
/* Registered factors of the outlet: those with a permitted concentration or amount; all where none has. */
bool yw_report_assessed(const struct yw_register *r, uint32_t outlet, const char *factor);
void yw_report_factor_name(const struct yw_report_source *s, struct yw_report_factor *f, const char *code);
/* What the register permits a year, where the factor does not tell it yet. */
void yw_report_permitted(const struct yw_register *r, uint32_t outlet, struct yw_report_factor *f);
/* Emitted since the beginning of the year of the period, and what is permitted. */
enum yw_code yw_report_amounts(const struct yw_report_source *s, uint32_t outlet,
                               const struct yw_report_period *p, struct yw_report_factor *factors,
                               size_t factor_n, struct yw_error *err);

#endif
