/* influent: what comes into the benchmark's works, as a table of marks with straight lines between. */
#ifndef YW_PLANT_WORKS_INFLUENT_H
#define YW_PLANT_WORKS_INFLUENT_H

#include "base/base.h"
#include "plant/works/bsm1.h"

enum { YW_INFLUENT_ROWS_MAX = 100000 };
struct yw_influent {
    double (*rows)[1 + YW_INFLOW_N]; /* days, thirteen states, m3/d */
    size_t n;
};
/* CSV with a header. Columns t_d (days, ascending), SI SS XI XS XBH XBA XP SO SNO SNH SND XND SALK, Q_m3d;
 * others are not looked at. One row (t_d may be missing then): constant. Errors name the line. */
enum yw_code yw_influent_parse(const char *text, size_t n, struct yw_influent *out, struct yw_error *err);
void yw_influent_free(struct yw_influent *f);
/* Held before the first row and behind the last. */
void yw_influent_at(const struct yw_influent *f, double t, double inflow[YW_INFLOW_N]);
double yw_influent_end(const struct yw_influent *f); /* day of the last row; constant: endless */

#endif
