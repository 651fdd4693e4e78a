/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Whether a kept copy still is what its name says: the hash is that of the file as it came, which was
 * either gzip already and lies here as it is, or was packed by us. So the bytes are hashed as they lie
 * and as they unpack, in one reading; one of the two must be the name.
 */
#include <stdbool.h>
#include <stddef.h>
#include "lib/activity/gunzip.h"
#include "lib/sha256.h"

struct proof {
    struct gunzip gunzip;
    struct sha256 as_it_lies, unpacked;
    bool unpacks;
};

/* limit_bytes: as large as a file may be. */
void proof_init(struct proof *proof, uint64_t limit_bytes);
void proof_feed(struct proof *proof, const uint8_t *bytes, size_t length);
/* All bytes were fed. Ends the proof. */
bool proof_end(struct proof *proof, const char *hash);
