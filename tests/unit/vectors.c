/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *vectors_shared(void)
{
    static char path[4096];
    const char *given = getenv("STRIDED_SHARED"), *root = getenv("STRIDED_SOURCE_ROOT");

    if (given)
        return given;
    snprintf(path, sizeof(path), "%s/../shared", root ? root : ".");
    return path;
}

json_t *vectors_load(const char *name)
{
    char path[4200];
    json_error_t error;
    json_t *json;

    snprintf(path, sizeof(path), "%s/vectors/%s", vectors_shared(), name);
    if (access(path, F_OK) < 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    json = json_load_file(path, 0, &error);
    if (!json)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return json;
}

double vectors_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_number(value))
        fail_msg("no number \"%s\"", key);
    return json_number_value(value);
}

void vectors_assert_close(double got, double expected, double tol)
{
    double allowed = fabs(expected) < 1 ? tol : tol * fabs(expected);

    if (!(fabs(got - expected) <= allowed))
        fail_msg("got %.10g, expected %.10g within %g", got, expected, allowed);
}
