/* SPDX-License-Identifier: MIT */
/*
 * The states with a usable link: STREAMING and SILENT, which differ only in what the last seconds
 * brought. The link ends because it broke, fell silent for long, or nobody runs with it.
 */
#include <stdio.h>
#include <string.h>
#include "daemon/sensors/machine/private.h"
#include "daemon/sensors/radio.h"

#define STOOD_USEC     (30 * SECOND) /* a link that lasted so long was a good one */
#define WELL_USEC      (60 * SECOND) /* and after so long its troubles are forgotten */
#define EARLY_MIN_USEC (25 * SECOND)
#define EARLY_MAX_USEC (40 * SECOND)
#define EARLY_DROPS    5

static void count_drop(struct sensor *x, uint64_t now_usec)
{
    uint64_t age_usec = now_usec - x->link_usec;
    x->drops++;
    x->failures = age_usec >= STOOD_USEC ? 0 : x->failures + 1;
    x->retry_usec = now_usec + radio_backoff_usec(x->failures, &x->seed);
    x->early_drops =
        age_usec >= EARLY_MIN_USEC && age_usec <= EARLY_MAX_USEC ? x->early_drops + 1 : 0;
    if (x->early_drops > EARLY_DROPS)
        snprintf(x->problem, sizeof x->problem,
                 "%s drops about 30 s after each connect: it may ask for a connection interval the "
                 "kernel refuses; see conn_max_interval in README",
                 x->name);
}

static uint32_t on_drop(struct sensor *x, uint64_t now_usec)
{
    x->usable = false;
    x->ours_usec = x->life_usec = now_usec;
    sensor_set_state(x, SENSOR_ABSENT, "the link was lost", now_usec);
    count_drop(x, now_usec);
    return SENSOR_DO_LINK_DOWN | sensor_check_mute_end(x, now_usec);
}

static uint32_t prove_anew(struct sensor *x, uint64_t now_usec)
{
    x->usable = false;
    x->ours_usec = now_usec;
    sensor_set_state(x, SENSOR_CONNECTING, "its services changed", now_usec);
    return SENSOR_DO_LINK_DOWN | sensor_begin_proof(x, now_usec);
}

static void on_packet(struct sensor *x, uint64_t now_usec)
{
    x->packet_usec = now_usec;
    if (x->state == SENSOR_SILENT) {
        x->silent_turns = 0;
        sensor_set_state(x, SENSOR_STREAMING, "packets come", now_usec);
    }
    if (now_usec - x->link_usec < WELL_USEC && (x->early_drops > 0 || x->failures > 0))
        return;
    x->failures = x->early_drops = x->silent_turns = 0;
    x->problem[0] = '\0';
}

static uint32_t cut(struct sensor *x, uint64_t now_usec)
{
    uint32_t actions = sensor_hang_up(x, now_usec);
    if (++x->silent_turns >= 2)
        snprintf(
            x->problem, sizeof x->problem,
            "%s is connected but sends nothing: it may be off the body or the shoe, or want to be "
            "paired",
            x->name);
    x->retry_usec = now_usec + radio_backoff_usec(x->silent_turns, &x->seed);
    x->life_usec = now_usec;
    sensor_set_state(x, SENSOR_WAITING, "silent for long: connecting anew", now_usec);
    return actions;
}

static uint32_t let_go(struct sensor *x, const char *reason, uint64_t now_usec)
{
    uint32_t actions = sensor_hang_up(x, now_usec);
    x->ours_usec = x->tried_usec =
        0; /* the next one to come for it is as good as we are: Grace holds again */
    sensor_let_go(x, reason, now_usec);
    return actions | SENSOR_DO_UNSUBSCRIBE;
}

static uint32_t on_usable_tick(struct sensor *x, uint64_t now_usec)
{
    uint64_t silence_usec = now_usec - x->packet_usec;
    if (now_usec >= sensor_idle_deadline(x))
        return let_go(x,
                      x->connect == CONF_CONNECT_ON_REQUEST ? "it waits for a session to be started"
                                                            : "idle: let go until it is needed",
                      now_usec);
    if (silence_usec >= sensor_cut_usec(x))
        return cut(x, now_usec);
    if (x->state == SENSOR_STREAMING && silence_usec >= CHANNEL_SILENT_USEC)
        sensor_set_state(x, SENSOR_SILENT, "subscribed, but no packets for 10 s", now_usec);
    channels_check(&x->channels, x->moved_usec, now_usec);
    x->n_renew = channels_take_renewals(&x->channels, now_usec, x->renew);
    return x->n_renew > 0 ? SENSOR_DO_RENEW : 0;
}

void sensor_say_what_lacks(struct sensor *x)
{
    char reason[PAYLOAD_TEXT_MAX];
    if (x->state != SENSOR_STREAMING)
        return;
    bool lacks = channels_missing(&x->channels, reason, sizeof reason);
    if (lacks && strcmp(x->reason, reason) != 0)
        sensor_set_reason(x, reason);
    else if (!lacks && x->lacks)
        sensor_set_reason(x, "all of it comes");
    x->lacks = lacks;
}

uint32_t sensor_on_usable(struct sensor *x, const struct sensor_event *event, uint64_t now_usec)
{
    switch (event->kind) {
    case SENSOR_EV_PACKET:
        on_packet(x, now_usec);
        return 0;
    case SENSOR_EV_TICK:
        return on_usable_tick(x, now_usec);
    case SENSOR_EV_LINK_DOWN:
        return on_drop(x, now_usec);
    case SENSOR_EV_SERVICES_LOST:
        return prove_anew(x, now_usec);
    case SENSOR_EV_UNPROVEN:
        return event->flag ? 0 : on_drop(x, now_usec); /* the signal of its end was missed */
    case SENSOR_EV_CONNECT_REPLY:                      /* came after the proof */
    case SENSOR_EV_REFUSED:                            /* after packets had come */
    case SENSOR_EV_ADVERT: /* of the second link that some straps offer */
    case SENSOR_EV_PROVEN:
    case SENSOR_EV_FOREIGN:
    case SENSOR_EV_SUBSCRIBED:
    case SENSOR_EV_ONE_REFUSED:
    case SENSOR_EV_BURST:
    case SENSOR_EV_LINK_FOUND:
    case SENSOR_EV_AVAILABLE:
    case SENSOR_EV_UNAVAILABLE:
    case SENSOR_EV_RELEASE:
    case SENSOR_EV_TURN:
        break;
    }
    return 0;
}
