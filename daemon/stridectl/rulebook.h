/* SPDX-License-Identifier: MIT */
#pragma once
/* What is so of a rule whatever anybody ran, and also where nobody judges: it is off, the date is not known, or
 * strided does not answer. */
#include <jansson.h>

/* As `explain` answers it, without all that is of a day; a new reference. NULL: there is no such rule. */
json_t *rulebook_row(const char *rule);
