/* quantity: what a place of a plant can have: gas in a duct, water in a channel, signals of the control room.
 * Concentrations of gas are mg per dry standard cubic metre (0 degC, 101.325 kPa) as they really are at the
 * sampling section, not converted to a reference oxygen; water is mg/L. */
#ifndef YW_PLANT_QUANTITY_H
#define YW_PLANT_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

/* name, unit, HJ 212 code ("" : none) */
#define YW_QUANTITIES(X)                                                                                     \
    X(SO2, "so2", "mg/m3", "a21026")                                                                         \
    X(NO, "no", "mg/m3", "a21003")                                                                           \
    X(NO2, "no2", "mg/m3", "a21004")                                                                         \
    X(NOX, "nox", "mg/m3", "a21002") /* as NO2 */                                                            \
    X(CO, "co", "mg/m3", "a21005")                                                                           \
    X(DUST, "dust", "mg/m3", "a34013")                                                                       \
    X(HCL, "hcl", "mg/m3", "a21024")                                                                         \
    X(HF, "hf", "mg/m3", "a21018")                                                                           \
    X(NH3, "nh3", "mg/m3", "a21001")                                                                         \
    X(NMHC, "nmhc", "mg/m3", "a24088") /* as carbon */                                                       \
    X(CH4, "ch4", "mg/m3", "a24086")                                                                         \
    X(TOLUENE, "toluene", "mg/m3", "a25003")                                                                 \
    X(O2, "o2", "%", "a19001")   /* dry */                                                                   \
    X(CO2, "co2", "%", "a05001") /* dry */                                                                   \
    X(H2O, "h2o", "%", "a01014") /* volume share of the wet gas */                                           \
    X(TEMP, "temp", "degC", "a01012")                                                                        \
    X(PRESSURE, "pressure", "kPa", "a01013") /* static, against the air outside */                           \
    X(VELOCITY, "velocity", "m/s", "a01011")                                                                 \
    X(FLOW, "flow", "m3/s", "a00000") /* dry, standard state */                                              \
    X(FURNACE1, "furnace1", "degC", "")                                                                      \
    X(FURNACE2, "furnace2", "degC", "")                                                                      \
    X(FURNACE3, "furnace3", "degC", "")                                                                      \
    X(FURNACE4, "furnace4", "degC", "")                                                                      \
    X(FURNACE5, "furnace5", "degC", "")                                                                      \
    X(FURNACE6, "furnace6", "degC", "")                                                                      \
    X(FURNACE, "furnace", "degC", "") /* the mean that is reported */                                        \
    X(COD, "cod", "mg/L", "w01018")                                                                          \
    X(NH4, "nh4", "mg/L", "w21003")                                                                          \
    X(TN, "tn", "mg/L", "w21001")                                                                            \
    X(TP, "tp", "mg/L", "w21011") /* a surrogate: ASM1 has no phosphorus */                                  \
    X(PH, "ph", "", "w01001")                                                                                \
    X(SS, "ss", "mg/L", "w01012")                                                                            \
    X(TURBIDITY, "turbidity", "NTU", "w01003")                                                               \
    X(CONDUCTIVITY, "conductivity", "uS/cm", "w01014")                                                       \
    X(WATER_TEMP, "water_temp", "degC", "w01010")                                                            \
    X(WATER_FLOW, "water_flow", "L/s", "w00000")                                                             \
    X(TOC, "toc", "mg/L", "w01020")                                                                          \
    X(BOD5, "bod5", "mg/L", "w01017")                                                                        \
    X(NO3, "no3", "mg/L", "w21007")                                                                          \
    X(CHLORINE, "chlorine", "mg/L", "") /* free, after disinfection */                                       \
    X(COLIFORMS, "coliforms", "1/L", "w02003")                                                               \
    X(INFLOW, "inflow", "L/s", "")                                                                           \
    X(INFLOW_COD, "inflow_cod", "mg/L", "")                                                                  \
    X(INFLOW_NH4, "inflow_nh4", "mg/L", "")                                                                  \
    X(OXYGEN3, "oxygen3", "mg/L", "") /* dissolved, in the aerated tanks */                                  \
    X(OXYGEN4, "oxygen4", "mg/L", "")                                                                        \
    X(OXYGEN5, "oxygen5", "mg/L", "")                                                                        \
    X(MLSS, "mlss", "mg/L", "")                                                                              \
    X(SLUDGE_LEVEL, "sludge_level", "m", "")                                                                 \
    X(BLOWER_KW, "blower_kw", "kW", "")                                                                      \
    X(PUMP_KW, "pump_kw", "kW", "")                                                                          \
    X(DOSING, "dosing", "kg/h", "") /* precipitant or carbon */                                              \
    X(LOAD, "load", "1", "")        /* share of the design load */                                           \
    X(RUNNING, "running", "1", "")  /* 0 stands still, between: starting up or shutting down */              \
    X(PRODUCT, "product", "", "")   /* MW, t/h steam, t/h waste, parts/h: what the kind makes */             \
    X(PRODUCTION_KW, "production_kw", "kW", "")                                                              \
    X(TREATMENT_KW, "treatment_kw", "kW", "")                                                                \
    X(FUEL, "fuel", "t/h", "")                                                                               \
    X(FAN_CURRENT, "fan_current", "A", "")                                                                   \
    X(DRUM_PRESSURE, "drum_pressure", "MPa", "")                                                             \
    X(AMMONIA, "ammonia", "kg/h", "")                                                                        \
    X(NOX_IN, "nox_in", "mg/m3", "") /* before SCR or SNCR */                                                \
    X(SO2_IN, "so2_in", "mg/m3", "") /* before the scrubber */                                               \
    X(DUST_IN, "dust_in", "mg/m3", "")                                                                       \
    X(LIMESTONE, "limestone", "kg/h", "")                                                                    \
    X(SLURRY_PH, "slurry_ph", "", "")                                                                        \
    X(SLURRY_PUMPS, "slurry_pumps", "1", "")                                                                 \
    X(GYPSUM, "gypsum", "kg/h", "")                                                                          \
    X(FILTER_DP, "filter_dp", "Pa", "")                                                                      \
    X(ESP_FIELDS, "esp_fields", "1", "")                                                                     \
    X(LIME, "lime", "kg/h", "")                                                                              \
    X(CARBON, "carbon", "kg/h", "")                                                                          \
    X(BYPASS, "bypass", "1", "") /* share that goes past the treatment */                                    \
    X(NMHC_IN, "nmhc_in", "mg/m3", "")                                                                       \
    X(RTO_TEMP, "rto_temp", "degC", "")                                                                      \
    X(FENCE_NMHC, "fence_nmhc", "mg/m3", "") /* at the works' fence */                                       \
    X(HCL_IN, "hcl_in", "mg/m3", "")         /* before the scrubber */                                       \
    X(BURNER_KW, "burner_kw", "kW", "")      /* auxiliary burners, heat */                                   \
    X(RESIDENCE, "residence", "s", "")       /* in the zone that has to be hot */                            \
    X(CARBON_AGE, "carbon_age", "d", "")     /* since the activated carbon was changed */                    \
    X(INLET_TEMP, "inlet_temp", "degC", "")  /* of a gas turbine */                                          \
    X(STAGE, "stage", "1", "")               /* enum yw_stage, where a kind goes through them */

enum yw_quantity {
#define X(id, name, unit, code) YW_Q_##id,
    YW_QUANTITIES(X)
#undef X
        YW_Q_COUNT
};

enum yw_stage { /* of a source that is heated and cooled slowly */
                YW_STAGE_STOPPED,
                YW_STAGE_DRYING,  /* heated without waste or work */
                YW_STAGE_STARTUP, /* first waste until it is steady */
                YW_STAGE_NORMAL,
                YW_STAGE_SHUTDOWN, /* no more waste, what is there burns out */
                YW_STAGE_COOLING,
                YW_STAGE_COUNT
};

struct yw_stream {
    double v[YW_Q_COUNT]; /* NAN: the plant has none */
};

const char *yw_quantity_name(enum yw_quantity q);
const char *yw_quantity_unit(enum yw_quantity q);
const char *yw_quantity_code(enum yw_quantity q); /* HJ 212, "": none */
/* YW_Q_COUNT: no quantity has that name. */
enum yw_quantity yw_quantity_find(const char *name, size_t n);
void yw_stream_clear(struct yw_stream *s); /* all NAN */

#endif
