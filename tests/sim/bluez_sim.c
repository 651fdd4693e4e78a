/* SPDX-License-Identifier: MIT */
/*
 * strided-bluez-sim: a stand-in for bluetoothd with scripted sensors behind it, on whatever bus
 * DBUS_SYSTEM_BUS_ADDRESS names. It says "ready" on stdout when org.bluez is up and powered, and ends
 * on SIGTERM, SIGINT, the command `quit`, or when its bus or (--die-with-parent) its parent does.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include "daemon/util.h"
#include "tests/sim/control.h"
#include "tests/sim/sim.h"

static const char usage[] =
    "strided-bluez-sim [OPTION...]\n"
    "  --sensor KIND:NAME:AA:BB:CC:DD:EE:FF[:option,option=value,...]   KIND pod, strap or belt\n"
    "      strides steps no-odometer no-stride-length odometer=M reset=S     of pods\n"
    "      contact=yes|no                                                    of straps\n"
    "      split no-incline no-data distance=M                               of belts\n"
    "      also=heart_rate|rsc|treadmill public random dual picky awake wake=S sleep=S interval=S\n"
    "      hz=N noise=SHARE scenario=NAME start=S speed= cadence= hr= incline= worn= rssi= "
    "battery=\n"
    "      manufacturer= model= firmware=\n"
    "  --control PATH     unix socket for commands\n"
    "  --clock FILE       simulated clock (created when it is not there)\n"
    "  --rate X           its rate, 1..3600\n"
    "  --seed N           everything random follows from it (1)\n"
    "  --race-every N     every so manieth connection shows both of bluetoothd's races (10; 0: "
    "none)\n"
    "  --slots N          links the adapter can hold (5)\n"
    "  --sent FILE        a line for each packet that a subscriber got: USEC SENSOR UUID HEX\n"
    "  --config FILE      lines of the options above, without the dashes\n"
    "  --systemd          owns org.freedesktop.systemd1 and shows bluetooth.service there\n"
    "  --die-with-parent\n"
    "scenarios: ";

struct options {
    const char *control;
    char *clock;
    double rate;
    bool systemd;
};

static struct sim sim = { .seed = 1, .race_every = 10, .slots = 5 };

uint32_t sim_clock_jumps(const struct sim *s)
{
    return s->clockctl ? clock_file_read(clockctl_file(s->clockctl)).jumps : 0;
}

struct sensor *sim_find_sensor(struct sim *s, const char *name)
{
    for (size_t i = 0; i < s->n_sensors; i++)
        if (strcmp(s->sensors[i].name, name) == 0)
            return &s->sensors[i];
    return NULL;
}

/* ---- options -------------------------------------------------------------------------------- */

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "strided-bluez-sim: %s: %s\n", what, why);
    return -EINVAL;
}

static int option_sensor(const char *value)
{
    struct sensor *sensor = &sim.sensors[sim.n_sensors];
    const char *mistake;

    if (sim.n_sensors == SIM_SENSORS_MAX)
        return fail(value, "too many sensors");
    if (sensor_parse(sensor, value, sim.seed + sim.n_sensors * 7919, &mistake) < 0)
        return fail(value, mistake);
    if (sim_find_sensor(&sim, sensor->name))
        return fail(sensor->name, "two sensors of one name");
    sim.n_sensors++;
    return 0;
}

static int option_sent(const char *path)
{
    sim.sent = fopen(path, "we");
    if (!sim.sent)
        return fail(path, strerror(errno));
    setlinebuf(sim.sent);
    return 0;
}

static int options_file(struct options *o, const char *path);

static int option_take(struct options *o, const char *key, const char *value)
{
    if (strcmp(key, "sensor") == 0)
        return option_sensor(value);
    if (strcmp(key, "config") == 0)
        return options_file(o, value);
    if (strcmp(key, "sent") == 0)
        return option_sent(value);
    if (strcmp(key, "control") == 0)
        return (o->control = strdup(value)) ? 0 : -ENOMEM;
    if (strcmp(key, "clock") == 0)
        return (o->clock = strdup(value)) ? 0 : -ENOMEM;
    if (strcmp(key, "rate") == 0)
        o->rate = strtod(value, NULL);
    else if (strcmp(key, "seed") == 0)
        sim.seed = strtoull(value, NULL, 10);
    else if (strcmp(key, "race-every") == 0)
        sim.race_every = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "slots") == 0)
        sim.slots = (unsigned)strtoul(value, NULL, 10);
    else
        return fail(key, "no such option");
    return 0;
}

static int options_file(struct options *o, const char *path)
{
    FILE *f = fopen(path, "re");
    char line[512];
    int r = 0;

    if (!f)
        return fail(path, strerror(errno));
    while (r >= 0 && fgets(line, sizeof line, f)) {
        char *key = strtok(line, " \n"), *value = key ? strtok(NULL, "\n") : NULL;

        if (key && key[0] != '#')
            r = option_take(o, key, value ? value : "");
    }
    fclose(f);
    return r;
}

static int options_parse(struct options *o, int argc, char **argv)
{
    static const struct option table[] = {
        { "sensor", required_argument, NULL, 0 },
        { "control", required_argument, NULL, 0 },
        { "clock", required_argument, NULL, 0 },
        { "rate", required_argument, NULL, 0 },
        { "seed", required_argument, NULL, 0 },
        { "config", required_argument, NULL, 0 },
        { "sent", required_argument, NULL, 0 },
        { "race-every", required_argument, NULL, 0 },
        { "slots", required_argument, NULL, 0 },
        { "die-with-parent", no_argument, NULL, 'd' },
        { "systemd", no_argument, NULL, 's' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c, i, r = 0;

    while (r >= 0 && (c = getopt_long(argc, argv, "", table, &i)) >= 0) {
        if (c == 'h')
            exit(printf("%s%s\n", usage, script_names()) < 0);
        if (c == 'd')
            prctl(PR_SET_PDEATHSIG, SIGKILL);
        else if (c == 's')
            o->systemd = true;
        else
            r = c == 0 ? option_take(o, table[i].name, optarg) : -EINVAL;
    }
    return r < 0 || optind == argc ? r : fail(argv[optind], "what is this?");
}

/* ---- life ----------------------------------------------------------------------------------- */

static int clock_begin(const struct options *o)
{
    const char *path = o->clock ? o->clock : getenv(SIM_CLOCK_ENV);
    int r;

    if (!path)
        return 0;
    r = clockctl_open(&sim.clockctl, path);
    if (r < 0)
        return fail(path, strerror(-r));
    setenv(SIM_CLOCK_ENV, path, 1); /* for our own clock.c */
    if (o->rate && clockctl_set_rate(sim.clockctl, o->rate) < 0)
        return fail("--rate", "must be 1 to 3600");
    return 0;
}

static int sensors_begin(void)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < sim.n_sensors; i++)
        r = device_init(&sim.devices[i], &sim, &sim.sensors[i]);
    for (size_t i = 0; r >= 0 && i < sim.n_sensors; i++)
        r = sensor_start(&sim.sensors[i], &sim, &sim.devices[i]);
    return r;
}

static int event_begin(void)
{
    sigset_t signals;
    int r = sd_event_default(&sim.event);

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (r >= 0) /* without a handler they end the loop */
        r = sd_event_add_signal(sim.event, NULL, SIGTERM, NULL, NULL);
    return r < 0 ? r : sd_event_add_signal(sim.event, NULL, SIGINT, NULL, NULL);
}

static int run(const struct options *o)
{
    int r = event_begin();

    sim.random = sim.seed;
    if (r >= 0)
        r = objects_new(&sim.objects);
    if (r >= 0)
        r = adapter_init(&sim.adapter, &sim);
    if (r >= 0)
        r = sensors_begin();
    if (r >= 0)
        r = control_new(&sim, o->control);
    if (r >= 0 && o->systemd)
        r = systemd_begin(&sim);
    if (r >= 0)
        r = bluetoothd_start(&sim);
    return r < 0 ? r : sd_event_loop(sim.event);
}

static void end(void)
{
    control_free(&sim);
    systemd_end(&sim);
    bluetoothd_kill(&sim);
    if (sim.adapter.sim)
        adapter_done(&sim.adapter); /* asks every device, so it goes first */
    for (size_t i = 0; i < sim.n_sensors; i++) {
        if (sim.devices[i].sim)
            device_done(&sim.devices[i]);
        sensor_done(&sim.sensors[i]);
    }
    sim.start_timer = clock_timer_unref(sim.start_timer);
    sim.objects = objects_free(sim.objects);
    sim.event = sd_event_unref(sim.event);
    sim.clockctl = clockctl_free(sim.clockctl);
    if (sim.sent)
        fclose(sim.sent);
}

int main(int argc, char **argv)
{
    struct options o = { .rate = 0 };
    int r = options_parse(&o, argc, argv);

    if (r >= 0)
        r = clock_begin(&o);
    if (r >= 0) {
        r = run(&o);
        if (r < 0)
            fprintf(stderr, "strided-bluez-sim: %s\n", strerror(-r));
        end();
    }
    free(o.clock);
    free((char *)o.control);
    return r < 0 ? 1 : 0;
}
