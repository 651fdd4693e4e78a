/* SPDX-License-Identifier: MIT */
#include "daemon/memory.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"

#define LARGE_BYTES (128 * 1024)

/* What is large has pages of its own, which go back when it is freed and are not there while nothing
 * was written to them. By itself glibc raises the bound to the largest that was ever freed: what the
 * start needed for a moment would stay for months. And threads that mostly wait need no heap each. */
void memory_keep_small(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_ARENA_MAX, 1);
}

void memory_give_back(void)
{
    (void)malloc_trim(0);
}

/* "RssAnon:      1234 kB" of /proc/self/status: no walk over the page tables, as smaps would be. */
void memory_read(double *ret_rss_bytes, double *ret_anon_bytes)
{
    FILE *status = fopen("/proc/self/status", "re");
    char line[128];
    unsigned long kib;

    *ret_rss_bytes = *ret_anon_bytes = NAN;
    if (!status)
        return;
    while (fgets(line, sizeof(line), status)) {
        if (sscanf(line, "VmRSS: %lu kB", &kib) == 1)
            *ret_rss_bytes = (double)kib * 1024;
        else if (sscanf(line, "RssAnon: %lu kB", &kib) == 1)
            *ret_anon_bytes = (double)kib * 1024;
    }
    fclose(status);
}
