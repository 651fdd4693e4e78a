/* SPDX-License-Identifier: MIT */
#include "daemon/corrections/private.h"

#include <errno.h>
#include <stdlib.h>

int corrections_new(struct corrections **ret, const struct corrections_parts *parts)
{
    struct corrections *corrections = calloc(1, sizeof(*corrections));
    int r;

    if (!corrections)
        return -ENOMEM;
    corrections->parts = *parts;
    corrections->begin = correction_begin;
    r = correction_line_open(corrections);
    if (r < 0)
        corrections_free(corrections);
    else
        *ret = corrections;
    return r;
}

void corrections_set_conf(struct corrections *corrections, const struct conf *conf)
{
    corrections->parts.conf = conf;
}

struct corrections *corrections_free(struct corrections *corrections)
{
    if (!corrections)
        return NULL;
    correction_line_drop(corrections);
    free(corrections);
    return NULL;
}
