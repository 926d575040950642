/* carbon: a box of activated carbon. How far it is used up is a function of its age (never integrated); at
 * breakthrough what is not kept any more is exchanged with the loaded carbon by a linear driving force, so
 * that peaks come out smoothed and late. */
#ifndef YW_PLANT_FLUE_CARBON_H
#define YW_PLANT_FLUE_CARBON_H

struct yw_carbon {
    double loose; /* g of carbon that the loaded part will give back */
};
struct yw_carbon_in {
    double solvent; /* g/s as carbon */
    double used;    /* age / life; 1: half of the solvent comes through */
    double celsius; /* over 25 it holds less */
};
/* Share that comes through. */
double yw_carbon_through(double used, double celsius);
/* Mean g/s that leave; *kept: g/s that stay for good. What came in = out + kept + growth of `loose`. */
double yw_carbon_step(struct yw_carbon *s, const struct yw_carbon_in *in, double step_s, double *kept);

#endif
