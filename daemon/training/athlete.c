/* SPDX-License-Identifier: MIT */
/* Who has a log: the runners of the configuration, and those who once were in one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/training/private.h"
#include "daemon/zone.h"

#define DAY_S        86400
#define ATHLETES_MAX 96 /* those of the configuration, and more who once were in one */

/* ---- Who, and on which day */

struct athlete *training_athlete(const struct training *training, const char *runner)
{
    for (size_t i = 0; i < training->n_athletes; i++)
        if (strcmp(training->athletes[i]->book.runner, runner) == 0)
            return training->athletes[i];
    return NULL;
}

int32_t training_today(const struct athlete *athlete, int64_t utc_s)
{
    int64_t local_s = utc_s + (athlete->zone ? tz_offset_s(zone_tz(athlete->zone), utc_s) : 0);

    return (int32_t)(local_s / DAY_S - (local_s % DAY_S < 0));
}

/* ---- Come and go */

static struct athlete *free_athlete(struct athlete *athlete)
{
    if (!athlete)
        return NULL;
    logbook_done(&athlete->book);
    free(athlete->told);
    zone_free(athlete->zone);
    free(athlete);
    return NULL;
}

void training_free_athletes(struct training *training)
{
    for (size_t i = 0; i < training->n_athletes; i++)
        free_athlete(training->athletes[i]);
    free(training->athletes);
}

struct athlete *training_add_athlete(struct training *training, const char *runner)
{
    struct athlete *athlete = training_athlete(training, runner), **grown;

    if (athlete || training->n_athletes == ATHLETES_MAX)
        return athlete;
    grown = reallocarray(training->athletes, training->n_athletes + 1, sizeof(*grown));
    if (!grown)
        return NULL;
    training->athletes = grown;
    athlete = calloc(1, sizeof(*athlete));
    if (!athlete)
        return NULL;
    logbook_init(&athlete->book, runner);
    training->athletes[training->n_athletes++] = athlete;
    return athlete;
}

int training_load_athletes(struct training *training)
{
    const struct conf *conf = training->parts.conf;

    for (size_t i = 0; i < training->n_athletes; i++) {
        struct athlete *athlete = training->athletes[i];

        athlete->zone = zone_free(athlete->zone);
        if (conf_find_runner(conf, athlete->book.runner) == conf->n_runners)
            athlete->judged = false;
    }
    for (size_t i = 0; i < conf->n_runners; i++) {
        struct athlete *athlete = training_add_athlete(training, conf->runners[i].id);

        if (!athlete)
            return -ENOMEM;
        (void)zone_load(&athlete->zone,
                        conf->runners[i].time_zone); /* sessions say what is wrong */
    }
    return 0;
}
