/* SPDX-License-Identifier: MIT */
#include "daemon/import/packer.h"

#include <errno.h>
#include <unistd.h>

#define GZIP_FORMAT (15 + 16) /* zlib's word for a gzip header around the largest window */

void packer_init(struct packer *packer, int fd)
{
    packer->fd = fd;
    packer->begun = packer->packed = packer->compressing = false;
}

static int write_out(const struct packer *packer, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t n = write(packer->fd, bytes + at, length - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        at += (size_t)n;
    }
    return 0;
}

static int begin(struct packer *packer, const uint8_t *bytes, size_t length)
{
    packer->begun = true;
    packer->packed = length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
    if (packer->packed)
        return 0;
    packer->stream = (z_stream){ 0 };
    /* the fastest: half of what a better one would save costs four times the time */
    packer->compressing =
        deflateInit2(&packer->stream, 1, Z_DEFLATED, GZIP_FORMAT, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    return packer->compressing ? 0 : -ENOMEM;
}

static int pack(struct packer *packer, const uint8_t *bytes, size_t length, bool last)
{
    z_stream *stream = &packer->stream;
    int r = 0;

    stream->next_in = (Bytef *)bytes; /* which zlib does not write to */
    stream->avail_in = (uInt)length;
    do {
        stream->next_out = packer->out;
        stream->avail_out = sizeof(packer->out);
        deflate(stream, last ? Z_FINISH : Z_NO_FLUSH); /* fails on misuse only */
        r = write_out(packer, packer->out, sizeof(packer->out) - stream->avail_out);
    } while (r == 0 && stream->avail_out == 0);
    return r;
}

int packer_add(struct packer *packer, const uint8_t *bytes, size_t length, bool last)
{
    int r = packer->begun ? 0 : begin(packer, bytes, length);

    if (r < 0)
        return r;
    return packer->packed ? write_out(packer, bytes, length) : pack(packer, bytes, length, last);
}

void packer_done(struct packer *packer)
{
    if (packer->compressing)
        deflateEnd(&packer->stream);
    packer->compressing = false;
}
