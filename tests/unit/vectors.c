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
    json_t *json;

    snprintf(path, sizeof(path), "%s/vectors/%s", vectors_shared(), name);
    json = json_load_file(path, 0, NULL);
    if (!json) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    return json;
}

void vectors_assert_close(double got, double expected, double tol)
{
    double allowed = fabs(expected) < 1 ? tol : tol * fabs(expected);

    if (!(fabs(got - expected) <= allowed))
        fail_msg("got %.10g, expected %.10g within %g", got, expected, allowed);
}
