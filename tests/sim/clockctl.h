/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The simulated clock as a file that every process of a test maps: clock.c reads it, clockctl.c (the
 * simulator, tests) changes it. Between changes simulated time is a straight line,
 *
 *     boottime = sim_origin + (real boottime - real_origin) * rate
 *     wall     = boottime + wall_offset
 *
 * and each change begins a new line. A sequence lock keeps readers from seeing half a change; the
 * last byte of the file is a doorbell: writing it wakes the readers' inotify, so that no one polls.
 */
#include <stdatomic.h>
#include <stdint.h>

#define SIM_CLOCK_ENV      "STRIDED_SIM_CLOCK"
#define SIM_CLOCK_MAGIC    UINT64_C(0x3143444952545331)
#define SIM_CLOCK_RATE_MIN 1.0
#define SIM_CLOCK_RATE_MAX 3600.0

struct clock_line {
    double rate;
    uint64_t real_origin_usec;
    uint64_t sim_origin_usec;
    int64_t wall_offset_usec;
    uint32_t wall_sets; /* how often the wall clock was set: watchers fire when it grows */
    uint32_t jumps;     /* how often boottime leapt: what would have happened meanwhile did not */
    char boot_id[33];
};

struct clock_file {
    uint64_t magic;
    _Atomic uint32_t sequence; /* odd while a change is being written */
    struct clock_line line;
    uint8_t doorbell;
};

struct clockctl;

/* The line a process without a clock file runs on: rate 1, the real clocks. */
struct clock_line clock_line_real(void);
uint64_t clock_line_real_usec(void);
uint64_t clock_line_now(const struct clock_line *line, uint64_t real_usec);
/* A consistent copy, whoever writes at this moment. */
struct clock_line clock_file_read(const struct clock_file *file);

/* Creates the file (wall clock and boot id as the machine's, boottime from one hour) or, when it is
 * there, opens it. -EBADMSG: not a clock file. */
int clockctl_open(struct clockctl **ret, const char *path);
struct clockctl *clockctl_free(struct clockctl *ctl);
const struct clock_file *clockctl_file(const struct clockctl *ctl);

int clockctl_set_rate(struct clockctl *ctl, double rate); /* -ERANGE outside x1..x3600 */
void clockctl_jump(struct clockctl *ctl, uint64_t usec);  /* time is later now, nothing was set */
void clockctl_set_wall(struct clockctl *ctl, int64_t wall_usec);
void clockctl_suspend(struct clockctl *ctl,
                      uint64_t usec);       /* as jump, and watchers fire as on resume */
void clockctl_reboot(struct clockctl *ctl); /* new boot id, boottime near 0 */
