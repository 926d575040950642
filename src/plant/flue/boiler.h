/* boiler: a coal boiler with its treatment, from the coal feeder to the stack. Parameters and inputs are
 * named here once; the state is plain. Sources: standard boiler calculation; selective reduction with stored
 * ammonia; Matts-Oehnfeldt; limestone scrubber by transfer units; figures are usual ones of the trade, chosen
 * for training, none is of a certain plant. */
#ifndef YW_PLANT_FLUE_BOILER_H
#define YW_PLANT_FLUE_BOILER_H

#include "plant/flue/duct.h"
#include "plant/flue/fgd.h"
#include "plant/flue/combustion.h"
#include "plant/flue/scr.h"
#include "plant/flue/solids.h"

/* id, name, unit, usual, low, high, meaning */
#define YW_BOILER_PARAMETERS(X)                                                                              \
    X(PRODUCT, "product", "MW or t/h", 300, 1, 3000, "what it makes at its design load")                     \
    X(HEAT, "heat_mw", "MW", 750, 1, 5000, "heat of the fuel at its design load")                            \
    X(FIRING, "firing", "", 0, 0, 2, "0 pulverised coal, 1 fluidised bed, 2 grate")                          \
    X(C, "coal_c", "1", 0.586, 0.2, 0.85, "carbon of the coal as received")                                  \
    X(H, "coal_h", "1", 0.0336, 0.005, 0.08, "hydrogen")                                                     \
    X(O, "coal_o", "1", 0.0728, 0, 0.2, "oxygen")                                                            \
    X(N, "coal_n", "1", 0.0079, 0, 0.03, "nitrogen")                                                         \
    X(S, "coal_s", "1", 0.0063, 0.0005, 0.06, "sulphur")                                                     \
    X(ASH, "coal_ash", "1", 0.1977, 0.01, 0.5, "ash")                                                        \
    X(WATER, "coal_water", "1", 0.0961, 0.01, 0.45, "moisture")                                              \
    X(LHV, "coal_lhv", "MJ/kg", 22.5, 6, 34, "lower heating value")                                          \
    X(RELEASE, "sulphur_release", "1", 0.95, 0.03, 1, "share of sulphur that leaves the furnace as SO2")     \
    X(FLY, "fly_ash", "1", 0.85, 0.05, 0.95, "share of ash that flies")                                      \
    X(CHLORINE, "coal_cl", "1", 0.0002, 0, 0.003, "chlorine")                                                \
    X(O2, "o2_design", "%", 3.5, 1.5, 10, "oxygen behind the furnace at design load")                        \
    X(O2_LOW, "o2_low_load", "%", 3, 0, 8, "more oxygen the lower the load: at no load")                     \
    X(LEAK, "leak", "1", 0.1, 0, 0.6, "air that leaks in behind the furnace, of the air just needed")        \
    X(NOX, "nox_base", "mg/m3", 320, 30, 1500, "NOx behind the furnace, 6 % oxygen, design load")            \
    X(NOX_SLOPE, "nox_slope", "1/%", 0.14, 0, 0.3, "how NOx grows with oxygen")                              \
    X(CO, "co_base", "mg/m3", 20, 1, 2000, "CO that is always there")                                        \
    X(FUEL_LAG, "fuel_lag", "s", 100, 10, 1200, "mill or bed")                                               \
    X(FUEL_DELAY, "fuel_delay", "s", 30, 3, 300, "feeder to mill")                                           \
    X(RAMP, "ramp", "1/min", 0.02, 0.002, 0.2, "how fast the load may change")                               \
    X(START, "start_h", "h", 4, 0.3, 24, "a cold start takes about")                                         \
    X(DENOX, "denox", "", 1, 0, 2, "0 none, 1 catalyst (SCR), 2 ammonia into the furnace (SNCR)")            \
    X(NOX_SET, "nox_set", "mg/m3", 40, 5, 500, "set point of the stack, at the reference oxygen")            \
    X(SCR_STORE, "scr_store", "ppm s", 1e5, 2e4, 2e6, "ammonia the catalyst holds")                          \
    X(SCR_K, "scr_strength", "1", 2.2, 0.2, 12, "strength of a slice of the catalyst")                       \
    X(SCR_UNEVEN, "scr_uneven", "1", 0.012, 0, 0.2, "share of the gas that meets little of it")              \
    X(ESP, "esp_fields", "1", 5, 0, 8, "fields of the electrostatic precipitator, 0: none")                  \
    X(SCA, "esp_sca", "s/m", 100, 10, 250, "specific collecting area")                                       \
    X(WK, "esp_wk", "m/s", 0.40, 0.05, 1.2, "migration speed after Matts and Oehnfeldt")                     \
    X(BAGS, "bags", "", 0, 0, 1, "a bag filter")                                                             \
    X(BAG_BASE, "bag_base", "mg/m3", 4, 0.5, 40, "what sound bags let through")                              \
    X(PUMPS, "fgd_pumps", "1", 4, 0, 6, "slurry pumps of the scrubber, 0: no scrubber")                      \
    X(NTU, "fgd_ntu", "1", 4.3, 0.5, 8, "transfer units with all pumps, design flow, pH 5.6, 1500 mg/m3")    \
    X(SO2_SET, "so2_set", "mg/m3", 22, 2, 400, "set point of the stack, at the reference oxygen")            \
    X(SUMP, "sump_m3", "m3", 2000, 5, 8000, "slurry in the scrubber")                                        \
    X(FGD_DUST, "fgd_dust", "1", 0.6, 0, 0.9, "share of dust the scrubber takes")                            \
    X(MIST, "mist", "mg/m3", 2, 0, 30, "solids of droplets behind the scrubber")                             \
    X(WET_ESP, "wet_esp_removal", "1", 0.8, 0, 0.95, "share of dust a wet precipitator takes, 0: none")      \
    X(REHEAT, "reheat", "degC", 0, 0, 110, "temperature behind the reheater, 0: none")                       \
    X(EXIT, "exit_temp", "degC", 125, 80, 220, "flue gas behind the air heater at design load")              \
    X(AREA, "area", "m2", 28, 0.1, 200, "section where the probe is")                                        \
    X(HEIGHT, "height", "m", 120, 10, 250, "stack above the section")                                        \
    X(DRUM, "drum_mpa", "MPa", 17, 0.4, 30, "steam pressure")                                                \
    X(FAN, "fan_a", "A", 320, 5, 900, "current of the induced-draught fan at design flow")                   \
    X(REFERENCE, "reference_o2", "%", 6, 0, 15, "reference oxygen of its own controllers")

#define YW_BOILER_INPUTS(X)                                                                                  \
    X(LOAD, "load", "1", 0.85, 0, 1.1, "load asked for; below 0.05 it shuts down")                           \
    X(OUTSIDE, "outside", "degC", 15, -45, 45, "air outside")                                                \
    X(O2_SHIFT, "o2_shift", "%", 0, -3, 6, "more oxygen than the set point says")                            \
    X(SULPHUR, "sulphur", "1", 1, 0.2, 4, "sulphur of the coal, times the usual")                            \
    X(MORE_ASH, "ash", "1", 1, 0.3, 2, "ash of the coal, times the usual")                                   \
    X(WET_COAL, "wet_coal", "1", 1, 0.3, 2.5, "moisture of the coal, times the usual")                       \
    X(FEEDER, "feeder_trip", "1", 0, 0, 1, "share of the fuel that is lost")                                 \
    X(TRAMP, "tramp_air", "1", 0, 0, 2, "air that leaks in before the section, of the air just needed")      \
    X(SOOT, "sootblow", "1", 0, 0, 1, "soot blowing")                                                        \
    X(CATALYST, "catalyst", "1", 1, 0, 1.2, "activity of the catalyst")                                      \
    X(UNEVEN, "uneven", "1", 0, 0, 0.3, "more gas that passes the catalyst by")                              \
    X(AMMONIA, "ammonia", "", 1, 0, 1, "ammonia in service")                                                 \
    X(AMMONIA_AUTO, "ammonia_auto", "", 1, 0, 1, "ammonia by the controller (else: nsr)")                    \
    X(NSR, "nsr", "mol/mol", 0.85, 0, 1.6, "ammonia to NOx where the controller is off")                     \
    X(NOX_SEEN, "nox_seen", "1", 1, 0, 3, "what the controller sees of the outlet NOx, times the truth")     \
    X(FIELDS_OFF, "esp_fields_off", "1", 0, 0, 8, "tripped fields of the precipitator")                      \
    X(RESISTIVITY, "resistivity", "1", 0, 0, 1, "ash of high resistivity")                                   \
    X(RAPPING, "rapping", "", 1, 0, 1, "rapping in service")                                                 \
    X(TORN, "torn_bags", "1", 0, 0, 0.2, "share of bags that are torn")                                      \
    X(CLEANING, "bag_cleaning", "", 1, 0, 1, "bag cleaning in service")                                      \
    X(PUMPS_OFF, "pumps_off", "1", 0, 0, 6, "slurry pumps out of service")                                   \
    X(PUMPS_AUTO, "pumps_auto", "", 1, 0, 1, "liquid follows the SO2 set point (else: all pumps)")           \
    X(PH_SET, "ph_set", "", 5.6, 4.2, 6.1, "set point of the slurry's pH")                                   \
    X(LIMESTONE, "limestone", "", 1, 0, 1, "limestone feed in service")                                      \
    X(BLINDING, "blinding", "1", 0, 0, 1, "share of limestone that does not dissolve")                       \
    X(OXIDATION, "oxidation", "", 1, 0, 1, "oxidation air in service")                                       \
    X(WET_ESP, "wet_esp", "", 1, 0, 1, "wet precipitator in service")                                        \
    X(REHEATER, "reheater", "", 1, 0, 1, "reheater in service")                                              \
    X(BYPASS, "bypass", "1", 0, 0, 1, "share of the gas that goes past the scrubber")

enum yw_boiler_parameter {
#define X(id, name, unit, usual, low, high, meaning) YW_BOILER_P_##id,
    YW_BOILER_PARAMETERS(X)
#undef X
        YW_BOILER_P_COUNT
};
enum yw_boiler_input {
#define X(id, name, unit, usual, low, high, meaning) YW_BOILER_I_##id,
    YW_BOILER_INPUTS(X)
#undef X
        YW_BOILER_I_COUNT
};

/* What has gone in and out since the life began, kg (sulphur as S, nitrogen in mol, water as kg). */
struct yw_boiler_ledger {
    double coal_s, ash_s, stack_so2; /* with the scrubber's own ledger and what the ducts hold */
    double nox_in, nox_out, nh3_in, nh3_burnt, nh3_to_ash, nh3_to_slurry, nh3_out, nox_reduced;
    double coal_ash, bottom_ash, hopper_ash, slurry_ash, stack_ash;
    double water_in, water_scrubbed, water_out; /* Nm3 of vapour; scrubbed: taken up (+) or given off (-) */
};

struct yw_boiler { /* the state of a life */
    struct yw_combustion fire;
    struct yw_scr scr;
    struct yw_solids solids;
    struct yw_fgd fgd;
    double before[YW_DUCT_PARTS], behind[YW_DUCT_PARTS]; /* held before the catalyst and before the stack */
    double before_m3, behind_m3;
    double stack_temp;
    double so2_seen, nox_seen; /* at the reference oxygen, of the step before: what controllers go by */
    struct yw_boiler_ledger ledger;
};

#endif
