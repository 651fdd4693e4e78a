/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/activity/gunzip.h"

#define WINDOW_GZIP (15 + 16) /* zlib: the largest window, and a gzip header around it */

static voidpf allocate(voidpf opaque, uInt items, uInt size)
{
    const struct activity_allocator *allocator = opaque;

    return allocator->allocate((size_t)items * size);
}

static void release(voidpf opaque, voidpf block)
{
    const struct activity_allocator *allocator = opaque;

    allocator->release(block);
}

void gunzip_init(struct gunzip *gunzip, uint64_t limit_bytes,
                 const struct activity_allocator *allocator)
{
    memset(gunzip, 0, sizeof(*gunzip));
    gunzip->limit_bytes = limit_bytes;
    gunzip->allocator = allocator && allocator->allocate ? allocator : NULL;
}

static bool begin(struct gunzip *gunzip)
{
    if (gunzip->allocator) {
        gunzip->stream.zalloc = allocate;
        gunzip->stream.zfree = release;
        gunzip->stream.opaque = (voidpf)(uintptr_t)gunzip->allocator;
    }
    gunzip->begun = inflateInit2(&gunzip->stream, WINDOW_GZIP) == Z_OK;
    return gunzip->begun;
}

static enum gunzip_result over(struct gunzip *gunzip, enum gunzip_result result)
{
    gunzip->over = true;
    return result;
}

/* Padding after the last member is no member. */
static bool skip_padding(struct gunzip *gunzip)
{
    while (gunzip->stream.avail_in > 0 && *gunzip->stream.next_in == 0) {
        gunzip->stream.next_in++;
        gunzip->stream.avail_in--;
    }
    return gunzip->stream.avail_in > 0;
}

static enum gunzip_result inflate_chunk(struct gunzip *gunzip, gunzip_out *out, void *context)
{
    size_t n;
    int r;

    gunzip->stream.next_out = gunzip->chunk;
    gunzip->stream.avail_out = sizeof(gunzip->chunk);
    r = inflate(&gunzip->stream, Z_NO_FLUSH);
    n = sizeof(gunzip->chunk) - gunzip->stream.avail_out;
    gunzip->out_bytes += n;
    if (gunzip->out_bytes > gunzip->limit_bytes)
        return over(gunzip, GUNZIP_E_LIMIT);
    if (n > 0 && !out(context, gunzip->chunk, n))
        return over(gunzip, GUNZIP_OVER);
    if (r == Z_MEM_ERROR)
        return over(gunzip, GUNZIP_E_MEMORY);
    gunzip->between_members = r == Z_STREAM_END;
    return r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR ? GUNZIP_OK
                                                              : over(gunzip, GUNZIP_E_CORRUPT);
}

enum gunzip_result gunzip_feed(struct gunzip *gunzip, const uint8_t *bytes, size_t length,
                               gunzip_out *out, void *context)
{
    enum gunzip_result result = GUNZIP_OK;

    if (gunzip->over)
        return GUNZIP_OVER;
    if (!gunzip->begun && !begin(gunzip))
        return over(gunzip, GUNZIP_E_MEMORY);
    gunzip->stream.next_in = (Bytef *)(uintptr_t)bytes;
    gunzip->stream.avail_in = (uInt)length;
    do {
        if (gunzip->between_members) {
            if (!skip_padding(gunzip))
                break;
            inflateReset(&gunzip->stream);
            gunzip->between_members = false;
        }
        result = inflate_chunk(gunzip, out, context);
    } while (result == GUNZIP_OK && (gunzip->stream.avail_in > 0 || gunzip->stream.avail_out == 0));
    return result;
}

bool gunzip_is_whole(const struct gunzip *gunzip)
{
    return gunzip->between_members;
}

void gunzip_done(struct gunzip *gunzip)
{
    if (gunzip->begun)
        inflateEnd(&gunzip->stream);
    gunzip->begun = false;
    gunzip->over = true;
}
