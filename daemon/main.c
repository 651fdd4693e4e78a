/* SPDX-License-Identifier: MIT */
/*
 * strided: options, signals, the loop. What it does stands in gateway.c.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include "daemon/config/config.h"
#include "daemon/fit.h"
#include "daemon/gateway.h"
#include "daemon/import/read.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/main_program.h"
#include "daemon/memory.h"
#include "daemon/scan.h"
#include "daemon/state_lock.h"
#include "daemon/stop_limit.h"
#include "daemon/util.h"

/* Sensors and broker have seven seconds for their goodbyes, systemd's patience (TimeoutStopSec) ends
 * after twenty. */
#define STOP_LIMIT_S 15

struct options {
    const char *config_file; /* NULL: the default place */
    char state_dir[4096];
    const char *fit_session; /* to be written as a FIT file; NULL: none */
    bool check_config, scan;
    unsigned scan_s;
};

static void usage(FILE *to)
{
    fputs("Usage: strided [OPTION ...]\n"
          "Connects to footpods, heart-rate straps and treadmills and publishes over MQTT.\n\n",
          to);
    program_print_options(&main_program, to, PROGRAM_COLUMNS);
}

/* systemd gives the folder; a person who just tries it has one under the home. */
static void default_state_dir(char *ret, size_t size)
{
    const char *given = getenv("STATE_DIRECTORY"), *home = getenv("HOME");
    const char *state_home = getenv("XDG_STATE_HOME");

    if (given && given[0] == '/')
        snprintf(ret, size, "%.*s", (int)strcspn(given, ":"), given);
    else if (geteuid() == 0 || !home)
        snprintf(ret, size, "/var/lib/strided");
    else if (state_home && state_home[0] == '/')
        snprintf(ret, size, "%s/strided", state_home);
    else
        snprintf(ret, size, "%s/.local/state/strided", home);
}

static int parse_seconds(const char *text, unsigned *ret)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*end || end == text || value < 1 || value > 300) {
        fprintf(stderr, "strided: --scan takes 1 to 300 seconds, not '%s'\n", text);
        return -EINVAL;
    }
    *ret = (unsigned)value;
    return 0;
}

/* "--scan 5" as well as "--scan=5" */
static int parse_scan(int argc, char **argv, struct options *ret)
{
    const char *seconds = optarg;

    ret->scan = true;
    if (!seconds && optind < argc && argv[optind][0] != '-')
        seconds = argv[optind++];
    return seconds ? parse_seconds(seconds, &ret->scan_s) : 0;
}

/* 0: go on; 1: done; < 0: wrong use */
static int take_option(int option, int argc, char **argv, struct options *ret)
{
    switch (option) {
    case 'c':
        ret->config_file = optarg;
        return 0;
    case 's':
        snprintf(ret->state_dir, sizeof(ret->state_dir), "%s", optarg);
        return 0;
    case 'C':
        ret->check_config = true;
        return 0;
    case 'S':
        return parse_scan(argc, argv, ret);
    case 'F':
        ret->fit_session = optarg;
        return 0;
    case 'V':
        printf("strided %s\n", STRIDED_VERSION);
        return 1;
    case 'h':
        usage(stdout);
        return 1;
    default:
        usage(stderr);
        return -EINVAL;
    }
}

/* As take_option. */
static int parse(int argc, char **argv, struct options *ret)
{
    struct program_getopt known;
    int option, r = 0;

    program_getopt(&main_program, "", &known);
    default_state_dir(ret->state_dir, sizeof(ret->state_dir));
    while (r == 0 && (option = getopt_long(argc, argv, known.letters, known.options, NULL)) >= 0)
        r = take_option(option, argc, argv, ret);
    if (r == 0 && optind < argc) {
        fprintf(stderr, "strided: what is '%s'?\n", argv[optind]);
        return -EINVAL;
    }
    return r;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    stop_limit_begin(STOP_LIMIT_S);
    (void)sd_notify(0, "STOPPING=1\nSTATUS=Stopping");
    gateway_stop(userdata);
    return 0;
}

/* The unit is Type=notify (252 has no notify-reload, which alone would want MONOTONIC_USEC too). */
static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    (void)sd_notify(0, "RELOADING=1");
    (void)gateway_reload(userdata); /* what is wrong was said */
    (void)sd_notify(0, "READY=1");
    return 0;
}

/* First of all: whoever stops or reloads us while we start is heard once the loop runs. And before any
 * thread is made: threads inherit the mask, and only the loop takes signals. */
static void block_signals(sigset_t *ret_before)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGCHLD); /* sd-event wants it so, to watch a process that reads a file */
    (void)sigprocmask(SIG_BLOCK, &mask, ret_before); /* fails for no mask that is one */
}

static void gateway_freep(struct gateway **gateway)
{
    gateway_free(*gateway);
}

static int heed_signals(sd_event *event, struct gateway *gateway)
{
    int r = sd_event_add_signal(event, NULL, SIGTERM, on_stop, gateway);

    if (r >= 0)
        r = sd_event_add_signal(event, NULL, SIGINT, on_stop, gateway);
    if (r >= 0)
        r = sd_event_add_signal(event, NULL, SIGHUP, on_reload, gateway);
    return r;
}

static int run(const struct options *options)
{
    _cleanup_(sd_event_unrefp) sd_event *event = NULL;
    _cleanup_(gateway_freep) struct gateway *gateway = NULL;
    int r;

    signal(SIGPIPE, SIG_IGN);
    r = sd_event_default(&event);
    if (r >= 0)
        r = gateway_new(&gateway, event, options->config_file, options->state_dir);
    if (r == GATEWAY_E_CONFIG)
        return r;
    if (r < 0)
        return log_error_errno(r, "strided can't start: %m");
    r = heed_signals(event, gateway);
    if (r >= 0)
        r = sd_event_set_watchdog(event, true);
    if (r < 0)
        return log_error_errno(r, "Failed to set up signals and watchdog: %m");
    /* Ready when config and loop are: a Pi without broker or radio must boot all the same. */
    (void)sd_notify(0, "READY=1");
    log_info("strided %s is ready", STRIDED_VERSION);
    memory_give_back();
    r = loop_run(event);
    return r < 0 ? log_error_errno(r, "The loop failed: %m") : 0;
}

/* A folder that can't be made is said by whoever needs it; the rest works without. */
static void make_state_dir(const char *path)
{
    char part[4096];

    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(part, 0755);
        *slash = '/';
    }
    (void)mkdir(part, 0750);
}

/* 0: the folder is ours, or there is none to fight for. The descriptor is the process's for life. */
static int take_state_dir(const char *path)
{
    static int lock_fd = -1;
    int r;

    make_state_dir(path);
    r = state_lock_take(&lock_fd, path);
    if (r < 0)
        log_debug("No lock on %s: %s", path, strerror(-r));
    if (r == STATE_LOCK_E_TAKEN)
        log_error("another strided uses %s (is the service running? sudo systemctl stop strided)",
                  path);
    return r == STATE_LOCK_E_TAKEN ? r : 0;
}

int main(int argc, char **argv)
{
    struct options options = { .scan_s = 10 };
    sigset_t before;
    int r;

    if (argc == 3 && strcmp(argv[1], READ_ARGUMENT) == 0)
        return read_main(argv[2]);
    memory_keep_small();
    block_signals(&before);
    r = parse(argc, argv, &options);
    if (r != 0)
        return r < 0 ? MAIN_USAGE : 0;
    log_init();
    if (options.check_config || options.scan ||
        options.fit_session) /* these end at once when a person says so */
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (options.check_config)
        return config_check_print(options.config_file, options.state_dir);
    if (options.fit_session)
        return fit_print(options.state_dir, options.fit_session, stdout);
    if (options.scan)
        return scan_print(options.config_file, options.state_dir, options.scan_s);
    if (take_state_dir(options.state_dir) != 0)
        return MAIN_TAKEN;
    r = run(&options);
    return r == GATEWAY_E_CONFIG ? MAIN_CONFIG : r < 0 ? MAIN_FAILED : 0;
}
