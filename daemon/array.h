/* SPDX-License-Identifier: MIT */
#pragma once
/* Arrays that grow one by one. The C library's realloc makes that no slower than doubling would. */
#include <stdlib.h>
#include <string.h>

/* One more item at the end of `array`, which has `n`: where it is, all zero; NULL, and nothing changed, if
 * there is no memory. Both are read more than once. */
#define ARRAY_ADD(array, n)                                                                        \
    ({                                                                                             \
        __typeof__(array) added_ = reallocarray((array), (n) + 1, sizeof(*added_));                \
        if (added_) {                                                                              \
            (array) = added_;                                                                      \
            added_ += (n)++;                                                                       \
            memset(added_, 0, sizeof(*added_));                                                    \
        }                                                                                          \
        added_;                                                                                    \
    })
