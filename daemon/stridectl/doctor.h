/* SPDX-License-Identifier: MIT */
#pragma once
#include "daemon/doctor/doctor.h"

/* stridectl doctor [config=FILE] [state=FOLDER]: the exit status. */
int doctor_command(const struct doctor_places *places, char **words, bool as_json);
