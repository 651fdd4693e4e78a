/* SPDX-License-Identifier: MIT */
#include "lib/terrain/effort.h"

#include "lib/metrics/cost.h"
#include "lib/terrain/stretch.h"

#define JUDGED_SHARE 0.8 /* as much as a week's descent needs */

void effort_init(struct effort *effort, const struct knee_reference *own)
{
    *effort = (struct effort){ .own = *own };
    level_init(&effort->level);
}

void effort_part(struct effort *effort)
{
    double s = effort->block.s, metres = effort->block.metres, steps = effort->block.steps;
    double speed = metres / s, cadence = steps * 60 / s, grade = effort->block.rise / metres;
    bool walking = effort->block.walked_s > s / 2, hushed = effort->block.hushed;
    double step;

    effort->block.s = effort->block.metres = effort->block.rise = 0;
    effort->block.steps = effort->block.walked_s = 0;
    effort->block.hushed = false;
    if (!(s > 0 && metres > 0))
        return;
    if (!walking && fabs(grade) < STRETCH_LEVEL)
        level_add(&effort->level, speed, hushed ? NAN : cadence, s);
    if (isnan(steps))
        return;
    step = knee_step(&effort->own, cadence, speed, grade, walking);
    if (isnan(step))
        return;
    effort->judged += steps;
    effort->knee_steps += step * steps;
}

static double grade_between(const struct terrain_row *from, const struct terrain_row *to)
{
    if (isnan(from->grade))
        return to->grade;
    return isnan(to->grade) ? from->grade : (from->grade + to->grade) / 2;
}

void effort_feed(struct effort *effort, const struct terrain_row *from,
                 const struct terrain_row *to)
{
    double metres = to->distance_m - from->distance_m, s = terrain_moving_s(from, to);
    double grade = grade_between(from, to);

    if (isnan(grade) || s == 0) {
        effort_part(effort);
        return;
    }
    effort->graded_m += metres;
    effort->graded_s += s;
    effort->level_m += metres * cost_ratio(grade);
    effort->block.s += s;
    effort->block.metres += metres;
    effort->block.rise += metres * grade;
    effort->block.steps += to->steps - from->steps;
    effort->block.walked_s += to->walking ? s : 0;
    effort->block.hushed |= to->hushed;
    if (effort->block.s >= EFFORT_BLOCK_S)
        effort_part(effort);
}

double effort_graded_speed_m_s(const struct effort *effort)
{
    return effort->graded_s > 0 ? effort->level_m / effort->graded_s : NAN;
}

double effort_knee_steps(const struct effort *effort, double steps)
{
    if (!(effort->judged > 0) || effort->judged < JUDGED_SHARE * steps)
        return NAN;
    return effort->knee_steps;
}
