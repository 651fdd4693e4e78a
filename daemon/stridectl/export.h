/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>
#include <stdbool.h>

struct export_to {
    const char *path; /* "-" = stdout; NULL = a name that fits it, in this folder */
    bool force;       /* also in the place of a file that is there */
};

/*
 * Asks for part after part and writes them behind each other. The file has its name when it is whole,
 * and not before; of one that is not, nothing is left. 0, or how stridectl is to end, which was said on
 * stderr. A refusal of the daemon is 0 with its answer, a new reference; else *ret_answer stays NULL.
 */
int export_write(json_t *arguments, const struct export_to *to, json_t **ret_answer);
