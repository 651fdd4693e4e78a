/* SPDX-License-Identifier: MIT */
#pragma once
/* A database as an older strided left it, made of one of today: what each version brought is undone. */

/* Nobody has it open. */
void old_database_make(const char *path, int version);
