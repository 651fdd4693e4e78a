/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The fields of a line, parted by blanks and taken one by one. Whoever takes them looks at the end only:
 * `bad` stays once a field was not what it must be, and what is taken from then on says nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/recording.h"

struct fields {
    const char *at, *end;
    bool bad;
};

/* It must have fewer bytes than size, and at least one. */
void fields_word(struct fields *fields, char *ret, size_t size);
/* A word of letters, digits, '_' and '-'. */
void fields_id(struct fields *fields, char *ret, size_t size);
/* The id of a session: a file may be called that, and two of one second are told apart by a '.'. */
void fields_session(struct fields *fields, char *ret, size_t size);
/* The rest of the line, cut if it is too long; may be empty. */
void fields_text(struct fields *fields, char *ret, size_t size);
int64_t fields_integer(struct fields *fields, int64_t min, int64_t max);
double fields_number(struct fields *fields, double min, double max); /* "-", "unknown": NAN */
/* Which of the names it is. */
int fields_name(struct fields *fields, const char *const *names, size_t n);
/* How many they are; "-": none, which is a fact too. */
size_t fields_bytes(struct fields *fields, uint8_t ret[RECORDING_BYTES_MAX]);
