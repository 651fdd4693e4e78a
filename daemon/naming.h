/* SPDX-License-Identifier: MIT */
#pragma once
/* What a device is by the services it advertises, and a section name a person can keep: strap-b7 */
#include <stdbool.h>
#include <stddef.h>

#define NAMING_MAX       24 /* treadmill-aabbccddeeff */
#define NAMING_BYTES_MAX 6  /* of the address */
#define NAMING_UNKNOWN   "sensor"

/* services: names as in struct sensors_heard. NAMING_UNKNOWN: none that says what it is. */
const char *naming_kind(const char *services);
/* Whose it is shows by who runs, day by day. */
bool naming_is_shared(const char *kind);
/* What it is, and the last bytes of its address, 1 to NAMING_BYTES_MAX. */
void naming_make(const char *kind, const char *address, size_t bytes, char ret[NAMING_MAX]);
