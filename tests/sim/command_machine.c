/* SPDX-License-Identifier: MIT */
/* Commands to the machine around the sensors: bluetoothd, its adapter, the clock, the simulator. */
#include <math.h>
#include <string.h>
#include "tests/sim/command.h"
#include "tests/sim/sim.h"

/* ---- bluetoothd and adapter ----------------------------------------------------------------- */

int cmd_kill_name(struct request *q)
{
    if (!q->sim->bus)
        return error(q, "bluetoothd is not running");
    bluetoothd_kill(q->sim);
    return done(q);
}

int cmd_stop(struct request *q)
{
    if (!q->sim->bus)
        return error(q, "bluetoothd is not running");
    bluetoothd_stop(q->sim);
    return done(q);
}

int cmd_start(struct request *q)
{
    int r;

    if (q->sim->bus)
        return error(q, "bluetoothd is running");
    r = bluetoothd_start(q->sim);
    return r < 0 ? error(q, "%s", strerror(-r)) : done(q);
}

int cmd_service(struct request *q)
{
    const char *what = q->n > 0 ? q->words[0] : "";
    double k;
    if (!q->sim->systemd.bus)
        return error(q, "there is no systemd: start with --systemd");
    if (strcmp(what, "mask") == 0 || strcmp(what, "unmask") == 0) {
        q->sim->systemd.masked = what[0] == 'm';
        return done(q);
    }
    if (strcmp(what, "mute") == 0 || strcmp(what, "unmute") == 0) {
        q->sim->systemd.mute = what[0] == 'm';
        return done(q);
    }
    if (strcmp(what, "break") == 0 && number(q, 1, 0, 1e6, &k)) {
        q->sim->systemd.broken = (unsigned)k;
        return done(q);
    }
    if (strcmp(what, "asked") == 0)
        return ok(q, "%u", q->sim->systemd.asked);
    if (strcmp(what, "activated") == 0)
        return ok(q, "%u", q->sim->systemd.activated);
    if (strcmp(what, "activate") == 0)
        return systemd_activate(q->sim) < 0 ? error(q, "it does not start") : done(q);
    return error(q, "service mask|unmask|mute|unmute|break K|asked|activated|activate");
}

static int adapter_plug(struct request *q, bool plugged)
{
    struct adapter *a = &q->sim->adapter;

    if (a->plugged == plugged)
        return error(q, "the adapter is %s already", plugged ? "there" : "gone");
    a->plugged = plugged;
    if (!plugged) {
        adapter_unexport(a);
    } else if (q->sim->bus) {
        adapter_export(a);
        bluetoothd_announce_soon(q->sim);
    }
    return done(q);
}

int cmd_adapter(struct request *q)
{
    const char *what = q->n > 0 ? q->words[0] : "";
    double k;
    struct adapter *a = &q->sim->adapter;

    if (strcmp(what, "remove") == 0 || strcmp(what, "add") == 0)
        return adapter_plug(q, what[0] == 'a');
    if (strcmp(what, "rfkill") == 0 || strcmp(what, "off") == 0) {
        a->blocked = what[0] == 'r';
        adapter_set_powered(a, false);
        return done(q);
    }
    if (strcmp(what, "on") == 0) { /* also ends an rfkill */
        a->blocked = false;
        adapter_set_powered(a, true);
        return done(q);
    }
    if (strcmp(what, "wedge") == 0 || strcmp(what, "unwedge") == 0) {
        a->wedged = what[0] == 'w';
        return done(q);
    }
    if (strcmp(what, "switched") == 0)
        return ok(q, "%u", a->switched_off);
    if (strcmp(what, "powered") == 0)
        return ok(q, "%d", a->powered);
    if (strcmp(what, "stays-off") == 0 && number(q, 1, 0, 1e6, &k)) {
        a->stays_off = (unsigned)k;
        return done(q);
    }
    return error(q, "adapter remove|add|off|on|rfkill|wedge|unwedge|switched|powered|stays-off K");
}

/* ---- the clock ------------------------------------------------------------------------------ */

/* An absolute time (seconds since the epoch), or with a sign relative to what the clock shows. */
static int clock_wall(struct request *q, double s)
{
    bool relative = q->words[1][0] == '+' || q->words[1][0] == '-';

    clockctl_set_wall(q->sim->clockctl, (relative ? clock_wall_usec() : 0) + llround(s * 1e6));
    return done(q);
}

/* The machine, not the sensors: bluetoothd comes up again with what it had stored. */
static int clock_reboot(struct request *q)
{
    uint64_t before = clock_now_usec();
    int r;

    bluetoothd_kill(q->sim);
    clockctl_reboot(q->sim->clockctl);
    for (size_t i = 0; i < q->sim->n_sensors; i++)
        sensor_shift(&q->sim->sensors[i], (int64_t)clock_now_usec() - (int64_t)before);
    r = bluetoothd_start(q->sim);
    return r < 0 ? error(q, "%s", strerror(-r)) : done(q);
}

int cmd_clock(struct request *q)
{
    const char *what = q->n > 0 ? q->words[0] : "";
    double s;

    if (strcmp(what, "now") == 0)
        return ok(q, "%.6f %.6f %s", (double)clock_now_usec() / 1e6,
                  (double)clock_wall_usec() / 1e6, clock_boot_id());
    if (!q->sim->clockctl)
        return error(q, "there is no simulated clock: start with --clock FILE");
    if (strcmp(what, "reboot") == 0)
        return clock_reboot(q);
    if (strcmp(what, "rate") == 0 && number(q, 1, SIM_CLOCK_RATE_MIN, SIM_CLOCK_RATE_MAX, &s))
        return clockctl_set_rate(q->sim->clockctl, s), done(q);
    if (strcmp(what, "jump") == 0 && number(q, 1, 0, 1e9, &s))
        return clockctl_jump(q->sim->clockctl, (uint64_t)(s * 1e6)), done(q);
    if (strcmp(what, "suspend") == 0 && number(q, 1, 0, 1e9, &s))
        return clockctl_suspend(q->sim->clockctl, (uint64_t)(s * 1e6)), done(q);
    if (strcmp(what, "wall") == 0 && number(q, 1, -1e11, 1e11, &s))
        return clock_wall(q, s);
    return error(q, "clock now|rate 1..3600|jump S|wall [+-]S|suspend S|reboot");
}

int cmd_quit(struct request *q)
{
    (void)sd_event_exit(q->sim->event, 0);
    return done(q);
}
