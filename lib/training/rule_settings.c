/* SPDX-License-Identifier: MIT */
#include "lib/training/rule.h"

const char *rule_key_name(enum rule_key key)
{
    static const char *const names[RULE_KEYS] = {
        [RULE_KEY_CAUTION] = "Caution",
        [RULE_KEY_WARNING] = "Warning",
        [RULE_KEY_FLOOR] = "Floor",
    };

    return (unsigned)key < RULE_KEYS ? names[key] : NULL;
}

static const struct rule_threshold *threshold(enum rule_id id, enum rule_key key)
{
    const struct rule *rule = rule_get(id);

    if (!rule || (unsigned)key >= RULE_KEYS)
        return NULL;
    if (key == RULE_KEY_CAUTION)
        return &rule->caution;
    return key == RULE_KEY_WARNING ? &rule->warning : &rule->floor;
}

bool rule_key_range(enum rule_id id, enum rule_key key, double *ret_min, double *ret_max)
{
    const struct rule_threshold *range = threshold(id, key);

    if (!range || range->min > range->max)
        return false;
    *ret_min = range->min;
    *ret_max = range->max;
    return true;
}

void rule_settings_init(struct rule_settings *ret)
{
    *ret = (struct rule_settings){ .notify_at = VERDICT_CAUTION,
                                   .remind_every_usec = UINT64_C(7) * 86400 * 1000000,
                                   .window = WEEK_ROLLING };
    for (enum rule_id id = 0; id < RULES; id++) {
        const struct rule *rule = rule_get(id);

        ret->rule[id] = (struct rule_setting){ .enable = rule->enable,
                                               .notify = rule->notify,
                                               .caution = rule->caution.fallback,
                                               .warning = rule->warning.fallback,
                                               .floor = rule->floor.fallback };
    }
}

bool rule_settings_set(struct rule_settings *settings, enum rule_id id, enum rule_key key,
                       double value)
{
    struct rule_setting *rule;
    double min, max;

    if (!rule_key_range(id, key, &min, &max) || !(value >= min && value <= max))
        return false;
    rule = &settings->rule[id];
    *(key == RULE_KEY_CAUTION   ? &rule->caution
      : key == RULE_KEY_WARNING ? &rule->warning
                                : &rule->floor) = value;
    return true;
}

enum rule_id rule_settings_disordered(const struct rule_settings *settings)
{
    enum rule_id id = 0;

    while (id < RULES && !(settings->rule[id].warning < settings->rule[id].caution))
        id++;
    return id;
}
