/* SPDX-License-Identifier: MIT */
#pragma once
/* The table of keys and what is done with one value; only for conf*.c, its tests and its
 * man page. */
#include "lib/conf.h"

enum conf_type {
    CONF_TYPE_TEXT,    /* anything for people, char[CONF_TEXT_MAX] */
    CONF_TYPE_PATH,    /* absolute */
    CONF_TYPE_URI,     /* mqtt://host[:port], mqtts://... */
    CONF_TYPE_ID,      /* a topic level, char[CONF_ID_MAX] */
    CONF_TYPE_RUNNER,  /* auto, or the id of a runner */
    CONF_TYPE_ADDRESS, /* AA:BB:CC:DD:EE:FF */
    CONF_TYPE_ADAPTER, /* an address or hciN */
    CONF_TYPE_ZONE,    /* Europe/Berlin */
    CONF_TYPE_BOOL,
    CONF_TYPE_WORD,    /* an enum: the index into words */
    CONF_TYPE_WHOLE,   /* int; 0 when not given */
    CONF_TYPE_NUMBER,  /* double; NAN when not given */
    CONF_TYPE_PERCENT, /* double, or `unknown`: NAN */
    CONF_TYPE_SPAN,    /* uint64_t microseconds; min and max are seconds */
};

struct conf_key {
    enum conf_section section;
    const char *key;
    enum conf_type type;
    size_t offset; /* in struct conf, rule_setting, conf_runner or conf_sensor */
    size_t size;   /* bytes of a text, with the NUL */
    double min, max;
    const char *fallback; /* the default, as it would be written; what `Key=` resets to */
    const char *const *words;
    const char *help; /* one sentence or two */
};

extern const struct conf_key conf_keys[];
extern const size_t conf_n_keys;

/* NULL past the last key of the section. */
const struct conf_key *conf_key_at(enum conf_section section, size_t i);
/* i of conf_key_at, or CONF_KEYS_MAX. */
size_t conf_key_index(enum conf_section section, const char *key);
/* The key as it holds in the index-th section of its kind: a rule has ranges and defaults of its own,
 * and then the answer is made in `room`. NULL: that rule has no such key. */
struct conf_key_room {
    struct conf_key key;
    char fallback[32];
};
const struct conf_key *conf_key_of(const struct conf_key *key, size_t index,
                                   struct conf_key_room *room);
const char *conf_section_name(enum conf_section section); /* "Runner"; NULL past the end */

/* The struct that the keys of the section are offsets into. */
void *conf_section_base(struct conf *conf, enum conf_section section, size_t index);

/* Sets the value; false when the text is not allowed, and then sets nothing. */
bool conf_value_set(const struct conf_key *key, void *base, const char *text);
/* Whether conf_value_set would; for a value that has no place to be. */
bool conf_value_is_allowed(const struct conf_key *key, const char *text);
/* The value as it would be written. */
void conf_value_format(const struct conf_key *key, const void *base, char *ret, size_t size);
/* "a whole number from 100 to 240" */
void conf_value_allowed(const struct conf_key *key, char *ret, size_t size);
/* What to write in place of a key there is not: "did you mean Address=?", or all there are. */
void conf_key_hint(enum conf_section section, size_t index, const char *name, char *ret,
                   size_t size);
