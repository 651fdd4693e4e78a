/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/watch.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/stridectl/ask.h"
#include "daemon/stridectl/json_text.h"
#include "daemon/stridectl/screen.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/stridectl/terminal.h"
#include "daemon/stridectl/watch_screen.h"
#include "daemon/util.h"

#define SECOND_USEC UINT64_C(1000000)
#define ANSWER_USEC (5 * SECOND_USEC)
#define WEEK_TICKS  10 /* seconds between two looks at what is left of the week */

enum question { ASK_STATUS, ASK_SENSORS, ASK_WEEK, QUESTIONS };

struct watch {
    const char *runner; /* borrowed; NULL: all */
    bool as_json;
    sd_event *event;
    sd_bus *bus;
    struct clock_timer *timer;
    uint64_t due_usec;
    uint64_t ticks;
    sd_bus_slot *slots[QUESTIONS]; /* what is not answered yet */
    size_t week_of;                /* whose, of the runners of `status` */
    json_t *status, *sensors, *weeks;
    char failure[ASK_FAILURE_MAX];
};

/* ---- what is shown ------------------------------------------------------------------------------ */

static void draw(struct watch *watch)
{
    struct watch_view view = { .status = watch->status,
                               .sensors = watch->sensors,
                               .weeks = watch->weeks,
                               .error = watch->failure[0] ? watch->failure : NULL,
                               .runner = watch->runner };
    FILE *terminal_out = stdout, *page;
    _cleanup_free_ char *text = NULL;
    size_t size;

    page = open_memstream(&text, &size);
    if (!page)
        return;
    stdout = page; /* the C library allows it: what prints elsewhere draws here */
    watch_draw(&view);
    stdout = terminal_out;
    fclose(page);
    screen_show(text);
}

static void print_line(const struct watch *watch)
{
    json_text_print(watch->status, true);
    if (fflush(stdout) != 0 || ferror(stdout)) /* nobody reads it any more */
        sd_event_exit(watch->event, 0);
}

static void show(struct watch *watch)
{
    if (!watch->as_json)
        draw(watch);
    else if (watch->status)
        print_line(watch);
}

/* ---- answers ------------------------------------------------------------------------------------ */

static void set(json_t **place, json_t *value)
{
    json_decref(*place);
    *place = value;
}

/* What was so a moment ago is not so any longer. */
static void forget(struct watch *watch)
{
    set(&watch->status, NULL);
    set(&watch->sensors, NULL);
    json_object_clear(watch->weeks);
}

static void take(struct watch *watch, enum question question, json_t *data)
{
    const char *runner = json_string_value(json_object_get(data, "runner"));

    switch (question) {
    case ASK_STATUS:
        set(&watch->status, json_incref(data));
        show(watch);
        break;
    case ASK_SENSORS:
        set(&watch->sensors, json_incref(data));
        break;
    case ASK_WEEK:
        if (runner)
            json_object_set(watch->weeks, runner, data);
        break;
    case QUESTIONS:
        break;
    }
}

static int on_answer(struct watch *watch, enum question question, sd_bus_message *message)
{
    const sd_bus_error *error = sd_bus_message_get_error(message);
    json_t *answer = error ? NULL : ask_read(message);
    json_t *data = json_object_get(answer, "data");

    watch->slots[question] = sd_bus_slot_unref(watch->slots[question]);
    if (error && question == ASK_STATUS) {
        ask_failure(error, -sd_bus_error_get_errno(error), watch->failure);
        forget(watch);
        show(watch);
    } else if (json_is_object(data)) { /* one that refuses has none: a runner without a week */
        watch->failure[0] = '\0';
        take(watch, question, data);
    }
    json_decref(answer);
    return 0;
}

static int on_status(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return on_answer(userdata, ASK_STATUS, message);
}

static int on_sensors(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return on_answer(userdata, ASK_SENSORS, message);
}

static int on_week(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    return on_answer(userdata, ASK_WEEK, message);
}

/* ---- questions ---------------------------------------------------------------------------------- */

static void close_bus(struct watch *watch)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        watch->slots[i] = sd_bus_slot_unref(watch->slots[i]);
    watch->bus = sd_bus_close_unref(watch->bus);
}

static void question(struct watch *watch, enum question question, json_t *arguments)
{
    static const struct {
        const char *verb;
        sd_bus_message_handler_t handler;
    } rows[QUESTIONS] = { { "status", on_status }, { "sensors", on_sensors }, { "week", on_week } };
    _cleanup_bus_message_ sd_bus_message *request = NULL;
    int r = 0;

    if (watch->bus && !watch->slots[question]) {
        r = ask_request(watch->bus, rows[question].verb, arguments, &request);
        if (r >= 0)
            r = sd_bus_call_async(watch->bus, &watch->slots[question], request,
                                  rows[question].handler, watch, ANSWER_USEC);
    }
    if (r < 0) {
        ask_failure(&SD_BUS_ERROR_NULL, r, watch->failure);
        close_bus(watch); /* a new one with the next tick */
        forget(watch);
        show(watch);
    }
    json_decref(arguments);
}

/* One runner at a time, each of them every so many seconds. */
static void ask_week(struct watch *watch)
{
    const json_t *runners = json_object_get(watch->status, "runners");
    size_t n = json_array_size(runners);

    if (n == 0 || watch->ticks % WEEK_TICKS >= n + 1 || watch->ticks % WEEK_TICKS == 0)
        return;
    watch->week_of = (watch->week_of + 1) % n;
    question(watch, ASK_WEEK,
             json_pack("{s:O}", "runner", json_array_get(runners, watch->week_of)));
}

static int open_bus(struct watch *watch)
{
    int r = sd_bus_open_system(&watch->bus);

    if (r >= 0)
        r = sd_bus_attach_event(watch->bus, watch->event, SD_EVENT_PRIORITY_NORMAL);
    return r;
}

static void on_second(void *userdata, uint64_t now_usec)
{
    struct watch *watch = userdata;

    watch->due_usec += SECOND_USEC;
    if (watch->due_usec <= now_usec) /* late by more than one, or stopped for a while */
        watch->due_usec = now_usec + SECOND_USEC;
    clock_timer_set(watch->timer, watch->due_usec);
    watch->ticks++;
    if (watch->bus && sd_bus_is_open(watch->bus) <= 0)
        close_bus(watch);
    if (!watch->bus && open_bus(watch) < 0) {
        snprintf(watch->failure, sizeof(watch->failure), "no system bus");
        forget(watch);
        show(watch);
        return;
    }
    question(watch, ASK_SENSORS, json_object());
    question(watch, ASK_STATUS, json_object());
    if (!watch->as_json)
        ask_week(watch);
}

/* ---- keys and signals --------------------------------------------------------------------------- */

static int on_key(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct watch *watch = userdata;
    char keys[64];
    ssize_t n = events & EPOLLIN ? read(fd, keys, sizeof(keys)) : 0;

    if (n <= 0) /* the terminal is gone */
        return sd_event_exit(watch->event, SIGHUP);
    if (memchr(keys, 'q', (size_t)n) || memchr(keys, 'Q', (size_t)n))
        return sd_event_exit(watch->event, 0);
    show(watch);
    return 0;
}

static void look_again(struct watch *watch)
{
    struct terminal now = *terminal();

    if (watch->as_json)
        return;
    now.columns = terminal_columns(STDOUT_FILENO);
    terminal_set(&now);
    screen_enter();
    draw(watch);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    struct watch *watch = userdata;

    switch (info->ssi_signo) {
    case SIGWINCH:
    case SIGCONT:
        look_again(watch);
        break;
    case SIGTSTP:
        screen_leave();
        raise(SIGSTOP); /* with SIGCONT it goes on from here, and comes by once more */
        break;
    default:
        sd_event_exit(watch->event, (int)info->ssi_signo);
    }
    return 0;
}

static int listen_to(struct watch *watch)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH };
    sigset_t set;
    int r = 0;

    sigemptyset(&set);
    for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (size_t i = 0; i < ELEMENTSOF(numbers) && r >= 0; i++)
        r = sd_event_add_signal(watch->event, NULL, numbers[i], on_signal, watch);
    if (r >= 0 && !watch->as_json && isatty(STDIN_FILENO))
        r = sd_event_add_io(watch->event, NULL, STDIN_FILENO, EPOLLIN, on_key, watch);
    return r;
}

/* As whoever sent it expects to see us end. */
static int end_by(int number)
{
    sigset_t set;

    if (number == 0 || number == SIGINT)
        return 0;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return 128 + number;
}

/* ---- life --------------------------------------------------------------------------------------- */

static int refuse_runner(const struct watch *watch)
{
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(watch->status, "runners"), i,
                       name) if (!watch->runner ||
                                 strcmp(json_string_value(name), watch->runner) == 0) return 0;
    if (!watch->runner)
        return 0;
    fprintf(stderr, "stridectl: There is no such runner (allowed: ");
    json_array_foreach(json_object_get(watch->status, "runners"), i, name)
        fprintf(stderr, "%s%s", i ? " | " : "", json_string_value(name));
    fprintf(stderr, ")\n");
    return EXIT_REFUSED;
}

/* Before anything is drawn: what is wrong is said where one types. */
static int ask_once(struct watch *watch)
{
    json_t *nothing = json_object(), *answer = NULL;
    int r = ask("status", nothing, &answer);

    if (r == 0) {
        set(&watch->status, json_incref(json_object_get(answer, "data")));
        r = refuse_runner(watch);
    }
    json_decref(answer);
    json_decref(nothing);
    return r;
}

static int run(struct watch *watch)
{
    int r = sd_event_new(&watch->event);

    if (r >= 0)
        r = listen_to(watch);
    watch->due_usec = clock_now_usec();
    if (r >= 0)
        r = clock_timer_new(&watch->timer, watch->event, watch->due_usec, on_second, watch);
    if (r < 0) {
        fprintf(stderr, "stridectl: %s\n", strerror(-r));
        return EXIT_UNREACHABLE;
    }
    if (!watch->as_json)
        screen_enter();
    r = sd_event_loop(watch->event);
    screen_leave();
    return end_by(r);
}

static void done(struct watch *watch)
{
    close_bus(watch);
    clock_timer_unref(watch->timer);
    sd_event_unref(watch->event);
    json_decref(watch->status);
    json_decref(watch->sensors);
    json_decref(watch->weeks);
}

int watch(const char *runner, bool as_json)
{
    struct watch watch = { .runner = runner, .as_json = as_json, .weeks = json_object() };
    int r;

    if (!as_json && !screen_is_there()) {
        fprintf(stderr, "stridectl: watch draws on a terminal, and this is none; for a program: "
                        "stridectl --json watch\n");
        json_decref(watch.weeks);
        return EXIT_USAGE;
    }
    r = ask_once(&watch);
    if (r == 0)
        r = run(&watch);
    done(&watch);
    return r;
}
