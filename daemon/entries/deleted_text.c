/* SPDX-License-Identifier: MIT */
/* What is kept of a session that is to go, as text. */
#include "daemon/entries/deleted_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void deleted_format(const struct deleted_session *session, char ret[static PAPER_TEXT_MAX])
{
    snprintf(ret, PAPER_TEXT_MAX,
             "at_usec %" PRId64 "\nwas %s\nreason %s\nrunner %s\nfile %s\nby_hand %d\n",
             session->at_usec, session_state_name(session->was), session->reason, session->runner,
             session->file, session->by_hand);
}

static bool take_state(struct deleted_session *session, const char *value)
{
    for (enum session_state state = 0; session_state_name(state); state++)
        if (strcmp(session_state_name(state), value) == 0) {
            session->was = state;
            return true;
        }
    return false;
}

static bool take_time(struct deleted_session *session, const char *value)
{
    char *end;
    long long usec = strtoll(value, &end, 10);

    session->at_usec = usec;
    return end > value && !*end && usec >= 0;
}

static bool is_of(const char *value, const char *letters, size_t size)
{
    size_t length = strlen(value);

    return length < size && strspn(value, letters) == length;
}

/* They become names of files. */
static bool take_line(struct deleted_session *session, const char *word, const char *value)
{
    if (strcmp(word, "at_usec") == 0)
        return take_time(session, value);
    if (strcmp(word, "was") == 0)
        return take_state(session, value);
    if (strcmp(word, "by_hand") == 0)
        session->by_hand = strcmp(value, "1") == 0;
    if (strcmp(word, "reason") == 0)
        snprintf(session->reason, sizeof(session->reason), "%s", value);
    if (strcmp(word, "runner") == 0) {
        snprintf(session->runner, sizeof(session->runner), "%s", value);
        return is_of(value, "abcdefghijklmnopqrstuvwxyz0123456789_-", sizeof(session->runner));
    }
    if (strcmp(word, "file") == 0) {
        snprintf(session->file, sizeof(session->file), "%s", value);
        return !*value || (strlen(value) == STORE_HASH_MAX - 1 &&
                           is_of(value, "0123456789abcdef", sizeof(session->file)));
    }
    return true;
}

bool deleted_parse(struct deleted_session *ret, const char *id, const char *text)
{
    char copy[PAPER_TEXT_MAX];

    *ret = (struct deleted_session){ .was = SESSION_ENDED };
    snprintf(ret->id, sizeof(ret->id), "%s", id);
    snprintf(copy, sizeof(copy), "%s", text);
    for (char *line = copy, *next; *line; line = next) {
        size_t length = strcspn(line, "\n");
        char *value;

        next = line + length + (line[length] != '\0');
        line[length] = '\0';
        value = strchr(line, ' ');
        if (value)
            *value++ = '\0';
        if (value && !take_line(ret, line, value))
            return false;
    }
    return true;
}
