/* SPDX-License-Identifier: MIT */
#include "daemon/stridectl/refusal.h"

#include <stdio.h>
#include "daemon/stridectl/text.h"
#include "daemon/util.h"

void refusal_print(const json_t *error)
{
    const char *said = json_string_value(json_object_get(error, "message"));
    const char *allowed = json_string_value(json_object_get(error, "allowed"));
    _cleanup_free_ char *message = text_fit(said ? said : "refused", 0);
    _cleanup_free_ char *may_be = allowed ? text_fit(allowed, 0) : NULL; /* names of files, too */

    fprintf(stderr, "stridectl: %s%s%s%s\n", message ? message : "refused",
            may_be ? " (allowed: " : "", may_be ? may_be : "", may_be ? ")" : "");
}
