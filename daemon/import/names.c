/* SPDX-License-Identifier: MIT */
#include "daemon/import/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* By a quarter, for names of less than a kilobyte. */
static int make_room(struct names *names, size_t size)
{
    size_t room = names->room + names->room / 4 + 1024;
    char *grown;

    if (names->n + size <= names->room)
        return 0;
    if (room > UINT32_MAX)
        return -ENOMEM;
    grown = realloc(names->text, room);
    if (!grown)
        return -ENOMEM;
    names->text = grown;
    names->room = room;
    return 0;
}

int names_add(struct names *names, const char *name, uint32_t *ret)
{
    size_t size = strlen(name) + 1;
    int r = make_room(names, size);

    if (r < 0)
        return r;
    memcpy(names->text + names->n, name, size);
    *ret = (uint32_t)names->n;
    names->n += size;
    return 0;
}

const char *names_at(const struct names *names, uint32_t at)
{
    return names->text + at;
}

void names_done(struct names *names)
{
    free(names->text);
    *names = (struct names){ 0 };
}
