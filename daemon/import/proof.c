/* SPDX-License-Identifier: MIT */
#include "daemon/import/proof.h"

#include <string.h>

void proof_init(struct proof *proof, uint64_t limit_bytes)
{
    gunzip_init(&proof->gunzip, limit_bytes, NULL);
    sha256_init(&proof->as_it_lies);
    sha256_init(&proof->unpacked);
    proof->unpacks = true;
}

static bool hash_unpacked(void *context, const uint8_t *bytes, size_t length)
{
    struct proof *proof = context;

    sha256_add(&proof->unpacked, bytes, length);
    return true;
}

void proof_feed(struct proof *proof, const uint8_t *bytes, size_t length)
{
    sha256_add(&proof->as_it_lies, bytes, length);
    if (proof->unpacks)
        proof->unpacks =
            gunzip_feed(&proof->gunzip, bytes, length, hash_unpacked, proof) == GUNZIP_OK;
}

static bool is_named(struct sha256 *sha, const char *hash)
{
    uint8_t bytes[SHA256_BYTES];
    char text[SHA256_TEXT_MAX];

    sha256_end(sha, bytes);
    sha256_text(bytes, text);
    return strcmp(text, hash) == 0;
}

bool proof_end(struct proof *proof, const char *hash)
{
    bool unpacks = proof->unpacks && gunzip_is_whole(&proof->gunzip);

    gunzip_done(&proof->gunzip);
    return is_named(&proof->as_it_lies, hash) || (unpacks && is_named(&proof->unpacked, hash));
}
