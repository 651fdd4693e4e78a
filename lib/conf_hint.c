/* SPDX-License-Identifier: MIT */
/*
 * What to write in place of a key there is not: the one that was probably meant, by the number of
 * letters that are other, or else all that the section takes.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "lib/conf_key.h"

/* Edit distance without regard to case, of words shorter than 32. */
static size_t distance(const char *a, const char *b)
{
    size_t row[33], n = strlen(b);

    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < n; k++) {
            bool same = tolower((unsigned char)a[i]) == tolower((unsigned char)b[k]);
            size_t best = diagonal + !same;
            diagonal = row[k + 1];
            best = best < row[k] + 1 ? best : row[k] + 1;
            row[k + 1] = best < diagonal + 1 ? best : diagonal + 1;
        }
    }
    return row[n];
}

/* NULL past the last. Not there: a key that other rules have. */
static const char *key_name(enum conf_section section, size_t index, size_t i, bool *ret_is_there)
{
    const struct conf_key *key = conf_key_at(section, i);
    struct conf_key_room room;

    *ret_is_there = key && conf_key_of(key, index, &room);
    return key ? key->key : NULL;
}

static const char *nearest_key(enum conf_section section, size_t index, const char *name)
{
    const char *nearest = NULL, *key;
    size_t least = 3; /* further off is another word, not a slip */
    bool is_there;

    for (size_t i = 0; strlen(name) < 32 && (key = key_name(section, index, i, &is_there)); i++)
        if (is_there && distance(name, key) < least) {
            least = distance(name, key);
            nearest = key;
        }
    return nearest;
}

void conf_key_hint(enum conf_section section, size_t index, const char *name, char *ret,
                   size_t size)
{
    const char *nearest = nearest_key(section, index, name), *key, *before = "";
    size_t at = (size_t)snprintf(ret, size, "allowed: ");
    bool is_there;

    if (nearest) {
        snprintf(ret, size, "did you mean %s=?", nearest);
        return;
    }
    for (size_t i = 0; (key = key_name(section, index, i, &is_there)) && at < size; i++)
        if (is_there) {
            at += (size_t)snprintf(ret + at, size - at, "%s%s", before, key);
            before = ", ";
        }
}
