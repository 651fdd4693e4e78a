/* SPDX-License-Identifier: MIT */
#pragma once
/* SHA-256 (FIPS 180-4): the name of a file by what is in it. */
#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES    32
#define SHA256_TEXT_MAX 65 /* lower-case hex with the NUL */

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t length);
/* Nothing is to be added afterwards. */
void sha256_end(struct sha256 *sha, uint8_t ret[SHA256_BYTES]);
void sha256_text(const uint8_t hash[SHA256_BYTES], char ret[SHA256_TEXT_MAX]);
