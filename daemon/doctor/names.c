/* SPDX-License-Identifier: MIT */
/*
 * SUBACK is no proof of a right to read: Mosquitto says yes, and sends nothing. So a topic can be read
 * when what must lie there came.
 */
#include "daemon/doctor/names.h"

#include <stdio.h>
#include <string.h>
#include "daemon/broker/homeassistant.h"
#include "daemon/identity.h"
#include "daemon/util.h"

void names_prepare(const struct doctor *doctor, struct retained_found *ret)
{
    const struct conf *conf = &doctor->config->conf;

    *ret = (struct retained_found){ 0 };
    (void)topics_format(ret->status_topic, conf->mqtt_root, conf->gateway, TOPIC_STATUS, NULL,
                        NULL);
    (void)topics_format(ret->info_topic, conf->mqtt_root, conf->gateway, TOPIC_INFO, NULL, NULL);
    (void)homeassistant_birth_topic(conf, ret->birth_topic);
    if (identity_find(ret->machine, sizeof(ret->machine), doctor->places.state_dir))
        (void)homeassistant_own(conf, ret->machine, ret->discovery, ret->own_discovery);
    if (!ret->discovery[0])
        (void)homeassistant_own(conf, "none", ret->discovery, ret->own_discovery);
}

void names_take(void *userdata, const char *topic, const char *payload)
{
    struct retained_found *found = userdata;
    json_t *info;

    if (strcmp(topic, found->status_topic) == 0)
        snprintf(found->status, sizeof(found->status), "%s", payload);
    else if (strcmp(topic, found->birth_topic) == 0)
        snprintf(found->birth, sizeof(found->birth), "%s", payload);
    else if (found->machine[0] &&
             strncmp(topic, found->own_discovery, strlen(found->own_discovery)) == 0)
        found->announced++;
    if (strcmp(topic, found->info_topic) != 0)
        return;
    info = json_loads(payload, 0, NULL);
    const char *machine = json_string_value(json_object_get(info, "machine"));
    snprintf(found->info_machine, sizeof(found->info_machine), "%s", machine ? machine : "");
    json_decref(info);
}

/* strided here is linked to this broker, by its own word: it has no problem with it. */
static bool is_linked(const struct doctor *doctor)
{
    const json_t *problem, *health = json_object_get(doctor->status, "health");
    size_t i;

    json_array_foreach(json_object_get(health, "problems"), i, problem)
    {
        const char *said = json_string_value(problem);

        if (said && (strncmp(said, "broker ", 7) == 0 || strncmp(said, "No broker", 9) == 0 ||
                     strstr(said, "another gateway") || strstr(said, "used the gateway name")))
            return false;
    }
    return health != NULL;
}

static void say_topics(struct doctor *doctor, const struct retained_found *found)
{
    const struct conf *conf = &doctor->config->conf;
    char below[TOPIC_MAX];

    snprintf(below, sizeof(below), "%s/%s/", conf->mqtt_root, conf->gateway);
    if (found->status[0])
        doctor_say(doctor, TOPICS_READABLE, NULL, "%s is '%s'", found->status_topic, found->status);
    else if (is_linked(doctor))
        doctor_say(doctor, TOPICS_CLOSED, below,
                   "strided is linked, and %s, which it published, cannot be read by its login",
                   found->status_topic);
    else
        doctor_say(doctor, TOPICS_SKIPPED, NULL,
                   "nothing lies at %s: strided was never linked to this broker, or its login may "
                   "not read there",
                   found->status_topic);
}

/* By default it says that it starts, and ends, to those who listen then: strided does. "" is nothing. */
static const char *home_said(const struct doctor *doctor, char ret_when[static 64])
{
    const json_t *home = json_object_get(doctor->status, "home_assistant");
    const char *said = json_string_value(json_object_get(home, "said"));
    const char *at = json_string_value(json_object_get(home, "at"));
    json_int_t minutes = json_integer_value(json_object_get(home, "age_s")) / 60;

    if (at)
        snprintf(ret_when, 64, "at %.32s", at);
    else
        snprintf(ret_when, 64, "%" JSON_INTEGER_FORMAT " minutes ago", minutes);
    return said ? said : "";
}

static void say_unheard(struct doctor *doctor, const struct retained_found *found)
{
    if (json_object_get(doctor->status, "home_assistant"))
        doctor_say(
            doctor, HOME_ASSISTANT_SKIPPED, NULL,
            "%zu devices are announced; nothing was heard of it since strided is linked to the "
            "broker: it speaks when it starts",
            found->announced);
    else
        doctor_say(doctor, HOME_ASSISTANT_SKIPPED, NULL,
                   "%zu devices are announced; whether somebody listens strided would have heard, "
                   "and it does not say",
                   found->announced);
}

static void say_home_assistant(struct doctor *doctor, const struct retained_found *found)
{
    const struct conf *conf = &doctor->config->conf;
    char when[64];
    const char *said = home_said(doctor, when);

    if (!conf->ha_discovery)
        doctor_say(doctor, HOME_ASSISTANT_SKIPPED, NULL, "Discovery=no: it is told nothing");
    else if (found->birth[0] && strcmp(found->birth, "online") != 0)
        doctor_say(doctor, HOME_ASSISTANT_OFFLINE, NULL, "%s is '%s'", found->birth_topic,
                   found->birth);
    else if (!found->birth[0] && strcmp(said, "offline") == 0)
        doctor_say(doctor, HOME_ASSISTANT_OFFLINE, NULL, "it said '%s' %s", said, when);
    else if (is_linked(doctor) && !found->announced && found->machine[0])
        doctor_say(doctor, HOME_ASSISTANT_UNTOLD, conf->ha_prefix,
                   "strided is linked, and none of its announcements can be read at %s",
                   found->discovery);
    else if (found->birth[0])
        doctor_say(doctor, HOME_ASSISTANT_SEEN, NULL, "%s is '%s', %zu devices are announced to it",
                   found->birth_topic, found->birth, found->announced);
    else if (said[0])
        doctor_say(doctor, HOME_ASSISTANT_SEEN, NULL,
                   "it said '%s' %s, %zu devices are announced to it", said, when,
                   found->announced);
    else
        say_unheard(doctor, found);
}

static void say_name(struct doctor *doctor, const struct retained_found *found)
{
    const char *gateway = doctor->config->conf.gateway;
    bool online = strcmp(found->status, "online") == 0;
    bool runs = doctor->has_owner || doctor->unit_runs || !doctor->systemd;

    if (!found->info_machine[0])
        doctor_say(doctor, NAME_SKIPPED, NULL, "nobody has spoken as '%s' so far", gateway);
    else if (!found->machine[0])
        doctor_say(doctor, NAME_SKIPPED, NULL,
                   "machine %.8s speaks as '%s'; that of this gateway is not known here",
                   found->info_machine, gateway);
    else if (strcmp(found->info_machine, found->machine) != 0 && online)
        doctor_say(doctor, NAME_OTHER, NULL,
                   "machine %.8s is online as '%s', too; this one is %.8s", found->info_machine,
                   gateway, found->machine);
    else if (strcmp(found->info_machine, found->machine) != 0)
        doctor_say(doctor, NAME_BEFORE, NULL, "machine %.8s used '%s' before; this one is %.8s",
                   found->info_machine, gateway, found->machine);
    else if (online && !runs)
        doctor_say(doctor, NAME_TWIN, NULL,
                   "'%s' is online with the machine id of this one, on which strided does not run",
                   gateway);
    else
        doctor_say(doctor, NAME_OURS, NULL, "'%s' is this machine's alone", gateway);
}

void names_say(struct doctor *doctor, const struct retained_found *found, bool is_all)
{
    static const enum doctor_line lines[] = { TOPICS_SKIPPED, HOME_ASSISTANT_SKIPPED,
                                              NAME_SKIPPED };

    for (size_t i = 0; i < ELEMENTSOF(lines) && !is_all; i++)
        doctor_say(doctor, lines[i], NULL,
                   "the broker did not say in time what lies there: it is slow, or went away");
    if (!is_all)
        return;
    say_topics(doctor, found);
    say_home_assistant(doctor, found);
    say_name(doctor, found);
}
