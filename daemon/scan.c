/* SPDX-License-Identifier: MIT */
#include "daemon/scan.h"

#include <stdio.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/config/config.h"
#include "daemon/log.h"
#include "daemon/naming.h"
#include "daemon/sensors/sensors.h"
#include "daemon/system_bus.h"
#include "daemon/util.h"

#define HEARD_MAX      128
#define AGAIN_USEC     UINT64_C(500000)
#define GIVE_UP        20 /* half seconds for an adapter to be ready that is there */
#define GIVE_UP_ABSENT 4  /* and for what would be found at once */
#define NEW_RUNNER     "me"

struct scan {
    sd_event *event;         /* borrowed */
    const struct conf *conf; /* as configured: whose is it? */
    struct sensors *sensors;
    struct clock_timer *again;
    uint64_t for_usec;
    int tries;
    bool no_bus;
    bool running;
};

static const char *owner_of(const struct conf *conf, const char *address)
{
    static char text[2 * CONF_ID_MAX + 4];

    for (size_t i = 0; i < conf->n_sensors; i++)
        if (strcmp(conf->sensors[i].address, address) == 0) {
            snprintf(text, sizeof(text), "%s (%s)", conf->sensors[i].name,
                     conf->sensors[i].runner >= 0 ? conf->runners[conf->sensors[i].runner].id
                                                  : "auto");
            return text;
        }
    return "-";
}

static const char *kind_of(const struct sensors_heard *heard)
{
    return naming_kind(heard->services);
}

static bool is_taken(const struct scan *scan, const struct sensors_heard *heard, size_t n, size_t i,
                     size_t bytes)
{
    char name[NAMING_MAX], other[NAMING_MAX];

    naming_make(kind_of(&heard[i]), heard[i].address, bytes, name);
    if (conf_find_sensor(scan->conf, name) < scan->conf->n_sensors)
        return true;
    for (size_t k = 0; k < n; k++) {
        naming_make(kind_of(&heard[k]), heard[k].address, bytes, other);
        if (k != i && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

/* A section name a person can keep: the same at each scan of the same sensors, in whatever order they
 * were heard, and nobody else's. So all whose name is taken at one length get a longer one. */
static void print_section(const struct scan *scan, const struct sensors_heard *heard, size_t n,
                          size_t i)
{
    const struct conf *conf = scan->conf;
    char name[NAMING_MAX];
    size_t bytes = 1;

    while (bytes < NAMING_BYTES_MAX && is_taken(scan, heard, n, i, bytes))
        bytes++;
    naming_make(kind_of(&heard[i]), heard[i].address, bytes, name);
    if (heard[i].changing_address) {
        printf("\n# The address of %s changes every few minutes, as phones' and some watches' do. "
               "Pair it,\n"
               "# and scan again: 'bluetoothctl pair %s'\n",
               name, heard[i].address);
        return;
    }
    printf("\n[Sensor %s]\nAddress=%s\nRunner=%s\n", name, heard[i].address,
           naming_is_shared(kind_of(&heard[i])) ? "auto"
           : conf->n_runners == 0               ? NEW_RUNNER
                                                : conf->runners[0].id);
}

/* A first installation has no runner yet, and a session without one is nobody's. */
static void print_runner(const struct conf *conf)
{
    if (conf->n_runners == 0)
        printf("\n[Runner " NEW_RUNNER "]\n"
               "# zones and heart load need: MaxHeartRate= RestHeartRate= Sex=\n");
}

static void print_row(const struct conf *conf, const struct sensors_heard *heard)
{
    char signal[16] = "-";

    if (!isnan(heard->signal_dbm))
        snprintf(signal, sizeof(signal), "%.0f dBm", heard->signal_dbm);
    printf("%-17s  %-24s  %-8s  %-35s  %s%s\n", heard->address, heard->name[0] ? heard->name : "-",
           signal, heard->services, owner_of(conf, heard->address),
           heard->connected ? ", connected" : "");
}

static void print_heard(const struct scan *scan)
{
    static struct sensors_heard heard[HEARD_MAX];
    size_t n = sensors_heard(scan->sensors, heard, HEARD_MAX), unknown = 0;

    if (n == 0) {
        printf("Nothing was heard. Pods advertise while they are moved, straps while they are\n"
               "worn; a sensor that a watch or an app holds does not advertise.\n");
        return;
    }
    printf("%-17s  %-24s  %-8s  %-35s  %s\n", "ADDRESS", "NAME", "SIGNAL", "SERVICES", "WHOSE");
    for (size_t i = 0; i < n; i++)
        print_row(scan->conf, &heard[i]);
    for (size_t i = 0; i < n; i++)
        if (strcmp(owner_of(scan->conf, heard[i].address), "-") == 0) {
            if (unknown++ == 0) {
                printf("\nTo use one, paste its lines into the configuration:\n");
                print_runner(scan->conf);
            }
            print_section(scan, heard, n, i);
        }
}

static void on_done(void *userdata, int error)
{
    struct scan *scan = userdata;

    if (error < 0) {
        fprintf(stderr, "strided: listening failed: %s\n", strerror(-error));
        (void)sd_event_exit(scan->event, 1);
        return;
    }
    print_heard(scan);
    (void)sd_event_exit(scan->event, 0);
}

static void explain(const struct payload_health *health)
{
    for (size_t i = 0; i < health->n_problems; i++)
        fprintf(stderr, "strided: %s\n", health->problems[i]);
    if (health->n_problems == 0)
        fprintf(stderr, "strided: bluetoothd does not answer\n");
}

/* What is missing comes within moments or not at all; an adapter may have to be switched on. */
static bool is_hopeless(const struct scan *scan, const struct payload_health *health)
{
    bool absent = health->n_problems > 0 && (!health->bluetoothd[0] || !health->adapter[0]);

    return scan->no_bus || scan->tries >= (absent ? GIVE_UP_ABSENT : GIVE_UP);
}

static bool give_up(const struct scan *scan)
{
    _cleanup_free_ struct payload_health *health = calloc(1, sizeof(*health));

    if (!health)
        return true;
    payload_health_init(health);
    sensors_health(scan->sensors, health);
    if (!is_hopeless(scan, health))
        return false;
    explain(health);
    return true;
}

/* Bus, bluetoothd and adapter take a moment to be found. */
static void on_again(void *userdata, uint64_t now_usec)
{
    struct scan *scan = userdata;

    if (scan->running)
        return;
    if (sensors_scan(scan->sensors, scan->for_usec, on_done, scan) >= 0) {
        scan->running = true;
        return;
    }
    scan->tries++;
    if (give_up(scan))
        (void)sd_event_exit(scan->event, 1);
    else
        clock_timer_set(scan->again, now_usec + AGAIN_USEC);
}

static void on_bus(void *userdata, sd_bus *bus, int error)
{
    struct scan *scan = userdata;

    (void)sensors_set_bus(scan->sensors, bus, error);
    scan->no_bus = !bus;
    if (scan->no_bus) /* said now, and not when the next try is due */
        clock_timer_set(scan->again, clock_now_usec());
}

static void ignore_notification(void *userdata, size_t sensor, uint16_t uuid, const uint8_t *bytes,
                                size_t length, uint64_t now_usec)
{
}
static void ignore_link(void *userdata, size_t sensor, bool up, uint64_t now_usec)
{
}
static void ignore_change(void *userdata, size_t sensor)
{
}
static void ignore_health(void *userdata)
{
}

static int listen_and_print(struct scan *scan, struct conf *nothing)
{
    static const struct sensors_callbacks callbacks = {
        .on_notification = ignore_notification,
        .on_link = ignore_link,
        .on_change = ignore_change,
        .on_health = ignore_health,
    };
    struct system_bus *bus = NULL;
    int r;

    r = sensors_new(&scan->sensors, scan->event, nothing, &callbacks, scan);
    if (r >= 0)
        r = clock_timer_new(&scan->again, scan->event, clock_now_usec() + AGAIN_USEC, on_again,
                            scan);
    if (r >= 0)
        r = system_bus_new(&bus, scan->event, on_bus, scan);
    if (r >= 0)
        r = sd_event_loop(scan->event);
    clock_timer_unref(scan->again);
    sensors_free(scan->sensors);
    system_bus_free(bus);
    return r;
}

int scan_print(const char *config_file, const char *state_dir, unsigned seconds)
{
    _cleanup_(sd_event_unrefp) sd_event *event = NULL;
    _cleanup_free_ struct conf *nothing = calloc(1, sizeof(*nothing));
    _cleanup_(config_freep) struct config *config = NULL;
    struct scan scan = { .for_usec = seconds * UINT64_C(1000000) };
    int r;

    log_set_max_level(LOG_ERR); /* what is to be said is the table, or the one reason for none */
    /* a config that is not sound yet is why people scan: only the adapter and the names matter */
    if (!nothing || config_load(&config, config_file, state_dir) < 0)
        return 1;
    /* the adapter as configured, but no sensor: a scan connects to nobody */
    *nothing = config->conf;
    nothing->n_sensors = 0;
    scan.conf = &config->conf;
    r = sd_event_new(&event);
    if (r >= 0) {
        scan.event = event;
        r = listen_and_print(&scan, nothing);
    }
    return r < 0 ? 1 : r;
}
