/* SPDX-License-Identifier: MIT */
#pragma once
#include <jansson.h>
#include "daemon/doctor/doctor.h"

/* stridectl doctor [config=FILE] [state=FOLDER], which its row allows: the exit status. */
int doctor_command(const struct doctor_places *places, const json_t *arguments, bool as_json);
