/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What a runner says of a session and no sensor knows: how hard it felt (0 to 10, as Foster's scale of a whole
 * session, whole or half), what was run on, and in which shoes. As text it is a line each, so that a person may
 * read it, and an older strided passes over what it does not know.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTE_EFFORT_MAX 10
#define NOTE_SHOES_MAX  41 /* with the NUL */
#define NOTE_TEXT_MAX   128

struct note {
    double effort;              /* NAN: not said */
    char surface[12];           /* "": not said */
    char shoes[NOTE_SHOES_MAX]; /* "": not said */
};

/* What of it is said anew; the rest stays as it was. */
enum note_part {
    NOTE_EFFORT = 1 << 0,
    NOTE_SURFACE = 1 << 1,
    NOTE_SHOES = 1 << 2,
};

extern const char *const note_surfaces[]; /* NULL-terminated */

void note_init(struct note *note);
bool note_is_empty(const struct note *note);
bool note_is_valid(const struct note *note);
void note_change(struct note *note, const struct note *said, unsigned parts);
uint64_t note_digest(const struct note *note);
void note_format(const struct note *note, char ret[static NOTE_TEXT_MAX]);
/* A line that is not understood, or says what cannot be, is passed over. */
void note_parse(struct note *ret, const char *text);
