/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Payloads as the JSON text that is published, made from the rows of lib/contract.h: every key is
 * always there, what is not known is null, a number is rounded to its row's decimals. A number
 * that is not finite or out of its row's range is a mistake of ours: it is never published, but
 * null, and counted.
 */
#include <jansson.h>
#include <stdint.h>
#include "lib/contract.h"
#include "lib/payload.h"

/* How JSON that went through a parser is written again: 148.8 is to stay 148.8, and 17 digits would
 * make 148.80000000000001 of it. */
#define RENDER_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

/* The struct of the kind (payload_live for CONTRACT_LIVE). To be freed; NULL: no memory. */
char *render_payload(enum contract_kind kind, const void *payload);
/* With the event's body as it was stored. NULL also when that is no JSON object (a damaged row). */
char *render_event(const struct payload_event *event);
/* Answer to a request: data (an object, may be NULL) or error. transaction: NULL or as it came. */
char *render_response(const json_t *data, const struct payload_error *error,
                      const char *transaction);

/* Values that were out of range, or missing where null is not allowed, since the start; and the key
 * of the last one, NULL if there was none. */
uint64_t render_refused(void);
const char *render_refused_key(void);
