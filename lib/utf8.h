/* SPDX-License-Identifier: MIT */
#pragma once
/* Whether bytes that came from outside are UTF-8 (RFC 3629: no surrogates, nothing overlong). */
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at text, 1 to 4; 0 when what stands there is none. n > 0. */
size_t utf8_character(const char *text, size_t n);
bool utf8_is_valid(const char *text, size_t n);
bool utf8_is_plain(const char *text, size_t n); /* valid, and no control character in it */
/* Every byte that is of no character, and every control character, becomes a '?'. */
void utf8_mend(char *text);
