/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a replay says: the messages as they would have been published, one "topic payload" a line; or each
 * as "kind key=value ...", which leaves out what is null and what the recording alone does not tell.
 */
#include <stdbool.h>
#include <stdio.h>
#include "lib/payload.h"

struct print {
    FILE *out;
    bool text;
    const char *gateway; /* a topic level */
    bool nobodys;        /* something was left unsaid, as it was nobody's */
    bool no_memory;
};

void print_live(struct print *print, const char *runner, const struct payload_live *live);
/* last: it is over, or the recording is; the text form says nothing of it before. */
void print_session(struct print *print, const struct payload_session *session, bool last);
/* EVENT_SESSION_START, EVENT_SESSION_END or EVENT_RETRACTED */
void print_event(struct print *print, enum event_kind kind, const struct payload_session *session);

void print_sensor(struct print *print, const struct payload_sensor *sensor);

/* text.c */
void print_text_sensor(FILE *out, const struct payload_sensor *sensor);
void print_text_live(FILE *out, const struct payload_live *live);
void print_text_session(FILE *out, const struct payload_session *session);
