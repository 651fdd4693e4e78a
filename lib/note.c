/* SPDX-License-Identifier: MIT */
#include "lib/note.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/digest.h"
#include "lib/utf8.h"

const char *const note_surfaces[] = { "road", "track",     "trail", "grass",
                                      "sand", "treadmill", "other", NULL };

void note_init(struct note *note)
{
    *note = (struct note){ .effort = NAN };
}

bool note_is_empty(const struct note *note)
{
    return isnan(note->effort) && !note->surface[0] && !note->shoes[0];
}

static bool is_effort(double effort)
{
    return effort >= 0 && effort <= NOTE_EFFORT_MAX && floor(2 * effort) == 2 * effort;
}

static bool is_surface(const char *surface)
{
    for (size_t i = 0; note_surfaces[i]; i++)
        if (strcmp(note_surfaces[i], surface) == 0)
            return true;
    return false;
}

static bool is_shoes(const char *shoes, size_t length)
{
    return length > 0 && length < NOTE_SHOES_MAX && utf8_is_plain(shoes, length);
}

bool note_is_valid(const struct note *note)
{
    return (isnan(note->effort) || is_effort(note->effort)) &&
           (!note->surface[0] || is_surface(note->surface)) &&
           (!note->shoes[0] || is_shoes(note->shoes, strlen(note->shoes)));
}

void note_change(struct note *note, const struct note *said, unsigned parts)
{
    if (parts & NOTE_EFFORT)
        note->effort = said->effort;
    if (parts & NOTE_SURFACE)
        memcpy(note->surface, said->surface, sizeof(note->surface));
    if (parts & NOTE_SHOES)
        memcpy(note->shoes, said->shoes, sizeof(note->shoes));
}

uint64_t note_digest(const struct note *note)
{
    char text[NOTE_TEXT_MAX];

    note_format(note, text);
    return digest_text(text);
}

/* ---- as text ------------------------------------------------------------------------------------ */

void note_format(const struct note *note, char ret[static NOTE_TEXT_MAX])
{
    size_t length = 0;

    ret[0] = '\0';
    if (!isnan(note->effort))
        length += (size_t)snprintf(ret, NOTE_TEXT_MAX, "effort %g\n", note->effort);
    if (note->surface[0])
        length +=
            (size_t)snprintf(ret + length, NOTE_TEXT_MAX - length, "surface %s\n", note->surface);
    if (note->shoes[0])
        (void)snprintf(ret + length, NOTE_TEXT_MAX - length, "shoes %s\n", note->shoes);
}

static void take_effort(struct note *note, const char *value)
{
    char *end;
    double effort = strtod(value, &end);

    if (end > value && !*end && is_effort(effort))
        note->effort = effort;
}

static void take_line(struct note *note, const char *word, const char *value)
{
    if (strcmp(word, "effort") == 0)
        take_effort(note, value);
    else if (strcmp(word, "surface") == 0 && is_surface(value))
        snprintf(note->surface, sizeof(note->surface), "%s", value);
    else if (strcmp(word, "shoes") == 0 && is_shoes(value, strlen(value)))
        snprintf(note->shoes, sizeof(note->shoes), "%s", value);
}

void note_parse(struct note *ret, const char *text)
{
    note_init(ret);
    while (*text) {
        size_t length = strcspn(text, "\n");
        char line[NOTE_TEXT_MAX], *value;

        if (length < sizeof(line)) {
            memcpy(line, text, length);
            line[length] = '\0';
            value = strchr(line, ' ');
            if (value) {
                *value = '\0';
                take_line(ret, line, value + 1);
            }
        }
        text += length + (text[length] != '\0');
    }
}
