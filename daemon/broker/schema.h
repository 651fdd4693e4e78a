/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The JSON Schema (draft 2020-12) of each payload, made from the same rows of lib/contract.h as the
 * payload itself: every key required, none besides, ranges, words, and null only where allowed.
 */
#include "lib/contract.h"

/* Indented text, to be freed; NULL: no memory. */
char *schema_payload(enum contract_kind kind);
