/* SPDX-License-Identifier: MIT */
#pragma once
/* Text into a page: nothing that it says becomes markup. */
#include <stdio.h>

/* Escaped, as content or as an attribute's value in double quotes; what is no UTF-8 or a control
 * character is a '?'. NULL is nothing. */
void html_text(FILE *out, const char *text);
/* Markup with texts in it: %s of the format is escaped, %% is one; nothing else may stand there. */
void html_put(FILE *out, const char *format, ...);
