/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * When a file was last written to, as the folder has it. Whoever made the file may have dated it, and file
 * systems keep dates that no count of nanoseconds has: those are the nearest that it has.
 */
#include <stdint.h>
#include <sys/stat.h>

/* [ns] since 1970 */
static inline int64_t mtime_nsec(const struct stat *st)
{
    int64_t nsec;

    if (__builtin_mul_overflow((int64_t)st->st_mtim.tv_sec, INT64_C(1000000000), &nsec) ||
        __builtin_add_overflow(nsec, st->st_mtim.tv_nsec, &nsec))
        return st->st_mtim.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return nsec;
}
