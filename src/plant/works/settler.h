/* settler: one-dimensional secondary settler of ten layers with the double-exponential velocity of Takacs,
 * Patry and Nolasco (1991), without reactions, as in the benchmark. Layer 0 is the top; g/m3, days. */
#ifndef YW_PLANT_WORKS_SETTLER_H
#define YW_PLANT_WORKS_SETTLER_H

enum { YW_SETTLER_LAYERS = 10, YW_SETTLER_FEED = 4 };

struct yw_settler {
    double area, height;      /* m2; m of a layer */
    double v0max, v0, rh, rp; /* m/d, m/d, m3/g, m3/g */
    double fns, threshold;    /* share that never settles; g/m3 */
};
struct yw_settler yw_settler_benchmark(void);

struct yw_settler_flows {
    double feed, under; /* m3/d; the overflow is their difference */
    double solids;      /* g/m3 of the feed */
};
void yw_settler_rates(const struct yw_settler *s, const struct yw_settler_flows *q,
                      const double x[YW_SETTLER_LAYERS], double dx[YW_SETTLER_LAYERS]);
/* Derivative of dx by x, three diagonals: below[j] is d dx[j] / d x[j-1], above[j] d dx[j] / d x[j+1]. */
void yw_settler_jacobian(const struct yw_settler *s, const struct yw_settler_flows *q,
                         const double x[YW_SETTLER_LAYERS], double below[YW_SETTLER_LAYERS],
                         double at[YW_SETTLER_LAYERS], double above[YW_SETTLER_LAYERS]);

#endif
