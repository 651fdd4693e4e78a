/* SPDX-License-Identifier: MIT */
/*
 * Files come from strangers, by way of phones and web sites, and a decoder that can be led astray
 * must not be led astray in the process that holds the sensors, the broker's password and the
 * database. So it runs in one of its own that can do nothing: no new file or socket (no descriptor
 * is free), no process, no byte written to a disk, little memory and little time. What a bomb can
 * kill here is missed by nobody.
 */
#include "daemon/import/read.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "lib/activity/reader.h"
#include "lib/activity/report.h"

#define CPU_S        20
#define MEMORY_BYTES (64u << 20)  /* what is written to; the reader's own limits need 2 MB */
#define SPACE_BYTES  (512u << 20) /* with the libraries */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* it needs terabytes of address space and a process of its own at the end */
#else
#define SANITIZED 0
#endif

static int limit(int resource, rlim_t value)
{
    const struct rlimit both = { .rlim_cur = value, .rlim_max = value };

    return setrlimit(resource, &both) < 0 ? -errno : 0;
}

static int give_up_rights(void)
{
    int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;

    signal(SIGXFSZ, SIG_IGN);
    if (r >= 0)
        r = limit(RLIMIT_FSIZE, 0);
    if (r >= 0)
        r = limit(RLIMIT_CORE, 0);
    if (r >= 0)
        r = limit(RLIMIT_CPU, CPU_S);
    if (r < 0 || SANITIZED)
        return r;
    r = limit(RLIMIT_NOFILE, 3);
    if (r >= 0)
        r = limit(RLIMIT_NPROC, 0);
    if (r >= 0)
        r = limit(RLIMIT_DATA, MEMORY_BYTES);
    return r < 0 ? r : limit(RLIMIT_AS, SPACE_BYTES);
}

/* The format is that of the unpacked file. */
static int read_through(struct activity_sink sink, enum sniff_format *ret_format)
{
    static struct reader reader;
    static uint8_t bytes[65536];
    ssize_t n = 0;

    if (lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
        return -errno;
    reader_init(&reader, &sink, NULL);
    while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0 &&
           reader_feed(&reader, bytes, (size_t)n))
        ;
    reader_end(&reader);
    *ret_format = reader.format;
    reader_done(&reader);
    return n < 0 ? -errno : 0;
}

static int write_report(const struct report *report)
{
    const char *bytes = (const char *)report;

    for (size_t at = 0; at < sizeof(*report);) {
        ssize_t n = write(STDOUT_FILENO, bytes + at, sizeof(*report) - at);
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

struct both {
    struct activity_sink first, second;
};

static void hear_both(void *context, const struct activity_fact *fact)
{
    const struct both *both = context;

    activity_emit(&both->first, fact);
    activity_emit(&both->second, fact);
}

static int read_for_both(struct activity_sink first, struct activity_sink second)
{
    struct both both = { first, second };
    enum sniff_format format;

    return read_through((struct activity_sink){ hear_both, &both }, &format);
}

/* What a session adds up to, and its hills. What the weather did to a barometer is known from how a
 * session began and ended, so its hills take a reading more; satellites know no weather. */
static int read_samples(const struct outline *outline, bool barometric, struct totals *totals,
                        struct relief *relief)
{
    static struct ends ends;
    struct relief_settings settings = relief_settings();
    enum sniff_format format;
    int r = 0;

    if (barometric || outline->barometer) {
        ends_init(&ends, outline);
        r = read_for_both(totals_sink(totals), ends_sink(&ends));
        settings.ends = &ends;
        settings.barometric = true;
    }
    relief_init(relief, outline, &settings);
    if (r >= 0)
        r = settings.ends ? read_through(relief_sink(relief), &format)
                          : read_for_both(totals_sink(totals), relief_sink(relief));
    totals_finish(totals);
    relief_finish(relief);
    return r;
}

int read_main(const char *newest_usec, const char *altitude)
{
    static struct outline outline;
    static struct totals totals;
    static struct relief relief;
    static struct report report;
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, strtoll(newest_usec, NULL, 10) };
    enum outline_verdict verdict;
    enum sniff_format format;
    bool barometric;

    if (give_up_rights() < 0)
        return EXIT_FAILURE;
    outline_init(&outline, &limits);
    if (read_through(outline_sink(&outline), &format) < 0)
        return EXIT_FAILURE;
    verdict = outline_finish(&outline);
    /* a FIT file says what measured its altitude */
    barometric = format != SNIFF_FIT && strcmp(altitude, READ_BAROMETRIC) == 0;
    totals_init(&totals, &outline);
    if ((verdict == OUTLINE_OK || verdict == OUTLINE_TROUBLE) &&
        read_samples(&outline, barometric, &totals, &relief) < 0)
        return EXIT_FAILURE;
    report_make(&report, &(struct report_parts){ &outline, &totals, &relief }, verdict);
    return write_report(&report) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
