/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>

/* The error of an answer that refuses, on stderr: what is wrong, and what is allowed. */
void refusal_print(const json_t *error);
