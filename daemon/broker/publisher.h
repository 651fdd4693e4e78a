/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Everything on its way to the broker: the link itself (mqtt.c), the retained topics as they are true
 * now (topics.c), event rows in order (outbox.c), Home Assistant's discovery, and the watch for a
 * second gateway of the same name (rival.c). Without a configured or reachable broker all of it is
 * kept, so that it is right the moment one is there.
 */
#include <systemd/sd-event.h>
#include "daemon/store/store.h"
#include "lib/conf.h"
#include "lib/payload.h"

struct publisher;

struct publisher_callbacks {
    /* A request came in. `reply` is to be called once, at once or later, with JSON text. */
    void (*on_request)(void *userdata, const char *verb, const char *payload, size_t length,
                       void (*reply)(void *answer, const char *json), void *answer);
    /* What is known of a configured sensor; NULL while there is nothing. */
    const struct payload_sensor *(*sensor)(void *userdata, size_t sensor);
    /* A link stands: what is not told at each change is to be told now, as it is. */
    void (*on_connected)(void *userdata);
    /* Connected, lost, or another problem: see publisher_add_health. */
    void (*on_health)(void *userdata);
};

/* conf and password are borrowed, until publisher_set_conf takes others. */
int publisher_new(struct publisher **ret, sd_event *event, const struct conf *conf,
                  const char *password, const char *machine_id, struct store *store,
                  const struct publisher_callbacks *callbacks, void *userdata);
struct publisher *publisher_free(struct publisher *publisher);
/*
 * A reloaded config, in two steps, so that it is taken whole or not at all: all that may fail (< 0) is
 * done aside, and nothing changes by it. The link is made anew only when it must be. The change is to
 * be taken or freed before the loop runs again. What is not said again between publisher_set_conf and
 * publisher_settle is cleared at the broker, also at one that is left.
 */
struct publisher_change;
int publisher_prepare(struct publisher *publisher, const struct conf *conf, const char *password,
                      struct publisher_change **ret);
struct publisher_change *publisher_change_free(struct publisher_change *change);
static inline void publisher_change_freep(struct publisher_change **change)
{
    publisher_change_free(*change);
}
void publisher_set_conf(struct publisher *publisher, struct publisher_change *change); /* taken */
void publisher_settle(struct publisher *publisher);

void publisher_sensor(struct publisher *publisher, const struct payload_sensor *sensor);
void publisher_session(struct publisher *publisher, const struct payload_session *session);
void publisher_note(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_note *note);
void publisher_week(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_week *week);
void publisher_alert(struct publisher *publisher, const struct conf_runner *runner,
                     const struct payload_alert *alert);
void publisher_live(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_live *live);
void publisher_now(struct publisher *publisher, const struct conf_runner *runner,
                   const struct payload_live *live);
/* < 0: it did not go out, and is not kept. */
int publisher_health(struct publisher *publisher, const struct payload_health *health);
/* A row that is in the store now; copied. */
void publisher_event(struct publisher *publisher, const struct store_event *event);
/* Dated events wait while it is unset, which it is until this is called, and grow too old only by one that
 * somebody vouches for (synced, rtc). */
void publisher_clock(struct publisher *publisher, enum clock_state clock);

/* Fills events_waiting, events_dropped, broker_losses; appends to problems: what is wrong with the link, a
 * second gateway of our name, messages that came in too fast, events the broker refused three times, and
 * values that were no payload. */
void publisher_add_health(struct publisher *publisher, struct payload_health *health);

/* What Home Assistant last said of itself while we listened; what lies retained is not of now. Its birth
 * and last will are not retained, unless somebody set them so. False: nothing since this link came up. */
struct publisher_home {
    bool online;
    uint64_t at_usec; /* of clock_now_usec() */
};
bool publisher_home(const struct publisher *publisher, struct publisher_home *ret);

/* Says offline and disconnects, or, if that is not heard, has the will say so; the handler runs within
 * 4 s. */
void publisher_stop(struct publisher *publisher, void (*handler)(void *userdata), void *userdata);
