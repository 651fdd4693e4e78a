/* SPDX-License-Identifier: MIT */
#include "daemon/import/owners.h"

#include <stdio.h>
#include "daemon/zone.h"
#include "lib/activity/report.h"
#include "lib/digest.h"

void owners_set_conf(struct owners *owners, const struct conf *conf)
{
    owners_done(owners);
    owners->conf = conf;
    for (size_t i = 0; i < conf->n_runners; i++)
        (void)zone_load(&owners->zones[i], conf->runners[i].time_zone); /* else days are UTC's */
}

void owners_done(struct owners *owners)
{
    for (size_t i = 0; i < CONF_RUNNERS_MAX; i++)
        owners->zones[i] = zone_free(owners->zones[i]);
}

/* A file in the folder itself is the only runner's. */
const char *owners_of(const struct owners *owners, const struct folder_file *file,
                      const char **ret_why)
{
    const struct conf *conf = owners->conf;

    if (file->runner[0])
        return file->runner;
    if (conf->n_runners == 1)
        return conf->runners[0].id;
    *ret_why = conf->n_runners == 0
                   ? "no runner is configured"
                   : "it lies in the folder itself, and there are several runners: "
                     "it belongs in the subfolder of one";
    return NULL;
}

void owners_orders(const struct owners *owners, const char *owner, struct orders *orders)
{
    const struct conf_runner *runner = conf_runner_of(owners->conf, owner);

    if (!runner)
        return;
    orders->barometric = runner->file_altitude == CONF_ALTITUDE_BAROMETRIC;
    orders->runner = (struct exertion_runner){ runner->sex, runner->max_heart_rate_bpm,
                                               runner->rest_heart_rate_bpm, runner->birth_year };
}

uint64_t owners_read_with(const struct owners *owners, const char *owner)
{
    struct orders orders = orders_of(0);
    char text[ORDERS_MAX], formula[16];
    uint64_t digest;

    owners_orders(owners, owner, &orders);
    orders_text(&orders, text);
    snprintf(formula, sizeof(formula), "%d", REPORT_FORMULA);
    digest = digest_word(digest_word(DIGEST_OF_NOTHING, formula), text);
    return digest ? digest : 1;
}

const struct tz *owners_tz(const struct owners *owners, const char *owner)
{
    size_t i = conf_find_runner(owners->conf, owner);

    return i < owners->conf->n_runners && owners->zones[i] ? zone_tz(owners->zones[i]) : NULL;
}
