/* SPDX-License-Identifier: MIT */
/*
 * Files come from strangers, by way of phones and web sites, and a decoder that can be led astray
 * must not be led astray in the process that holds the sensors, the broker's password and the
 * database. So it runs in one of its own that can do nothing: no file, socket or process, no byte
 * written to a disk but into the one file it may have been given (cage.h), little memory and little time.
 * What a bomb can kill here is missed by nobody.
 */
#include "daemon/import/read.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "daemon/import/cage.h"
#include "daemon/import/orders.h"
#include "lib/activity/excerpt.h"
#include "lib/activity/reader.h"
#include "lib/activity/report.h"
#include "lib/activity/way.h"

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

static int give_up_rights(enum errand errand)
{
    int r = limit(RLIMIT_FSIZE, errand == ERRAND_FIT ? READ_FIT_MAX : 0);

    signal(SIGXFSZ, SIG_IGN);
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
    if (r >= 0)
        r = limit(RLIMIT_AS, SPACE_BYTES);
    return r < 0 ? r : cage_close();
}

struct read_kind {
    enum sniff_format format; /* of the unpacked file */
    bool gpx;
};

static int read_through(struct activity_sink sink, struct read_kind *ret)
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
    ret->gpx = reader_is_gpx(&reader);
    reader_end(&reader);
    ret->format = reader.format;
    reader_done(&reader);
    return n < 0 ? -errno : 0;
}

static int write_whole(const void *what, size_t size)
{
    const char *bytes = what;

    for (size_t at = 0; at < size;) {
        ssize_t n = write(STDOUT_FILENO, bytes + at, size - at);
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

struct all {
    struct activity_sink sinks[3];
    size_t n;
};

static void hear_all(void *context, const struct activity_fact *fact)
{
    const struct all *all = context;

    for (size_t i = 0; i < all->n; i++)
        activity_emit(&all->sinks[i], fact);
}

static int read_for_all(struct all *all)
{
    struct read_kind kind;

    return read_through((struct activity_sink){ hear_all, all }, &kind);
}

struct findings {
    struct outline outline;
    struct totals totals;
    struct exertion exertion;
    struct ends ends;
    struct relief relief;
};

/* What a session adds up to, and its hills. What the weather did to a barometer is known from how a
 * session began and ended, so its hills take a reading more; satellites know no weather. */
static int read_samples(struct findings *found, const struct orders *orders, bool barometric)
{
    struct relief_settings settings = relief_settings();
    struct all all = { { totals_sink(&found->totals), exertion_sink(&found->exertion) }, 2 };
    int r = 0;

    settings.own.cadence_spm = orders->own_cadence_spm;
    settings.own.speed_m_s = orders->own_speed_m_s;
    if (barometric || found->outline.barometer) {
        ends_init(&found->ends, &found->outline);
        all.sinks[all.n++] = ends_sink(&found->ends);
        r = read_for_all(&all);
        settings.ends = &found->ends;
        settings.barometric = true;
        all.n = 0;
    }
    relief_init(&found->relief, &found->outline, &settings);
    all.sinks[all.n++] = relief_sink(&found->relief);
    if (r >= 0)
        r = read_for_all(&all);
    totals_finish(&found->totals);
    relief_finish(&found->relief);
    return r;
}

/* What is where in the file, and whether it is to be taken. */
static int survey(const struct orders *orders, struct outline *outline, enum sniff_format *ret)
{
    const struct outline_limits limits = { OUTLINE_OLDEST_USEC, orders->newest_usec };
    struct read_kind kind;
    int r;

    outline_init(outline, &limits);
    r = read_through(outline_sink(outline), &kind);
    if (r < 0)
        return r;
    outline_finish(outline);
    *ret = kind.format;
    return 0;
}

/* FIT says what measured its altitude. */
static bool is_barometric(const struct orders *orders, enum sniff_format format)
{
    return format != SNIFF_FIT && orders->barometric;
}

int read_report(const struct orders *orders, struct report *report)
{
    static struct findings found;
    const struct report_parts parts = { &found.outline, &found.totals, &found.relief,
                                        &found.exertion };
    enum outline_verdict verdict;
    enum sniff_format format;
    int r = survey(orders, &found.outline, &format);

    if (r < 0)
        return r;
    verdict = outline_judge(&found.outline);
    totals_init(&found.totals, &found.outline);
    exertion_init(&found.exertion, &found.outline, &orders->runner);
    if (verdict == OUTLINE_OK || verdict == OUTLINE_TROUBLE)
        r = read_samples(&found, orders, is_barometric(orders, format));
    if (r >= 0)
        report_make(report, &parts, verdict);
    return r;
}

int read_way(struct way *way)
{
    static struct way_reading reading;
    struct read_kind kind;
    int r;

    way_init(&reading, way);
    r = read_through(way_sink(&reading), &kind);
    if (r >= 0)
        way_finish(&reading, kind.gpx);
    return r;
}

/* ---- as a FIT file ---------------------------------------------------------------------------- */

static void on_count(void *context, const struct activity_fact *fact)
{
    fit_plan_count(context, fact);
}

static void on_write(void *context, const struct activity_fact *fact)
{
    fit_write_fact(context, fact);
}

static int read_excerpt(struct excerpt *excerpt)
{
    struct read_kind kind;
    int r = read_through(excerpt_sink(excerpt), &kind);

    excerpt_finish(excerpt);
    return r;
}

int read_fit(const struct orders *orders, fit_out *out, void *context)
{
    static struct outline outline;
    static struct excerpt excerpt;
    struct fit_plan plan = { 0 };
    struct fit_writer writer;
    const struct activity_sink count = { on_count, &plan }, write = { on_write, &writer };
    enum outline_verdict verdict;
    enum sniff_format format;
    int r = survey(orders, &outline, &format), session;

    if (r < 0)
        return r;
    verdict = outline_judge(&outline);
    session = excerpt_find(&outline, orders->start_usec, orders->place);
    if ((verdict != OUTLINE_OK && verdict != OUTLINE_TROUBLE) || session < 0)
        return 0;
    excerpt_init(&excerpt, &outline, session, is_barometric(orders, format), &count);
    r = read_excerpt(&excerpt);
    if (r < 0)
        return r;
    excerpt_init(&excerpt, &outline, session, is_barometric(orders, format), &write);
    fit_write_begin(&writer, &plan, orders->start_usec, out, context);
    r = read_excerpt(&excerpt);
    return !fit_write_end(&writer) && r >= 0 ? -EIO : r;
}

struct outlet {
    int error;
    size_t length;
    uint8_t bytes[65536];
};

static void flush(struct outlet *outlet)
{
    if (!outlet->error)
        outlet->error = write_whole(outlet->bytes, outlet->length);
    outlet->length = 0;
}

static void put_bytes(void *context, const uint8_t *bytes, size_t length)
{
    struct outlet *outlet = context;

    if (length > sizeof(outlet->bytes) - outlet->length)
        flush(outlet);
    memcpy(outlet->bytes + outlet->length, bytes, length); /* messages of some bytes each */
    outlet->length += length;
}

static int tell_fit(const struct orders *orders)
{
    static struct outlet outlet;
    int r = read_fit(orders, put_bytes, &outlet);

    flush(&outlet);
    return r < 0 ? r : outlet.error;
}

static int tell_report(const struct orders *orders)
{
    static struct report report;
    int r = read_report(orders, &report);

    return r < 0 ? r : write_whole(&report, sizeof(report));
}

static int tell_way(void)
{
    static struct way way;
    int r = read_way(&way);

    return r < 0 ? r : write_whole(&way, sizeof(way));
}

static int status_of(int r)
{
    if (r >= 0)
        return EXIT_SUCCESS;
    if (r == -EFBIG)
        return READ_EXIT_LARGE;
    return r == -ENOSPC || r == -EDQUOT ? READ_EXIT_FULL : EXIT_FAILURE;
}

int read_main(const char *text)
{
    struct orders orders;
    int r;

    if (!orders_parse(text, &orders) || give_up_rights(orders.errand) < 0)
        return EXIT_FAILURE;
    r = orders.errand == ERRAND_WAY   ? tell_way()
        : orders.errand == ERRAND_FIT ? tell_fit(&orders)
                                      : tell_report(&orders);
    return status_of(r);
}
