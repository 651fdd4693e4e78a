/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/rulebook.h"

#include <stdio.h>
#include "lib/training/rule.h"

#define EVIDENCE_BYTES_MAX 600

static json_t *doctor(void)
{
    json_t *list = json_array();

    for (size_t i = 0; rule_doctor(i); i++)
        json_array_append_new(list, json_string(rule_doctor(i)));
    return list;
}

/* A caution and a warning may rest on different grounds. */
static json_t *evidence(const struct rule *rule)
{
    const char *caution = rule_evidence_means(rule->caution_evidence);
    const char *warning = rule_evidence_means(rule->warning_evidence);
    char text[EVIDENCE_BYTES_MAX];

    if (!caution || !warning || caution == warning)
        return caution ? json_string(caution) : warning ? json_string(warning) : json_null();
    snprintf(text, sizeof(text), "Of a caution %s Of a warning %s", caution, warning);
    return json_string(text);
}

json_t *rulebook_row(const char *rule)
{
    const struct rule *row = rule ? rule_get(rule_by_name(rule)) : NULL;

    if (!row)
        return NULL;
    return json_pack("{s:{s:s}, s:s, s:s, s:s, s:s, s:o, s:s, s:o}", "alert", "rule", row->id,
                     "title", row->title, "measure", row->measure, "reference", row->reference,
                     "source", row->source, "evidence_means", evidence(row), "not_means",
                     row->not_means, "doctor", doctor());
}
