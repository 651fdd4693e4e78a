/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Ascent and descent on a belt of known inclination. Belt distance lies along the slope, so a metre
 * of belt at grade g (rise over run) rises g / sqrt(1 + g^2). There is no threshold:
 * the inclination of a machine has no noise.
 */
struct climb {
    double ascent_m, descent_m; /* both positive */
};

void climb_init(struct climb *climb);
/* Metres of belt since the last packet; grade 0.10 is 10 % up. What is unknown (NAN) or runs back
 * adds nothing: the caller says absent where it never knew a grade. */
void climb_feed(struct climb *climb, double distance_m, double grade);
