/* SPDX-License-Identifier: MIT */
#include "lib/recording_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

struct writer {
    char *buffer;
    size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w, const char *format, ...)
{
    va_list ap;
    int n;

    if (w->length >= w->size)
        return;
    va_start(ap, format);
    n = vsnprintf(w->buffer + w->length, w->size - w->length, format, ap);
    va_end(ap);
    w->length = n < 0 ? w->size : w->length + (size_t)n;
}

static void put_number(struct writer *w, double value)
{
    if (isnan(value))
        put(w, " -");
    else
        put(w, " %.10g", value);
}

/* Free text is the last field of its line; control characters would break the line. */
static void put_text(struct writer *w, const char *text)
{
    put(w, " ");
    for (const char *c = text; *c; c++)
        put(w, "%c", (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c);
}

static void put_notification(struct writer *w, const struct record *r)
{
    put(w, "N %" PRIu64 " %d %04x ", r->t_usec, r->sensor, r->notification.uuid);
    if (r->notification.length == 0)
        put(w, "-");
    for (int i = 0; i < r->notification.length; i++)
        put(w, "%02x", r->notification.bytes[i]);
}

static void put_runner(struct writer *w, const struct record *r)
{
    put(w, "R %s %s %d %d %d", r->runner.id[0] ? r->runner.id : "-",
        recording_sex_names[r->runner.sex], r->runner.birth_year, r->runner.max_heart_rate_bpm,
        r->runner.rest_heart_rate_bpm);
    put_number(w, r->runner.mass_kg);
    put_number(w, r->runner.incline_pct);
}

static void put_declared(struct writer *w, const struct record *r)
{
    bool nothing = !r->declared.pod && !r->declared.strap && !r->declared.belt;

    put(w, "S %d %s %s %s %.6g %s%s%s%s", r->sensor, r->declared.name,
        r->declared.address[0] ? r->declared.address : "-", recording_unit_names[r->declared.unit],
        r->declared.factor, nothing ? "-" : "", r->declared.pod ? "p" : "",
        r->declared.strap ? "s" : "", r->declared.belt ? "b" : "");
}

static void put_route(struct writer *w, const struct record *r)
{
    put(w, "H %" PRIu64 "%s", r->t_usec, r->route.n ? "" : " -");
    for (size_t i = 0; i < r->route.n; i++)
        put(w, " %.10g:%.10g", r->route.places[i].distance_dm / 10.0,
            r->route.places[i].altitude_dm / 10.0);
}

static void put_body(struct writer *w, const struct record *r)
{
    switch (r->type) {
    case RECORD_AXIS:
        put(w, "A %s %" PRIu64 " %" PRId64 " %s", r->axis.boot_id, r->t_usec, r->axis.wall_usec,
            clock_state_name(r->axis.clock));
        break;
    case RECORD_RUNNER:
        put_runner(w, r);
        break;
    case RECORD_SENSOR:
        put_declared(w, r);
        break;
    case RECORD_BEGIN:
        put(w, "G %" PRIu64, r->t_usec);
        put_text(w, r->end.why);
        break;
    case RECORD_NOTIFICATION:
        put_notification(w, r);
        break;
    case RECORD_LINK:
        put(w, "L %" PRIu64 " %d %s", r->t_usec, r->sensor, r->up ? "up" : "down");
        break;
    case RECORD_UNIT:
        put(w, "U %" PRIu64 " %d %s", r->t_usec, r->sensor, recording_unit_names[r->unit.unit]);
        put_text(w, r->unit.evidence);
        break;
    case RECORD_INCLINE:
        put(w, "I %" PRIu64, r->t_usec);
        put_number(w, r->incline_pct);
        break;
    case RECORD_ROUTE:
        put_route(w, r);
        break;
    case RECORD_OWN:
        put(w, "K");
        put_number(w, r->own.cadence_spm);
        put_number(w, r->own.speed_m_s);
        break;
    case RECORD_TOLD:
        put(w, "T %" PRIu64 " start", r->t_usec);
        break;
    case RECORD_LOCAL:
        put(w, "Z %s %" PRId64 " %" PRId32, r->local.runner, r->local.start_s, r->local.offset_s);
        break;
    case RECORD_JOINED:
        put(w, "J %" PRIu64 " %s %" PRIu32, r->t_usec, r->joined.id, r->joined.lines);
        break;
    case RECORD_MERGED:
        put(w, "M %" PRIu64 " %s", r->t_usec, r->merged);
        break;
    case RECORD_END:
        put(w, "E %" PRIu64 " %s", r->t_usec, recording_end_names[r->end.how]);
        put_text(w, r->end.why);
        break;
    }
}

size_t recording_format(const struct record *record, char *buffer, size_t size)
{
    struct writer w = { .buffer = buffer, .size = size };

    put_body(&w, record);
    if (w.length >= size)
        return 0;
    put(&w, " *%04x\n", recording_crc16(buffer, w.length));
    return w.length < size ? w.length : 0;
}
