/* SPDX-License-Identifier: MIT */
/* What assign, replace and forget did, and what happens next. */
#include <stdio.h>
#include <string.h>
#include "daemon/stridectl/tables.h"

static const char *text(const json_t *data, const char *key)
{
    const char *value = json_string_value(json_object_get(data, key));

    return value ? value : "-";
}

static void print_over(const json_t *over)
{
    if (json_is_object(over))
        printf("%s=%s of %s:%" JSON_INTEGER_FORMAT " wins over what was said here.\n",
               text(over, "key"), text(over, "value"), text(over, "file"),
               json_integer_value(json_object_get(over, "line")));
}

static void print_whose(const json_t *data)
{
    if (strcmp(text(data, "runner"), "auto") == 0)
        printf("whose it is shows by who runs.\n");
    else
        printf("it is %s's.\n", text(data, "runner"));
}

void stridectl_print_bound(const json_t *data)
{
    const char *done = text(data, "done"), *sensor = text(data, "sensor");

    if (strcmp(done, "forget") == 0) {
        printf("%s (%s) is forgotten.\n%s\n", sensor, text(data, "address"), text(data, "next"));
        return;
    }
    if (strcmp(done, "replace") == 0)
        printf("%s is %s now, in place of %s; ", sensor, text(data, "address"), text(data, "was"));
    else
        printf("%s is called %s now; ", text(data, "address"), sensor);
    print_whose(data);
    print_over(json_object_get(data, "overridden"));
    printf("%s\n\n%-26s how it gets on\n", text(data, "next"), "stridectl sensors");
    printf("stridectl forget %-9s if it was another one\n", sensor);
}

/* Of the first that is nobody's yet, as it would be written. */
void stridectl_print_assign_hint(const json_t *devices)
{
    size_t i;
    json_t *device;

    json_array_foreach(devices, i, device) if (!json_is_string(json_object_get(device, "sensor")))
    {
        printf("\nTo use one: stridectl assign %s [RUNNER]\n", text(device, "address"));
        return;
    }
}
