/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdio.h>

/* What stridectl can do: options, each verb with all its arguments, and how it ends, in lines of so many columns. */
void help_print(FILE *to, int columns);
