/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdbool.h>
#include <stddef.h>
/*
 * Who this gateway is to the broker and to Home Assistant, for ever: the machine id hashed for this
 * application (32 hex digits), or, on a machine without one, a random id kept in the state folder.
 */
void identity_read(char *ret, size_t size, const char *state_dir);
/* The same of a gateway that ran here before, and nothing is kept by it; false: there is none. */
bool identity_find(char *ret, size_t size, const char *state_dir);
