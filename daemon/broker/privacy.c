/* SPDX-License-Identifier: MIT */
#include "daemon/broker/privacy.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "daemon/render.h"
#include "daemon/util.h"

#define PATH_MAX_BYTES 128

bool privacy_is_heart(const char *path)
{
    static const char *const beginnings[] = { "heart_rate",       "zone", "trimp",
                                              "edwards",          "rr_",  "dfa_",
                                              "source.heart_rate" };
    for (size_t i = 0; i < ELEMENTSOF(beginnings); i++)
        if (strncmp(path, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

void privacy_hide_live(struct payload_live *live)
{
    live->heart_rate_bpm = live->heart_rate_reserve_pct = live->zone = NAN;
    live->trimp = live->edwards = live->rr_artefact_pct = live->dfa_alpha1 = NAN;
    live->source.heart_rate[0] = '\0';
}

void privacy_hide_session(struct payload_session *session)
{
    session->heart_rate_mean_bpm = session->heart_rate_max_bpm = NAN;
    session->trimp = session->edwards = NAN;
    for (int i = 0; i < 5; i++)
        session->zone_s[i] = NAN;
    session->source.heart_rate[0] = '\0';
}

static json_t *hidden(const json_t *value)
{
    json_t *list;

    if (!json_is_array(value))
        return json_null();
    list = json_array(); /* as many as there were: key sets and shapes are constant */
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(list, json_null());
    return list;
}

static int hide_object(json_t *object, const char *prefix)
{
    const char *key;
    json_t *value;
    void *next;
    int r = 0;

    json_object_foreach_safe(object, next, key, value)
    {
        char path[PATH_MAX_BYTES];

        snprintf(path, sizeof(path), "%s%s%s", prefix, prefix[0] ? "." : "", key);
        if (privacy_is_heart(path))
            r = json_object_set_new(object, key, hidden(value));
        else if (json_is_object(value) && !prefix[0]) /* payloads are two levels deep */
            r = hide_object(value, key);
        if (r < 0)
            return r;
    }
    return 0;
}

char *privacy_hide_body(const char *body)
{
    json_t *root = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
    char *text = NULL;

    if (json_is_object(root) && hide_object(root, "") >= 0)
        text = json_dumps(root, RENDER_JSON_FLAGS);
    json_decref(root);
    return text;
}

bool privacy_is_heart_notice(const char *body)
{
    json_t *root = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(json_object_get(root, "alert"), "rule"));
    const struct rule *rule = name ? rule_get(rule_by_name(name)) : NULL;
    bool heart = rule && rule->family == RULE_OF_MONOTONY;

    json_decref(root);
    return heart;
}
