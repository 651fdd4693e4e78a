/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "daemon/doctor/lines.h"

/* Of the state folder's disk. */
enum doctor_line folder_judge_room(uint64_t free_bytes, uint64_t free_inodes, bool has_inodes,
                                   bool read_only);
