/* SPDX-License-Identifier: MIT */
#include "daemon/import/orders.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WAY     "way"
#define FIT     "fit="
#define BPM_MAX 1000 /* what the configuration allows is less */

struct orders orders_of(int64_t newest_usec)
{
    return (struct orders){
        .newest_usec = newest_usec, .place = -1, .own_cadence_spm = NAN, .own_speed_m_s = NAN
    };
}

void orders_text(const struct orders *orders, char ret[ORDERS_MAX])
{
    const struct exertion_runner *runner = &orders->runner;

    if (orders->errand == ERRAND_WAY) {
        snprintf(ret, ORDERS_MAX, WAY);
        return;
    }
    if (orders->errand == ERRAND_FIT) {
        snprintf(ret, ORDERS_MAX, FIT "%" PRId64 ",place=%d,newest=%" PRId64 ",barometric=%d",
                 orders->start_usec, orders->place, orders->newest_usec, orders->barometric);
        return;
    }
    snprintf(ret, ORDERS_MAX,
             "newest=%" PRId64
             ",barometric=%d,sex=%d,max=%d,rest=%d,born=%d,cadence=%.9g,speed=%.9g",
             orders->newest_usec, orders->barometric, (int)runner->sex, runner->max_bpm,
             runner->rest_bpm, runner->birth_year, orders->own_cadence_spm, orders->own_speed_m_s);
}

static bool is_known_or_not(double value, double max)
{
    return isnan(value) || (value > 0 && value <= max);
}

static bool is_sound(const struct orders *orders, int barometric, int sex)
{
    const struct exertion_runner *runner = &orders->runner;

    return orders->newest_usec >= 0 && (barometric == 0 || barometric == 1) &&
           sex >= CONF_SEX_UNKNOWN && sex <= CONF_SEX_MALE && runner->max_bpm >= 0 &&
           runner->max_bpm <= BPM_MAX && runner->rest_bpm >= 0 && runner->rest_bpm <= BPM_MAX &&
           runner->birth_year >= 0 && runner->birth_year <= 9999 &&
           is_known_or_not(orders->own_cadence_spm, 400) &&
           is_known_or_not(orders->own_speed_m_s, 20);
}

static bool parse_activity(const char *text, struct orders *ret)
{
    struct orders read = { .errand = ERRAND_ACTIVITY };
    int barometric, sex, length = -1;

    sscanf(text,
           "newest=%" SCNd64 ",barometric=%d,sex=%d,max=%d,rest=%d,born=%d,cadence=%lf,speed=%lf%n",
           &read.newest_usec, &barometric, &sex, &read.runner.max_bpm, &read.runner.rest_bpm,
           &read.runner.birth_year, &read.own_cadence_spm, &read.own_speed_m_s, &length);
    if (length < 0 || text[length] || !is_sound(&read, barometric, sex))
        return false;
    read.barometric = barometric;
    read.runner.sex = (enum conf_sex)sex;
    *ret = read;
    return true;
}

static bool parse_fit(const char *text, struct orders *ret)
{
    struct orders read = orders_of(0);
    int barometric, length = -1;

    read.errand = ERRAND_FIT;
    sscanf(text, FIT "%" SCNd64 ",place=%d,newest=%" SCNd64 ",barometric=%d%n", &read.start_usec,
           &read.place, &read.newest_usec, &barometric, &length);
    if (length < 0 || text[length] || read.newest_usec < 0 || read.place < -1 ||
        (barometric != 0 && barometric != 1))
        return false;
    read.barometric = barometric;
    *ret = read;
    return true;
}

bool orders_parse(const char *text, struct orders *ret)
{
    if (strncmp(text, FIT, strlen(FIT)) == 0)
        return parse_fit(text, ret);
    if (strcmp(text, WAY) != 0)
        return parse_activity(text, ret);
    *ret = (struct orders){ .errand = ERRAND_WAY };
    return true;
}
