/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/json_text.h"

#include <stdio.h>
#include <unistd.h>

/* Whatever --full and COLUMNS say of its width. */
void json_text_print(const json_t *value, bool one_line)
{
    json_dumpf(value, stdout,
               (one_line ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(12) |
                   (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0));
    printf("\n");
}
