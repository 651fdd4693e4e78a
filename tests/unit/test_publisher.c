/* SPDX-License-Identifier: MIT */
/* The publisher whole, with a store in a folder of its own and no broker that would answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/mqtt.h"
#include "daemon/broker/publisher.h"
#include "daemon/broker/topics.h"
#include "daemon/util.h"
#include "daemon/worker.h"

/* ---- memory that is short where we say so ------------------------------------------------------ */

static bool no_memory_for_mqtt, no_memory_for_topics;

int __real_mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
                    const struct mqtt_callbacks *callbacks, void *userdata);
int __wrap_mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
                    const struct mqtt_callbacks *callbacks, void *userdata);
int __wrap_mqtt_new(struct mqtt **ret, sd_event *event, const struct mqtt_options *options,
                    const struct mqtt_callbacks *callbacks, void *userdata)
{
    return no_memory_for_mqtt ? -ENOMEM : __real_mqtt_new(ret, event, options, callbacks, userdata);
}

int __real_topics_new(struct topics **ret, const char *root, const char *gateway,
                      const struct topics_callbacks *callbacks, void *userdata);
int __wrap_topics_new(struct topics **ret, const char *root, const char *gateway,
                      const struct topics_callbacks *callbacks, void *userdata);
int __wrap_topics_new(struct topics **ret, const char *root, const char *gateway,
                      const struct topics_callbacks *callbacks, void *userdata)
{
    return no_memory_for_topics ? -ENOMEM
                                : __real_topics_new(ret, root, gateway, callbacks, userdata);
}

static uint64_t overruns;

uint64_t __wrap_mqtt_overruns(const struct mqtt *mqtt);
uint64_t __wrap_mqtt_overruns(const struct mqtt *mqtt)
{
    return overruns;
}

/* ---- the house ----------------------------------------------------------------------------------- */

struct house {
    sd_event *event;
    struct worker *worker;
    struct store *store;
    struct publisher *publisher;
    struct conf *conf, *other; /* the same but for the gateway's name */
    char folder[32];
};

static const struct payload_sensor *no_sensor(void *userdata, size_t sensor)
{
    return NULL;
}

static void on_health(void *userdata)
{
}

static const struct publisher_callbacks callbacks = { .sensor = no_sensor, .on_health = on_health };

static struct conf *conf_named(const char *gateway)
{
    struct conf *conf = calloc(1, sizeof(*conf));

    assert_non_null(conf);
    conf_init(conf);
    snprintf(conf->gateway, sizeof(conf->gateway), "%s", gateway);
    snprintf(conf->mqtt_uri, sizeof(conf->mqtt_uri), "mqtt://127.0.0.1:1");
    return conf;
}

static void open_house(struct house *house)
{
    assert_return_code(worker_new(&house->worker, house->event), 0);
    assert_return_code(store_open(&house->store, house->worker, house->folder, 1), 0);
    assert_return_code(publisher_new(&house->publisher, house->event, house->conf, NULL,
                                     "0123456789abcdef", house->store, &callbacks, house),
                       0);
}

static void shut_house(struct house *house)
{
    worker_free(house->worker);
    publisher_free(house->publisher);
    store_free(house->store);
}

static int move_in(void **state)
{
    struct house *house = calloc(1, sizeof(*house));

    assert_non_null(house);
    snprintf(house->folder, sizeof(house->folder), "/tmp/strided-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    house->conf = conf_named("hall");
    house->other = conf_named("attic");
    assert_return_code(sd_event_new(&house->event), 0);
    open_house(house);
    *state = house;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    return remove(path);
}

static int move_out(void **state)
{
    struct house *house = *state;

    no_memory_for_mqtt = no_memory_for_topics = false;
    shut_house(house);
    sd_event_unref(house->event);
    nftw(house->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(house->conf);
    free(house->other);
    free(house);
    return 0;
}

/* The first problem is the broker's, and names what the link in force was made from. */
static void tell_everything(struct house *house)
{
    _cleanup_free_ struct payload_sensor *sensor = calloc(1, sizeof(*sensor));
    _cleanup_free_ struct payload_health *health = calloc(1, sizeof(*health));

    assert_true(sensor && health);
    payload_sensor_init(sensor);
    snprintf(sensor->name, sizeof(sensor->name), "pod");
    publisher_sensor(house->publisher, sensor);
    payload_health_init(health);
    publisher_add_health(house->publisher, health);
    assert_non_null(strstr(health->problems[0], "broker 127.0.0.1:1:"));
    assert_int_equal(publisher_health(house->publisher, health), -ENOTCONN);
    publisher_settle(house->publisher);
}

/* ---- situations ------------------------------------------------------------------------------------ */

static void reload_without_memory_changes_nothing(void **state)
{
    bool *shortages[] = { &no_memory_for_mqtt, &no_memory_for_topics };
    struct house *house = *state;
    struct publisher_change *change = NULL;

    for (size_t i = 0; i < ELEMENTSOF(shortages); i++) {
        *shortages[i] = true;
        assert_int_equal(publisher_prepare(house->publisher, house->other, NULL, &change), -ENOMEM);
        assert_null(change);
        tell_everything(house);
        *shortages[i] = false;
    }
}

static void reload_that_another_part_refuses_changes_nothing(void **state)
{
    struct house *house = *state;
    struct publisher_change *change = NULL;

    assert_return_code(publisher_prepare(house->publisher, house->other, NULL, &change), 0);
    publisher_change_free(change);
    tell_everything(house);
}

static void reload_takes_the_new_name_once_there_is_memory(void **state)
{
    struct house *house = *state;
    struct publisher_change *change = NULL;

    no_memory_for_mqtt = true;
    assert_int_equal(publisher_prepare(house->publisher, house->other, NULL, &change), -ENOMEM);
    no_memory_for_mqtt = false;
    assert_return_code(publisher_prepare(house->publisher, house->other, NULL, &change), 0);
    publisher_set_conf(house->publisher, change);
    memset(house->conf, 0xa5, sizeof(*house->conf)); /* nobody may look there any more */
    tell_everything(house);
}

static void reload_with_the_same_link_needs_none_anew(void **state)
{
    struct house *house = *state;
    struct publisher_change *change = NULL;
    struct conf *same = conf_named("hall");

    no_memory_for_mqtt = no_memory_for_topics = true;
    assert_return_code(publisher_prepare(house->publisher, same, NULL, &change), 0);
    publisher_set_conf(house->publisher, change);
    tell_everything(house);
    free(house->conf);
    house->conf = same;
}

/* True when one of the problems contains `text`. */
static bool is_a_problem(struct house *house, const char *text)
{
    _cleanup_free_ struct payload_health *health = calloc(1, sizeof(*health));
    bool found = false;

    assert_non_null(health);
    payload_health_init(health);
    publisher_add_health(house->publisher, health);
    for (size_t i = 0; i < health->n_problems; i++)
        found = found || strstr(health->problems[i], text);
    return found;
}

static void values_out_of_range_are_a_problem_that_is_told(void **state)
{
    struct house *house = *state;
    struct conf_runner runner = { .id = "anna", .publish_heart_rate = true };
    struct payload_live live;

    payload_live_init(&live);
    live.state = SESSION_RUNNING;
    live.clock = CLOCK_SYNCED;
    live.heart_rate_bpm = 172;
    publisher_live(house->publisher, &runner, &live);
    assert_false(is_a_problem(house, "told as null"));
    live.heart_rate_bpm = 7000;
    publisher_live(house->publisher, &runner, &live);
    assert_true(is_a_problem(house, "told as null: 1, the last was heart_rate_bpm"));
}

static void events_refused_for_good_are_a_problem_that_is_told(void **state)
{
    struct house *house = *state;
    char body[] = "{}";
    struct store_event row = { .id = "a1", .runner = "anna", .body = body };

    publisher_event(house->publisher, &row);
    assert_false(is_a_problem(house, "refused"));
    row.tries = 3;
    row.refused = true;
    publisher_event(house->publisher, &row);
    assert_true(is_a_problem(house, "Events the broker refused three times: 1;"));
}

static double dropped(struct house *house)
{
    struct payload_health health;

    payload_health_init(&health);
    (void)publisher_health(house->publisher, &health);
    publisher_add_health(house->publisher, &health);
    return health.events_dropped;
}

/* Of years ago by a clock that nobody vouches for, it waits all the same. */
static void events_grow_old_by_a_clock_that_is_known(void **state)
{
    static const struct {
        enum clock_state clock;
        bool before; /* the clock is heard of */
        int dropped;
    } rows[] = { { CLOCK_UNSET, true, 0 },
                 { CLOCK_UNSET, false, 0 },
                 { CLOCK_ASSUMED, false, 0 },
                 { CLOCK_SYNCED, false, 1 } };
    struct house *house = *state;
    char body[] = "{}";
    struct store_event row = {
        .id = "a1", .kind = EVENT_ALERT, .runner = "anna", .body = body, .at_usec = 1
    };

    assert_return_code(store_put_events(house->store, &row, 1, NULL, NULL), 0);
    shut_house(house);
    open_house(house);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        if (!rows[i].before)
            publisher_clock(house->publisher, rows[i].clock);
        assert_int_equal((int)dropped(house), rows[i].dropped);
    }
}

static void messages_that_were_dropped_are_a_problem_that_is_told(void **state)
{
    struct house *house = *state;

    overruns = 0;
    assert_false(is_a_problem(house, "dropped"));
    overruns = 44;
    assert_true(
        is_a_problem(house, "Messages that came in faster than they were read, dropped: 44"));
    overruns = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reload_without_memory_changes_nothing, move_in, move_out),
        cmocka_unit_test_setup_teardown(reload_that_another_part_refuses_changes_nothing, move_in,
                                        move_out),
        cmocka_unit_test_setup_teardown(reload_takes_the_new_name_once_there_is_memory, move_in,
                                        move_out),
        cmocka_unit_test_setup_teardown(values_out_of_range_are_a_problem_that_is_told, move_in,
                                        move_out),
        cmocka_unit_test_setup_teardown(events_refused_for_good_are_a_problem_that_is_told, move_in,
                                        move_out),
        cmocka_unit_test_setup_teardown(events_grow_old_by_a_clock_that_is_known, move_in,
                                        move_out),
        cmocka_unit_test_setup_teardown(messages_that_were_dropped_are_a_problem_that_is_told,
                                        move_in, move_out),
        cmocka_unit_test_setup_teardown(reload_with_the_same_link_needs_none_anew, move_in,
                                        move_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
