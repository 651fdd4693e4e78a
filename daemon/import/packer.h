/* SPDX-License-Identifier: MIT */
#pragma once
/* Bytes on their way into a gzip file; those that are gzip already are written as they are. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

struct packer {
    int fd; /* borrowed */
    bool begun, packed, compressing;
    z_stream stream;
    uint8_t out[65536];
};

void packer_init(struct packer *packer, int fd);
/* last: nothing comes behind these. 0, or -errno of the file. */
int packer_add(struct packer *packer, const uint8_t *bytes, size_t length, bool last);
void packer_done(struct packer *packer); /* any time; also of a packer that is all 0 */
