/* SPDX-License-Identifier: MIT */
#pragma once
/* How long to wait before the next try to reach a broker: 1 s, doubled to 2 minutes, a quarter of it by
 * chance, so that a hall of gateways does not come back in one blow. */
#include <stdint.h>

uint64_t backoff_usec(unsigned tries);
