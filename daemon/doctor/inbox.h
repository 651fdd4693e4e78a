/* SPDX-License-Identifier: MIT */
#pragma once
/* What the unit's sandbox leaves of a folder. */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The setting that hides it; NULL: none does. properties: systemd's of the service, NULL: not known, and
 * then nothing is hidden. */
const char *inbox_hider(const json_t *properties, const char *folder);
bool inbox_is_read_only(const json_t *properties, const char *folder);
/* The folder outside that is bound in there; false: none is. */
bool inbox_bound(const json_t *properties, const char *folder, char *ret, size_t size);
