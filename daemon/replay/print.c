/* SPDX-License-Identifier: MIT */
#include "daemon/replay/print.h"

#include <stdlib.h>
#include "daemon/broker/topic.h"
#include "daemon/render.h"

#define ROOT "strided"

/* Takes the text. */
static void say_of(struct print *print, enum topic topic, const char *whom, char *payload)
{
    char path[TOPIC_MAX];

    print->no_memory |= payload == NULL;
    if (whom[0] && payload && topics_format(path, ROOT, print->gateway, topic, whom, NULL) >= 0)
        fprintf(print->out, "%s %s\n", path, payload);
    free(payload);
}

/* Nothing is published of what is nobody's. */
static void say(struct print *print, enum topic topic, const char *runner, char *payload)
{
    print->nobodys |= runner[0] == '\0';
    say_of(print, topic, runner, payload);
}

void print_sensor(struct print *print, const struct payload_sensor *sensor)
{
    if (print->text)
        print_text_sensor(print->out, sensor);
    else
        say_of(print, TOPIC_SENSOR, sensor->name, render_payload(CONTRACT_SENSOR, sensor));
}

void print_live(struct print *print, const char *runner, const struct payload_live *live)
{
    if (print->text)
        print_text_live(print->out, live);
    else
        say(print, TOPIC_LIVE, runner, render_payload(CONTRACT_LIVE, live));
}

void print_session(struct print *print, const struct payload_session *session, bool last)
{
    if (!print->text)
        say(print, TOPIC_SESSION, session->runner, render_payload(CONTRACT_SESSION, session));
    else if (last)
        print_text_session(print->out, session);
}

void print_event(struct print *print, enum event_kind kind, const struct payload_session *session)
{
    struct payload_event event = { .kind = kind };
    char *body;

    if (print->text)
        return;
    body = render_payload(CONTRACT_SESSION, session);
    event.body = body;
    event.at_usec = kind == EVENT_SESSION_START ? session->start_usec : session->end_usec;
    snprintf(event.id, sizeof(event.id), "%.32s-%s", session->id,
             kind == EVENT_SESSION_START ? "start"
             : kind == EVENT_RETRACTED   ? "gone"
                                         : "end");
    snprintf(event.runner, sizeof(event.runner), "%s", session->runner);
    say(print, TOPIC_EVENT, session->runner, body ? render_event(&event) : NULL);
    free(body);
}
