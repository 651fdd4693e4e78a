/* SPDX-License-Identifier: MIT */
/*
 * The broker, step by step: its name, its port, its certificate, our login, what lies there. The first step
 * that fails is the one to mend; those behind it are skipped. Runs in a process of its own, see apart.c.
 */
#include <stdio.h>
#include <string.h>
#include "daemon/broker/mqtt_uri.h"
#include "daemon/broker/mqtt_words.h"
#include "daemon/clock.h"
#include "daemon/doctor/mqtt_try.h"
#include "daemon/doctor/names.h"
#include "daemon/doctor/private.h"
#include "daemon/doctor/tcp_try.h"
#include "daemon/util.h"
#include "lib/conf_key.h"

#define SOON_DAYS 14

/* ---- what is not reached ---- */

static const enum doctor_line steps[] = { BROKER_SKIPPED,         TLS_SKIPPED,
                                          LOGIN_SKIPPED,          TOPICS_SKIPPED,
                                          HOME_ASSISTANT_SKIPPED, NAME_SKIPPED };

static void skip_the_rest(struct doctor *doctor, const char *why)
{
    for (size_t i = 0; i < ELEMENTSOF(steps); i++)
        if (doctor_is_silent(doctor, doctor_lines[steps[i]].check))
            doctor_say(doctor, steps[i], NULL, "%s", why);
}

/* ---- name and port ---- */

static bool reach(struct doctor *doctor, const struct paho_target *target)
{
    char text[128], listener[16];
    bool same;

    snprintf(listener, sizeof(listener), "%d", target->port);
    switch (tcp_try(target->host, target->port, text, sizeof(text))) {
    case TCP_TRY_OPEN:
        same = strcmp(target->host, text) == 0;
        doctor_say(doctor, BROKER_LISTENS, NULL, "%s%s%s listens on port %d", target->host,
                   same ? "" : ", ", same ? "" : text, target->port);
        return true;
    case TCP_TRY_NAME:
        doctor_say(doctor, BROKER_NAME, NULL, "the name %s is not known: %s", target->host, text);
        return false;
    case TCP_TRY_REFUSED:
        doctor_say(doctor, BROKER_REFUSED, listener, "%s is there, and nobody listens on port %d",
                   text, target->port);
        return false;
    case TCP_TRY_AWAY:
        doctor_say(doctor, BROKER_AWAY, NULL, "%s does not answer on port %d: %s", target->host,
                   target->port, text);
        return false;
    }
    return false;
}

/* ---- certificate and login ---- */

static const struct {
    enum doctor_line line;
    const char *what;
} certificates[] = {
    [HANDSHAKE_NONE] = { TLS_NONE, "it does not speak TLS on this port" },
    [HANDSHAKE_SOUND] = { TLS_SOUND, "its certificate is good" },
    [HANDSHAKE_NAME] = { TLS_NAME, "its certificate is made out to another name" },
    [HANDSHAKE_EXPIRED] = { TLS_EXPIRED, "its certificate has expired" },
    [HANDSHAKE_EARLY] = { TLS_EARLY, "its certificate is not valid yet" },
    [HANDSHAKE_ISSUER] = { TLS_ISSUER, "its certificate is not signed by a CA that is known here" },
    [HANDSHAKE_UNSOUND] = { TLS_UNSOUND, "its certificate is not to be trusted" },
    [HANDSHAKE_OURS] = { TLS_OURS,
                         "it hangs up behind the handshake: it refuses our certificate, or wants "
                         "one, or does not speak this Version= of MQTT" },
    [HANDSHAKE_PROTOCOL] = { TLS_UNSOUND, "it ends the handshake" },
};

/* With TLS 1.3 a broker that wants a certificate lets the handshake pass, and then hangs up. */
static enum handshake handshake_of(const struct mqtt_try *try, enum mqtt_try_outcome outcome)
{
    bool hung_up = outcome == MQTT_TRY_NO && try->why.code <= 0 && try->why.reason == 0;

    return try->handshake == HANDSHAKE_SOUND && hung_up ? HANDSHAKE_OURS : try->handshake;
}

static void say_tls(struct doctor *doctor, const struct mqtt_try *try,
                    enum mqtt_try_outcome outcome)
{
    enum handshake handshake = handshake_of(try, outcome);
    const char *detail = try->handshake_text.text;
    int days_left = try->handshake_text.days_left;

    if (!try->target->tls)
        doctor_say(doctor, TLS_SKIPPED, NULL, "Uri= is mqtt://, without TLS");
    else if (handshake == HANDSHAKE_SOUND && days_left < SOON_DAYS)
        doctor_say(doctor, TLS_SOON, NULL, "its certificate is good, and expires in %d days",
                   days_left);
    else if (handshake == HANDSHAKE_SOUND && days_left < INT_MAX)
        doctor_say(doctor, TLS_SOUND, NULL, "its certificate is good, for %d more days", days_left);
    else
        doctor_say(doctor, certificates[handshake].line, try->target->host, "%s%s%s%s",
                   certificates[handshake].what, detail[0] ? " (" : "", detail,
                   detail[0] ? ")" : "");
}

static void say_refusal(struct doctor *doctor, const struct mqtt_try *try)
{
    const struct conf *conf = try->conf;
    int refusal = try->why.reason >= 0x80 ? try->why.reason : try->why.code;
    struct mqtt_words words = { .target = *try->target,
                                .v311 = conf->mqtt_version == CONF_MQTT_311 };

    if (refusal == 4 || refusal == 5 || refusal == 0x86 || refusal == 0x87) {
        if (conf->mqtt_username[0])
            doctor_say(doctor, LOGIN_REFUSED, NULL, "the login of user '%s' is refused",
                       conf->mqtt_username);
        else
            doctor_say(doctor, LOGIN_REFUSED, NULL, "we are refused without a login");
    } else if (refusal == 1 || refusal == 0x84)
        doctor_say(doctor, LOGIN_VERSION, words.v311 ? "5" : "3.1.1", "it does not speak MQTT %s",
                   words.v311 ? "3.1.1" : "5");
    else {
        mqtt_words_connect_failed(&words, &try->why);
        doctor_say(doctor, LOGIN_FAILED, NULL, "%s", words.text);
    }
}

static void say_login(struct doctor *doctor, const struct mqtt_try *try,
                      enum mqtt_try_outcome outcome)
{
    const struct conf *conf = try->conf;

    if (try->target->tls && handshake_of(try, outcome) != HANDSHAKE_SOUND)
        return;
    if (outcome == MQTT_TRY_IN)
        doctor_say(doctor, LOGIN_TAKEN, NULL, "MQTT %s, %s%s%s",
                   conf->mqtt_version == CONF_MQTT_311 ? "3.1.1" : "5",
                   conf->mqtt_username[0] ? "as user '" : "without a login", conf->mqtt_username,
                   conf->mqtt_username[0] ? "'" : "");
    else if (outcome == MQTT_TRY_SILENT)
        doctor_say(doctor, LOGIN_FAILED, NULL,
                   "it takes the connection and does not answer: is it a broker?");
    else
        say_refusal(doctor, try);
}

static bool log_in(struct doctor *doctor, const struct paho_target *target,
                   struct retained_found *found, uint64_t slow_usec, bool *ret_is_all)
{
    struct mqtt_try try = {
        .conf = &doctor->config->conf,
        .target = target,
        .password = doctor->password,
        .filters = { found->status_topic, found->info_topic, found->birth_topic, found->discovery },
        .on_retained = names_take,
        .userdata = found,
        .slow_usec = slow_usec,
    };
    enum mqtt_try_outcome outcome = mqtt_try(&try);

    say_tls(doctor, &try, outcome);
    say_login(doctor, &try, outcome);
    if (outcome == MQTT_TRY_IN)
        mqtt_try_read(&try);
    *ret_is_all = try.is_all;
    return outcome == MQTT_TRY_IN;
}

/* A mistake in Uri= leaves none, and that was said of the configuration. */
static bool is_refused(const struct config *config)
{
    return config->origins.single[CONF_SECTION_MQTT][conf_key_index(CONF_SECTION_MQTT, "Uri")]
        .refused;
}

void doctor_look_broker(struct doctor *doctor)
{
    struct retained_found found;
    struct paho_target target;
    uint64_t begun_usec = clock_machine_usec(), slow_usec;
    bool is_all;

    if (!doctor->config)
        skip_the_rest(doctor, "the configuration is not known");
    else if (is_refused(doctor->config))
        skip_the_rest(doctor, "Uri= is wrong: see the configuration above");
    else if (!doctor->config->conf.mqtt_uri[0]) {
        doctor_say(doctor, BROKER_UNSET, NULL, "no broker is configured");
        skip_the_rest(doctor, "no broker is configured");
    } else if (mqtt_uri_parse(doctor->config->conf.mqtt_uri, &target) < 0)
        skip_the_rest(doctor, "Uri= names no broker");
    else if (!reach(doctor, &target))
        skip_the_rest(doctor, "the broker is not reached");
    else if (doctor->password_unread)
        skip_the_rest(doctor, geteuid() == 0
                                  ? "the password is not to be had while the service does not run"
                                  : "the password is not for us to read: run it with sudo");
    else {
        slow_usec = clock_machine_usec() - begun_usec;
        names_prepare(doctor, &found);
        if (log_in(doctor, &target, &found, slow_usec, &is_all))
            names_say(doctor, &found, is_all);
        else
            skip_the_rest(doctor, "the broker does not let us in");
    }
}
