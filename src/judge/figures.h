/* figures: the figures of the rules that the code asks for, looked up once for each stretch of days in which
 * no rule changes. One row for each figure; its value is only in share/rules. */
#ifndef YW_JUDGE_FIGURES_H
#define YW_JUDGE_FIGURES_H

#include "judge/rules.h"

/* id, rule, figure, who cannot do without it (G flue gas, W waste water, I incineration, A ambient, O nobody)
 */
#define YW_FIGURE_TABLE(X)                                                                                   \
    X(HOUR_MINUTES, "hj75.hour", "valid_minutes", G)                                                         \
    X(DAY_HOURS, "hj75.day", "valid_hours", G)                                                               \
    X(MONTH_DAYS, "hj75.month", "valid_days", G)                                                             \
    X(FEBRUARY_DAYS, "hj75.month", "february_days", G)                                                       \
    X(CONVERT_EPS, "hj75.convert", "eps", G)                                                                 \
    X(CONVERT_AIR, "hj75.convert", "air", G)                                                                 \
    X(STANDARD_KELVIN, "hj75.standard", "kelvin", G)                                                         \
    X(STANDARD_PA, "hj75.standard", "pressure_pa", G)                                                        \
    X(CAPTURE_MIN, "hj75.capture", "min", G)                                                                 \
    X(CAPTURE_HIGH, "hj75.capture", "high", G)                                                               \
    X(REPLACE_SHORT_H, "hj75.replace", "short_h", G)                                                         \
    X(REPLACE_HOURS_SHORT, "hj75.replace", "hours_short", G)                                                 \
    X(REPLACE_HOURS_LONG, "hj75.replace", "hours_long", G)                                                   \
    X(REPLACE_HOURS_LOW, "hj75.replace", "hours_low", G)                                                     \
    X(CALIBRATION_AUTOMATIC_H, "hj75.calibration", "automatic_h", O)                                         \
    X(CALIBRATION_PM_D, "hj75.calibration", "pm_d", O)                                                       \
    X(CALIBRATION_IN_SITU_D, "hj75.calibration", "in_situ_d", O)                                             \
    X(CALIBRATION_EXTRACTIVE_D, "hj75.calibration", "extractive_d", O)                                       \
    X(CALIBRATION_FULL_D, "hj75.calibration", "full_system_d", O)                                            \
    X(CALIBRATION_VELOCITY_D, "hj75.calibration", "velocity_d", O)                                           \
    X(VERIFICATION_AUTOMATIC_D, "hj75.verification", "automatic_d", O)                                       \
    X(VERIFICATION_OTHER_D, "hj75.verification", "other_d", O)                                               \
    X(DIFFERS_PERCENT, "hj75.differs", "percent", O)                                                         \
    X(MINUTE_SHARE, "hj75.minute", "valid_share", O)                                                         \
    X(MOLAR_VOLUME, "hj75.standard", "molar_volume", G)                                                      \
    X(OXYGEN_INCINERATION, "oxygen.incineration", "reference", O)                                            \
    X(OXYGEN_CEMENT, "oxygen.cement", "reference", O)                                                        \
    X(WATER_HOUR, "hj356.hour", "", O)                                                                       \
    YW_FIGURE_TABLE_WATER(X)

/* Rows of water, incineration, marks, ambient and plausibility: same shape. A figure "" asks only whether the
 * rule is on. */
#define YW_FIGURE_TABLE_WATER(X)                                                                             \
    X(WATER_DAY_SHARE, "hj356.day", "share", W)                                                              \
    X(WATER_MONTH_SHARE, "hj356.month", "share", W)                                                          \
    X(WATER_ZERO_FLOW, "hj356.zero_flow", "flow", W)                                                         \
    X(WATER_EMISSION, "hj356.emission", "", O)                                                               \
    X(WATER_REPLACE, "hj356.replace", "", O)                                                                 \
    X(WATER_COMPLETE, "hj356.complete", "hours", O)                                                          \
    X(WATER_PROOF, "hj356.proof", "", O)                                                                     \
    X(WATER_PROOF_JUMP, "hj356.proof", "jump", O)                                                            \
    X(WATER_LOOK_BACK, "hj356.look_back", "", O)                                                             \
    X(WATER_CHECK_H, "hj355.check", "check_h", O)                                                            \
    X(WATER_CALIBRATION_H, "hj355.check", "calibration_h", O)                                                \
    X(WATER_MANUAL_PER_DAY, "hj355.check", "manual_per_day", O)                                              \
    X(WATER_MANUAL_GAP_H, "hj355.check", "manual_gap_h", O)                                                  \
    X(WATER_CONSTRAINTS, "water.constraints", "", O)                                                         \
    X(WATER_PH_LOW, "water.constraints", "ph_low", O)                                                        \
    X(WATER_PH_HIGH, "water.constraints", "ph_high", O)                                                      \
    X(FURNACE_DAY_HOURS, "order10.day", "valid_hours", O)                                                    \
    X(FURNACE_HOUR, "order10.hour", "", O)                                                                   \
    X(BUDGET60_H, "order10.budget60", "hours", O)                                                            \
    X(BUDGET700_H, "order10.budget700", "hours", O)                                                          \
    X(BUDGET700_PM, "order10.budget700", "pm", O)                                                            \
    X(FAULT_H, "order10.fault", "hours", O)                                                                  \
    X(FURNACE_DEGC, "order10.temperature", "degc", O)                                                        \
    X(FURNACE_TIMES, "order10.temperature", "times", O)                                                      \
    X(MAINTENANCE_H, "order10.maintenance", "hours", O)                                                      \
    X(CONDITION, "marks.condition", "", O)                                                                   \
    X(QUOTA_POWER_H, "marks.condition.power", "quota_h", O)                                                  \
    X(QUOTA_CEMENT_H, "marks.condition.cement", "quota_h", O)                                                \
    X(QUOTA_PAPER_H, "marks.condition.paper", "quota_h", O)                                                  \
    X(LIMIT_PERMIT, "limits.permit", "", O)                                                                  \
    X(LIMIT_LOCAL, "limits.local", "", O)                                                                    \
    X(LIMIT_NATIONAL, "limits.national", "", O)                                                              \
    X(LIMIT_AMOUNT, "limits.amount", "", O)                                                                  \
    X(ULTRA_LOW_SHARE, "ultralow.share", "share", O)                                                         \
    X(AMBIENT_HOUR_MINUTES, "ambient.hour", "valid_minutes", O)                                              \
    X(AMBIENT_DAY_HOURS, "ambient.day", "valid_hours", O)                                                    \
    X(AMBIENT_8H_HOURS, "ambient.8h", "hours", O)                                                            \
    X(AMBIENT_8H_VALID, "ambient.8h", "valid_hours", O)                                                      \
    X(AMBIENT_8H_WINDOWS, "ambient.8h", "windows", O)                                                        \
    X(AMBIENT_YEAR_DAYS, "ambient.year", "valid_days", O)                                                    \
    X(CONSTANT_H, "plausible.constant", "hours", O)                                                          \
    X(RANGE, "plausible.range", "", O)                                                                       \
    X(MISSING, "plausible.missing", "hours", O)                                                              \
    X(IMPOSSIBLE_OXYGEN, "plausible.impossible", "oxygen_high", O)                                           \
    X(IMPOSSIBLE_PERCENT, "plausible.impossible", "percent_high", O)

enum yw_figure_id {
#define X(id, rule, figure, need) YW_FIG_##id,
    YW_FIGURE_TABLE(X)
#undef X
        YW_FIG_COUNT
};
struct yw_figures {
    int32_t from_day;           /* holds from this civil day on, until the next set begins */
    double value[YW_FIG_COUNT]; /* NaN: not known */
    uint16_t rule[YW_FIG_COUNT];
    bool on[YW_FIG_COUNT]; /* the rule is there and enabled */
};
/* All sets for these rules, in order of from_day, by malloc; NULL with err: a figure that the profile cannot
 * do without is missing, or no memory. */
struct yw_figures *yw_figures_compile(const struct yw_rules *rules, uint8_t profile, size_t *n,
                                      struct yw_error *err);

#endif
