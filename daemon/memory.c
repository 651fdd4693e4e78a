/* SPDX-License-Identifier: MIT */
#include "daemon/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "daemon/util.h"

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
