/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Numbers that none of us made, read from the shared folder beside the checkout. Where it is missing
 * the test that asked is skipped, and says so.
 */
#include <jansson.h>

/* The folder: $STRIDED_SHARED, or "shared" beside the source root. */
const char *vectors_shared(void);
/* A file under vectors/; skips the test when it is not there, fails it when it is no JSON. The caller
 * owns the reference. */
json_t *vectors_load(const char *name);
/* A number that must be there: a misspelt key is no 0. */
double vectors_number(const json_t *object, const char *key);
/* tol is absolute for |expected| < 1, relative above. */
void vectors_assert_close(double got, double expected, double tol);
