/* SPDX-License-Identifier: MIT */
#pragma once
/* Base64 of RFC 4648, with padding and without line ends. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE64_LENGTH(bytes) (((bytes) + 2) / 3 * 4) /* without the NUL */

/* ret has room for BASE64_LENGTH(length) + 1. */
void base64_encode(const uint8_t *bytes, size_t length, char *ret);
/* ret has room for strlen(text) / 4 * 3. false: it is none, and *ret_length stays. */
bool base64_decode(const char *text, uint8_t *ret, size_t *ret_length);
