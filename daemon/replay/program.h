/* SPDX-License-Identifier: MIT */
#pragma once
/* strided-replay as a program: its options, and how it ends. */
#include "daemon/program.h"

enum { REPLAY_DAMAGED = 1, REPLAY_USAGE = 2 };

extern const struct program replay_program;
