/* SPDX-License-Identifier: MIT */
#pragma once
/* Whom the tests of the training log are about, and what they ran. */
#include "daemon/store/store.h"
#include "lib/conf.h"

/* Anna and Ben, in UTC, whose weeks begin on Monday. */
void training_fixture_conf(struct conf *ret);
/* A run of pace 6 min/km that ended then, without an altitude; no two have one id. */
struct store_session training_fixture_run(const char *runner, double distance_m, int64_t end_usec);
