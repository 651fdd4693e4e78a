/* SPDX-License-Identifier: MIT */
#pragma once
/* What stridectl prints, as text, on a terminal that a test says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "daemon/stridectl/terminal.h"

static struct {
    FILE *out;
    char *text;
    size_t size;
} printed;

static inline void look_at(int columns, bool colour, bool utf8)
{
    terminal_set(&(struct terminal){ .columns = columns, .colour = colour, .utf8 = utf8 });
}

static inline void print_begin(void)
{
    free(printed.text);
    printed.text = NULL;
    printed.out = stdout;
    stdout = open_memstream(&printed.text, &printed.size); /* which the C library lets one do */
    assert_non_null(stdout);
}

/* What was printed since; it stays until the next one. */
static inline const char *print_end(void)
{
    FILE *ours = stdout;

    stdout = printed.out;
    fclose(ours);
    return printed.text;
}

/* More than a page of cmocka's may differ. */
static inline void assert_printed(const char *expected)
{
    const char *text = print_end();

    if (strcmp(text, expected) == 0)
        return;
    fprintf(stderr, "printed:\n%s\nand not:\n%s\n", text, expected);
    fail();
}

static inline json_t *json_of(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, 0, &error);

    if (!json)
        fail_msg("%s: line %d", error.text, error.line);
    return json;
}
