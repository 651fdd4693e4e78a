/* SPDX-License-Identifier: MIT */
/* See body.h. */
#include <math.h>
#include "tests/sim/body.h"
#include "tests/sim/random.h"

#define HEART_TAU_S 20.0 /* a heart follows the effort in about so long */

/* What running pods say: about a joule a kilogram and metre, some 3 % more for each percent uphill. */
#define MASS_KG           70.0
#define LEVEL_J_KG_M      1.04
#define SLOPE_J_KG_M      3.5
#define ROOM_C            19.5
#define BAROMETER_NOISE_M 10.0 /* times the noise of the body: 0.1 m by default */

/* The standard atmosphere. */
#define SEA_LEVEL_PA 101325.0
#define HEIGHT_M     44330.77
#define EXPONENT     0.190263

void body_init(struct body *body, const struct script *script, uint64_t seed)
{
    *body = (struct body){
        .script = script,
        .noise = 0.01,
        .random = seed,
        .air_random = ~seed,
        .pin_speed = NAN,
        .pin_cadence = NAN,
        .pin_heart_rate = NAN,
        .pin_grade = NAN,
        .pin_power = NAN,
        .pin_temperature = NAN,
        .pin_worn = -1,
        .still_s = INFINITY,
    };
}

static double pinned(double pin, double value)
{
    return isnan(pin) ? value : pin;
}

static void heart_follow(struct body *body, const struct script_point *point, double dt_s)
{
    double share = 1 - exp(-dt_s / HEART_TAU_S);

    if (body->heart_rate_bpm == 0 || point->flags & SEGMENT_STEP)
        share = 1;
    body->heart_rate_bpm += (point->heart_rate_bpm - body->heart_rate_bpm) * share;
    body->heart_rate_bpm = pinned(body->pin_heart_rate, body->heart_rate_bpm);
}

static void values_take(struct body *body, double dt_s)
{
    struct script_point point = script_at(body->script, fmax(0, body->t_s - body->start_s));
    double jitter = 1 + body->noise * random_between(&body->random, -1, 1);

    if (body->t_s < body->start_s) /* the runner is not there yet */
        point.speed_m_s = point.cadence_spm = point.grade_pct = 0;
    body->flags = body->t_s < body->start_s ? 0 : point.flags;
    body->worn = body->pin_worn < 0 ? !(body->flags & SEGMENT_UNWORN) : body->pin_worn;
    body->speed_m_s = pinned(body->pin_speed, point.speed_m_s * jitter);
    body->cadence_spm = pinned(body->pin_cadence, point.cadence_spm);
    body->grade_pct = pinned(body->pin_grade, point.grade_pct);
    heart_follow(body, &point, dt_s);
}

static void power_take(struct body *body)
{
    double j_kg_m = fmax(0, LEVEL_J_KG_M + SLOPE_J_KG_M * body->grade_pct / 100);

    body->power_w = pinned(body->pin_power, MASS_KG * j_kg_m * body->speed_m_s);
}

/* The noise has a row of its own: what pods and straps send does not depend on who has a barometer. */
static void air_take(struct body *body)
{
    double error_m = BAROMETER_NOISE_M * body->noise * random_between(&body->air_random, -1, 1);

    body->altitude_m = body->start_altitude_m + body->ascent_m - body->descent_m;
    body->pressure_pa =
        SEA_LEVEL_PA * pow(1 - (body->altitude_m + error_m) / HEIGHT_M, 1 / EXPONENT) +
        body->drift_pa_h * body->t_s / 3600;
    body->temperature_c = pinned(body->pin_temperature, ROOM_C);
}

static void beats_count(struct body *body, double dt_s)
{
    body->n_rr = 0;
    if (!body->worn || body->heart_rate_bpm < 20)
        return;
    for (body->to_next_beat_s -= dt_s; body->to_next_beat_s <= 0;) {
        double rr_s = 60 / body->heart_rate_bpm *
                      (1 + 2 * body->noise * random_between(&body->random, -1, 1));

        if (body->last_rr_s > 0 && body->n_rr < BODY_BEATS_MAX) {
            uint16_t rr = (uint16_t)lround(body->last_rr_s * 1024);

            body->rr_1024[body->n_rr++] = rr;
            body->rr_sum_1024 += rr;
        }
        body->beats++;
        body->last_rr_s = rr_s;
        body->to_next_beat_s += rr_s;
    }
}

void body_step(struct body *body, double dt_s)
{
    double way_m, rise_m;

    body->t_s += dt_s;
    values_take(body, dt_s);
    way_m = body->speed_m_s * dt_s;
    rise_m = way_m * body->grade_pct / 100;
    body->distance_m += way_m;
    body->steps += body->cadence_spm / 60 * dt_s;
    body->ascent_m += fmax(0, rise_m);
    body->descent_m += fmax(0, -rise_m);
    body->still_s = body_is_moving(body) ? 0 : body->still_s + dt_s;
    power_take(body);
    air_take(body);
    beats_count(body, dt_s);
}

bool body_is_moving(const struct body *body)
{
    return body->speed_m_s > 0.1 || body->cadence_spm > 10;
}
