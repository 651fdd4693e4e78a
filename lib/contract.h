/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The payload contract: one row for every key we publish. What is rendered, the schemas, the Home
 * Assistant entities and the docs are all made from these rows, so none of them can say something
 * the others do not. The structs behind the rows are in lib/payload.h.
 *
 * Rows of a nested object stand together and share the part of their path before the dot. The order
 * of the rows is the order of the keys in the published text.
 */
#include <stdbool.h>
#include <stddef.h>
#include "lib/payload.h"

/* One kind a payload, not a topic: `live` is also what `now` carries. (`status` is no JSON.) */
enum contract_kind {
    CONTRACT_INFO,
    CONTRACT_HEALTH,
    CONTRACT_SENSOR,
    CONTRACT_LIVE,
    CONTRACT_SESSION,
    CONTRACT_WEEK,
    CONTRACT_NOTE,
    CONTRACT_ALERT,
    CONTRACT_NOTICE,   /* the body of an event of kind alert */
    CONTRACT_IMPORT,   /* the body of an event of kind import */
    CONTRACT_EVENT,    /* struct payload_event; rendered by render_event */
    CONTRACT_RESPONSE, /* rendered by render_response */
    CONTRACT_KINDS,
};

enum contract_type {
    CONTRACT_NUMBER,     /* double; NAN is null; decimals 0 makes it an integer */
    CONTRACT_NUMBERS,    /* double[count] */
    CONTRACT_BOOL,       /* bool; never null */
    CONTRACT_STRING,     /* char[size]; "" is null */
    CONTRACT_STRINGS,    /* char[count][size], as many as *(size_t *)n_offset says */
    CONTRACT_ENUM,       /* an enum with a name function; a value without a name is null */
    CONTRACT_WORD,       /* char[size] that is one of `words`; "" is null */
    CONTRACT_TIME_S,     /* int64_t UTC microseconds, published to the second; 0 is null */
    CONTRACT_TIME_MS,    /* the same, to the millisecond */
    CONTRACT_NUMBER_MAP, /* array of items with a name and a number, published as {name: number} */
    CONTRACT_OBJECTS,    /* array of items, each published as an object of rows[] */
    CONTRACT_GROUP,      /* a struct within the struct, published as an object of rows[] */
    CONTRACT_NESTED,     /* const struct *, published as an object of rows[]; NULL is null */
    CONTRACT_OBJECT,     /* const char *, JSON text of an object with any keys; NULL is null */
};

/* How a person sees a number there, where seconds stay seconds and a week's way is not counted in metres. */
enum contract_shown {
    CONTRACT_SHOWN_AS_PUBLISHED, /* in the row's unit, with the row's decimals */
    CONTRACT_SHOWN_WHOLE,        /* in the row's unit, rounded */
    CONTRACT_SHOWN_KM,           /* of m */
    CONTRACT_SHOWN_MINUTES,      /* of s; written as '4 min 9 s' */
    CONTRACT_SHOWN_HOURS,        /* of s; written as '2 h 45 min' */
};

/* A Home Assistant entity made of the key. Of a CONTRACT_NUMBER_MAP: one entity a name in it, of
 * CONTRACT_NUMBERS: one a number. */
struct contract_entity {
    const char *platform;     /* "sensor", "binary_sensor"; NULL: no entity */
    const char *id;           /* component id; NULL: the key's path with '_' for '.' */
    const char *name;         /* for people */
    const char *device_class; /* NULL: none; "enum": the options are the row's words */
    const char *state_class;  /* NULL: none */
    const char *icon;         /* NULL: the device class's */
    const char *category;     /* NULL or "diagnostic" */
    const char *template;     /* NULL: {{ value_json.<path> }} */
    const char *attributes;   /* template of an object that is shown beside the value; NULL: none */
    const char *rule;         /* the entity is there while this rule is on; NULL: always */
    bool disabled;            /* enabled_by_default is false */
    enum contract_shown shown; /* a number without a template */
};
#define CONTRACT_ENTITIES_MAX 2

struct contract_row {
    const char *path; /* "heart_rate_bpm", "source.distance" */
    enum contract_type type;
    size_t offset; /* of the value in the struct of the kind (or of the item) */
    size_t size;   /* bytes of one text, or of one item of an array of structs */
    size_t count;  /* capacity of an array */
    size_t n_offset;
    int decimals;
    double min, max; /* inclusive; an impossible 0 (heart rate, pace) is outside */
    bool nullable;
    bool instant; /* holds at this moment only: null once the session is over. NUMBER only */
    const char *(*name)(int value); /* ENUM: NULL past the end */
    const char *const *words;       /* WORD: NULL-terminated */
    /* OBJECTS, GROUP: rows of an item. NUMBER_MAP: its name, its number */
    const struct contract_row *rows;
    size_t n_rows;
    const char *pattern; /* STRING(S): regular expression, NULL: any text */
    const char *unit;    /* as Home Assistant writes it; NULL: none */
    const char *description;
    struct contract_entity entities[CONTRACT_ENTITIES_MAX];
};

#define CONTRACT_ENTITY_ID_MAX 96
/* How many entities each of a row's makes: of CONTRACT_NUMBERS as many as there are numbers, else 1. */
size_t contract_entity_count(const struct contract_row *row);
/* "week_distance": the id of the i-th of them; of CONTRACT_NUMBERS "zone_s_1" and so on. */
void contract_entity_id(const struct contract_row *row, const struct contract_entity *entity,
                        size_t i, char ret[static CONTRACT_ENTITY_ID_MAX]);
/* Home Assistant knows an entity by <runner>_<entity>: "anna_downhill" + "distance_m" is "anna" +
 * "downhill_distance_m". True: these two have one that would be the other's. */
bool contract_runners_meet(const char *runner, const char *other);

/* Rows of a kind; *ret_n of them. */
const struct contract_row *contract_rows(enum contract_kind kind, size_t *ret_n);
const char *contract_kind_name(enum contract_kind kind);        /* "live"; NULL past the end */
const char *contract_kind_topic(enum contract_kind kind);       /* "runner/<r>/live", for people */
const char *contract_kind_description(enum contract_kind kind); /* one sentence */
size_t contract_kind_size(enum contract_kind kind);             /* of its struct; 0: has none */

/* The i-th word an ENUM or WORD row may publish, NULL past the end. */
const char *contract_word(const struct contract_row *row, size_t i);
/* True when the number, as rounded for publishing, is finite and within the row's range. */
bool contract_accepts(const struct contract_row *row, double rounded);
/* What holds at the moment only becomes null; the rest of the struct of the kind stays. */
void contract_clear_instant(enum contract_kind kind, void *payload);
/* Numbers that are out of their row's range become NAN: what was stored by another, and is no mistake of ours. */
void contract_clear_refused(enum contract_kind kind, void *payload);
/* The value as published: rounded to the row's decimals, never -0. */
double contract_round(const struct contract_row *row, double value);
