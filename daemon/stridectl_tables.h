/* SPDX-License-Identifier: MIT */
#pragma once
/* The answer of a verb, as its JSON is, in lines for a person: '-' is what nobody knows. */
#include <jansson.h>

void stridectl_print(const char *verb, const json_t *data);
