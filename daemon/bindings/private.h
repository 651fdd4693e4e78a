/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind bindings.h share. The first calls the second:
 *   bindings.c  writes it, has it taken, and answers
 *   checked.c   what is to be written, or why not
 */
#include <stddef.h>
#include "daemon/bindings/bindings.h"

/*
 * What assigned.conf is to say, to be freed, and the answer once it does; NULL: the answer is why not.
 */
char *bindings_checked(const struct bindings_parts *parts, const struct binding *what,
                       struct binding_answer *answer, size_t *ret_length);

__attribute__((format(printf, 4, 5))) void bindings_refuse(struct binding_answer *answer,
                                                           const char *code, const char *argument,
                                                           const char *format, ...);
__attribute__((format(printf, 2, 3))) void bindings_allow(struct binding_answer *answer,
                                                          const char *format, ...);
