/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The command table: every verb with its arguments, their types, ranges and words. The three doors
 * (MQTT, D-Bus, stridectl), the checks and the docs all go by it.
 */
#include <stdbool.h>
#include <stddef.h>

enum command_type {
    COMMAND_TEXT,
    COMMAND_WORD,
    COMMAND_INTEGER,
    COMMAND_NUMBER,
    COMMAND_DAY,  /* "2026-11-22", of the calendar */
    COMMAND_FLAG, /* true or false */
};

struct command_argument {
    const char *name;
    enum command_type type;
    bool required;            /* with each word that takes it */
    double min, max;          /* numbers: range; text: bytes */
    const char *const *words; /* COMMAND_WORD, NULL-terminated */
    const char *const
        *with;     /* the words of `do` that take it, NULL-terminated; NULL: all of them */
    bool nullable; /* JSON null is a value of its own ("not known") */
    const char *help;
};

struct command {
    const char *verb;
    const char *help;
    const struct command_argument *arguments; /* up to a NULL name */
    /* It changes nothing: what it told is neither kept nor told again in its transaction, for it may
     * be another by then, or private. */
    bool tells;
    /* Not allowed over MQTT with Commands=safe: the verb as a whole, or words of `do`. */
    bool unsafe;
    const char *const *unsafe_do; /* NULL-terminated */
};
extern const struct command command_table[]; /* up to a NULL verb */

const struct command *command_find(const char *verb); /* NULL: there is none */
/* Whether the row takes this argument beside this word of `do` (NULL: none was given). */
bool command_takes(const struct command_argument *argument, const char *what);
/* Commands=safe keeps it from MQTT: the verb as a whole, or this word of `do` (NULL: none was given). */
bool command_is_unsafe(const struct command *command, const char *what);
/* "session" -> "Session": the D-Bus method of a verb. */
void command_method_name(const char *verb, char *ret, size_t size);
