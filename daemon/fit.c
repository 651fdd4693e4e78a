/* SPDX-License-Identifier: MIT */
#include "daemon/fit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/readfile.h"
#include "daemon/recording/disk.h"
#include "daemon/recording/recovery.h"
#include "daemon/util.h"
#include "lib/activity/fit_write.h"
#include "lib/training/facts.h"

#define RECORDING_FILE_MAX (256u << 20) /* a day of three sensors: 20 MB */

static int read_recording(const char *state_dir, const char *session, struct recovered *ret)
{
    _cleanup_free_ char *text = NULL;
    char path[8192];
    size_t length;
    int r;

    snprintf(path, sizeof(path), "%s/" RECORDING_FOLDER "/%s" RECORDING_SUFFIX, state_dir, session);
    r = read_file(path, RECORDING_FILE_MAX, &text, &length, NULL);
    return r < 0 ? r : recovered_read(ret, TAKE_PTR(text), length);
}

static void on_count(void *context, const struct activity_fact *fact)
{
    fit_plan_count(context, fact);
}

static void on_write(void *context, const struct activity_fact *fact)
{
    fit_write_fact(context, fact);
}

static void put_bytes(void *context, const uint8_t *bytes, size_t length)
{
    (void)fwrite(bytes, 1, length, context); /* ferror says it at the end */
}

static bool write_facts(const struct facts *facts, struct session *scratch, FILE *out)
{
    struct fit_plan plan = { 0 };
    struct fit_writer writer;

    facts_tell(facts, &(struct activity_sink){ on_count, &plan }, scratch);
    fit_write_begin(&writer, &plan, facts->summary.start_usec, put_bytes, out);
    facts_tell(facts, &(struct activity_sink){ on_write, &writer }, scratch);
    return fit_write_end(&writer) && fflush(out) == 0 && !ferror(out);
}

static void get_record(const void *context, size_t i, struct record *ret)
{
    recovered_get(context, i, ret);
}

static const char *write_recovered(const struct recovered *recovered, FILE *out)
{
    _cleanup_free_ struct session *scratch = malloc(sizeof(*scratch));
    const struct facts_source source = { get_record, recovered, recovered->n };
    struct facts facts;

    if (!scratch)
        return strerrordesc_np(ENOMEM);
    switch (facts_of_records(&facts, &source, scratch)) {
    case FACTS_E_OPEN:
        return "it has not ended yet";
    case FACTS_E_DATE:
        return "no clock ever told when it was";
    case FACTS_E_GONE:
        return "it was discarded, or is nobody's";
    case FACTS_OK:
        break;
    }
    return write_facts(&facts, scratch, out) ? NULL : "the file could not be written";
}

const char *fit_write(const char *state_dir, const char *session, FILE *out)
{
    _cleanup_(recovered_done) struct recovered recovered = { 0 };
    int r;

    if (!recording_id_is_valid(session))
        return "this is no id of a session (stridectl status names them)";
    r = read_recording(state_dir, session, &recovered);
    if (r < 0)
        return r == -ENOENT ? "there is no recording of this session" : strerrordesc_np(-r);
    return write_recovered(&recovered, out);
}

int fit_print(const char *state_dir, const char *session, FILE *out)
{
    const char *why = "a FIT file is nothing for a terminal: put > FILE behind the command";

    if (!isatty(fileno(out)))
        why = fit_write(state_dir, session, out);
    if (why)
        fprintf(stderr, "strided: %s: %s\n", session, why);
    return why ? 1 : 0;
}
