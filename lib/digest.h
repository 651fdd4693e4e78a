/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * FNV-1a in 64 bits: for tables in memory, and for whether something is still the same. Some are kept
 * (in the ids of events, with what was answered), so that the same bytes must give the same for ever.
 * Of 100,000 two share one once in four thousand million lives; whoever wants to can make two that do,
 * so nothing of safety may depend on it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIGEST_OF_NOTHING UINT64_C(0xcbf29ce484222325)

/* Of what |digest| is of, with these bytes behind it. */
static inline uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < length; i++)
        digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
    return digest;
}

static inline uint64_t digest_text(const char *text)
{
    return digest_bytes(DIGEST_OF_NOTHING, text, strlen(text));
}

/* With its NUL, so that "a", "bc" is another than "ab", "c". */
static inline uint64_t digest_word(uint64_t digest, const char *text)
{
    return digest_bytes(digest, text, strlen(text) + 1);
}
