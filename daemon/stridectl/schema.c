/* SPDX-License-Identifier: MIT */
/* The payloads there are, for a person; and the schema of one as it is, for a file. */
#include "daemon/stridectl/json_text.h"
#include "daemon/stridectl/tables.h"

static const struct column payload_columns[] = {
    { "payload", "PAYLOAD" },
    { "topic", "TOPIC" },
    { "about", "ABOUT" },
    { NULL, NULL },
};

void stridectl_print_schema(const json_t *data)
{
    const json_t *schema = json_object_get(data, "schema");

    if (schema) {
        json_text_print(schema, false);
    } else {
        stridectl_print_table(json_object_get(data, "payloads"), payload_columns);
    }
}
