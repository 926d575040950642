/* scenario_int: what the files that read a scenario share. */
#ifndef YW_PLANTS_SCENARIO_INT_H
#define YW_PLANTS_SCENARIO_INT_H

#include <stddef.h>

#include "plant/yaml_table.h"
#include "plants/plants.h"

#define KEY(type, member, name_, kind_, ...)                                                                 \
    {                                                                                                        \
        .name = name_, .kind = kind_, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member), \
        __VA_ARGS__                                                                                          \
    }
#define RANGE(a, b) .low = (a), .high = (b)
#define ANY         .required = false

/* ---- scenario_life.c: the plant, its station and what its instruments look at ---- */

enum yw_code yw_read_plant(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                           struct yw_error *err);
enum yw_code yw_read_station(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                             struct yw_error *err);
enum yw_code yw_read_weather(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                             struct yw_error *err);
/* One factor of a process into the scenario's next factor and channel; the caller checks it. */
enum yw_code yw_read_process_factor(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                                    struct yw_plant_factor *f, struct yw_error *err);
/* What stands in the station's description twice: area, reference oxygen, version. */
enum yw_code yw_finish_station(struct yw_scenario *s, size_t line, struct yw_error *err);

/* ---- scenario_events.c: what happens and who sees it ---- */

enum yw_code yw_read_inputs(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                            struct yw_error *err);
enum yw_code yw_read_events(yaml_document_t *doc, yaml_node_t *node, const struct yw_effect_book *book,
                            struct yw_scenario *s, struct yw_error *err);
enum yw_code yw_read_inspections(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                                 struct yw_error *err);
enum yw_code yw_read_world(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                           struct yw_error *err);

/* ---- of scenario_life.c, for both ---- */

const char *yw_node_text(const yaml_node_t *node); /* "": it is no single value */
/* "02:10" as seconds after midnight. */
bool yw_parse_clock(const char *text, int64_t *out);
enum yw_code yw_read_quantity(const yaml_node_t *node, enum yw_quantity *out, struct yw_error *err);

#endif
