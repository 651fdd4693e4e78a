/* SPDX-License-Identifier: MIT */
#include "daemon/broker/publisher_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/homeassistant.h"
#include "daemon/broker/privacy.h"
#include "daemon/log.h"
#include "daemon/memory.h"
#include "daemon/render.h"
#include "daemon/util.h"

/* ---- what the parts ask for ------------------------------------------------------------------- */

static int publish(void *userdata, const struct mqtt_publish *message)
{
    struct publisher *publisher = userdata;

    return publisher->link.mqtt ? mqtt_publish(publisher->link.mqtt, message) : -ENOTCONN;
}

static void on_topic_refused(void *userdata, const char *topic, int reason)
{
    if (reason == MQTT_TOO_LARGE)
        log_warning("broker: %s is too large for it, and is not published", topic);
    else
        log_warning("broker: it refuses %s (reason 0x%02x): see its access rules", topic,
                    (unsigned)reason);
}

/* Of somebody who is not configured any more nobody knows what may be told: nothing of the heart. */
static bool heart_is_private(const struct publisher *publisher, const char *id)
{
    const struct conf_runner *runner = conf_runner_of(publisher->conf, id);

    return id[0] && !(runner && runner->publish_heart_rate);
}

/* A body that rotted in the store still happened: it is told, without what nobody can read. */
static char *render_row(const struct publisher *publisher, const struct store_event *event)
{
    struct payload_event payload = { .at_usec = event->at_usec,
                                     .kind = event->kind,
                                     .body = event->body };
    _cleanup_free_ char *body = NULL;
    char *text;

    memcpy(payload.id, event->id, sizeof(payload.id));
    memcpy(payload.runner, event->runner, sizeof(payload.runner));
    if (heart_is_private(publisher, event->runner)) {
        body = privacy_hide_body(event->body);
        payload.body = body ? body : "{}";
    }
    text = render_event(&payload);
    if (text)
        return text;
    payload.body = "{}";
    return render_event(&payload);
}

static int send_event(void *userdata, const struct store_event *event, uint64_t cookie)
{
    struct publisher *publisher = userdata;
    _cleanup_free_ char *payload = NULL;

    if (event->kind == EVENT_ALERT && heart_is_private(publisher, event->runner) &&
        privacy_is_heart_notice(event->body))
        return OUTBOX_NOT_TOLD;
    payload = render_row(publisher, event);
    return payload ? topics_publish(publisher->link.topics, TOPIC_EVENT, event->runner, payload,
                                    strlen(payload), cookie)
                   : -ENOMEM;
}

static void on_gone(void *userdata, const char *id)
{
    struct publisher *publisher = userdata;

    (void)store_delete_event(publisher->store, id);
}

static void on_event_refused(void *userdata, const struct store_event *event, int reason)
{
    struct publisher *publisher = userdata;
    const char *more = event->refused ? "; it is not tried again over this link" : "";

    if (reason == MQTT_TOO_LARGE)
        log_warning("broker: event %s is too large for it, and is not told%s", event->id, more);
    else
        log_warning("broker: it refuses event %s (reason 0x%02x)%s", event->id, (unsigned)reason,
                    more);
    (void)store_mark_event(publisher->store, event->id, event->tries, event->refused);
}

const struct topics_callbacks publisher_topics_callbacks = { .publish = publish,
                                                             .on_refused = on_topic_refused };
const struct outbox_callbacks publisher_outbox_callbacks = {
    .send = send_event,
    .on_delivered = on_gone,
    .on_refused = on_event_refused,
    .on_dropped = on_gone,
};

/* ---- what is true now ------------------------------------------------------------------------- */

static void set_below(struct publisher *publisher, enum topic topic, const char *first,
                      const char *second, enum contract_kind kind, const void *value)
{
    _cleanup_free_ char *payload = render_payload(kind, value);

    if (payload && topics_set(publisher->link.topics, topic, first, second, payload,
                              strlen(payload), clock_now_usec()) < 0)
        log_error("Failed to keep what is to be published of %s", first ? first : "the gateway");
    publisher_rearm(publisher);
}

static void set(struct publisher *publisher, enum topic topic, const char *first,
                enum contract_kind kind, const void *value)
{
    set_below(publisher, topic, first, NULL, kind, value);
}

void publisher_set_status(struct publisher *publisher, const char *status)
{
    (void)topics_set(publisher->link.topics, TOPIC_STATUS, NULL, NULL, status, strlen(status),
                     clock_now_usec());
}

void publisher_set_info(struct publisher *publisher)
{
    _cleanup_free_ struct payload_info *info = calloc(1, sizeof(*info));
    const struct conf *conf = publisher->conf;

    if (!info)
        return;
    snprintf(info->version, sizeof(info->version), "%s", STRIDED_VERSION);
    snprintf(info->machine, sizeof(info->machine), "%s", publisher->machine_id);
    for (size_t i = 0; i < conf->n_runners; i++)
        snprintf(info->runners[info->n_runners++], sizeof(info->runners[0]), "%s",
                 conf->runners[i].id);
    for (size_t i = 0; i < conf->n_sensors; i++)
        snprintf(info->sensors[info->n_sensors++], sizeof(info->sensors[0]), "%s",
                 conf->sensors[i].name);
    set(publisher, TOPIC_INFO, NULL, CONTRACT_INFO, info);
}

static int on_discovery(void *userdata, const char *topic, const char *payload, size_t length)
{
    struct publisher *publisher = userdata;

    return topics_set_path(publisher->link.topics, topic, payload, length, clock_now_usec());
}

static struct homeassistant_options discovery_of(const struct publisher *publisher)
{
    return (struct homeassistant_options){
        .conf = publisher->conf,
        .machine = publisher->machine_id,
        .version = STRIDED_VERSION,
        .sensor = publisher->callbacks->sensor,
        .sensor_userdata = publisher->userdata,
    };
}

/* To make it takes many times what it is; that would stay with the process. */
void publisher_set_discovery(struct publisher *publisher)
{
    struct homeassistant_options options = discovery_of(publisher);

    if (!publisher->conf->ha_discovery)
        return;
    if (homeassistant_render(&options, on_discovery, publisher) < 0)
        log_error("Failed to make Home Assistant's discovery");
    memory_give_back();
}

static void set_discovery_of_sensor(struct publisher *publisher, const char *name)
{
    struct homeassistant_options options = discovery_of(publisher);

    if (homeassistant_render_sensor(&options, conf_find_sensor(publisher->conf, name), on_discovery,
                                    publisher) < 0)
        log_error("Failed to make Home Assistant's discovery of %s", name);
}

/* ---- in --------------------------------------------------------------------------------------- */

void publisher_sensor(struct publisher *publisher, const struct payload_sensor *sensor)
{
    set(publisher, TOPIC_SENSOR, sensor->name, CONTRACT_SENSOR, sensor);
    if (sensor->state == SENSOR_STREAMING) /* its model may have been read only now */
        set_discovery_of_sensor(publisher, sensor->name);
}

void publisher_session(struct publisher *publisher, const struct payload_session *session)
{
    const struct conf_runner *runner = conf_runner_of(publisher->conf, session->runner);
    struct payload_session shown = *session;

    if (!runner) /* nobody's, or somebody's who is not configured any more */
        return;
    if (!runner->publish_heart_rate)
        privacy_hide_session(&shown);
    set(publisher, TOPIC_SESSION, runner->id, CONTRACT_SESSION, &shown);
}

void publisher_note(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_note *note)
{
    set(publisher, TOPIC_NOTE, runner->id, CONTRACT_NOTE, note);
}

void publisher_week(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_week *week)
{
    set(publisher, TOPIC_WEEK, runner->id, CONTRACT_WEEK, week);
}

void publisher_alert(struct publisher *publisher, const struct conf_runner *runner,
                     const struct payload_alert *alert)
{
    set_below(publisher, TOPIC_ALERT, runner->id, rule_get(alert->rule)->id, CONTRACT_ALERT, alert);
}

static void pass(struct publisher *publisher, enum topic topic, const struct conf_runner *runner,
                 const struct payload_live *live)
{
    struct payload_live shown = *live;
    _cleanup_free_ char *payload = NULL;

    if (!runner->publish_heart_rate)
        privacy_hide_live(&shown);
    payload = render_payload(CONTRACT_LIVE, &shown);
    if (payload)
        (void)topics_publish(publisher->link.topics, topic, runner->id, payload, strlen(payload),
                             0);
}

void publisher_live(struct publisher *publisher, const struct conf_runner *runner,
                    const struct payload_live *live)
{
    pass(publisher, TOPIC_LIVE, runner, live);
}

void publisher_now(struct publisher *publisher, const struct conf_runner *runner,
                   const struct payload_live *live)
{
    pass(publisher, TOPIC_NOW, runner, live);
}
