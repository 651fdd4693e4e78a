/* SPDX-License-Identifier: MIT */
#include "daemon/import/days.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/import/slip.h"

#define NEW_NAME   "days.new"
#define NEAR_USEC  INT64_C(86400000000)
#define START_MAX  INT64_C(253402300799000000) /* 9999-12-31 */
#define OFFSET_MAX (26 * 3600)                 /* of a zone, seconds: RFC 8536 */

static void name_of(const char *hash, char ret[DAYS_NAME_BYTES])
{
    snprintf(ret, DAYS_NAME_BYTES, "%s" DAYS_ENDING, hash);
}

bool days_offset(const struct days *days, int64_t start_usec, int32_t *ret_offset_s)
{
    const struct days_one *nearest = NULL;
    int64_t least_usec = NEAR_USEC;

    for (size_t i = 0; i < days->n; i++) {
        int64_t away_usec = days->of[i].start_usec - start_usec;

        away_usec = away_usec < 0 ? -away_usec : away_usec;
        if (away_usec > least_usec || (nearest && away_usec == least_usec))
            continue; /* of two the one that was noted first */
        nearest = &days->of[i];
        least_usec = away_usec;
    }
    if (nearest)
        *ret_offset_s = nearest->offset_s;
    return nearest != NULL;
}

static bool is_sound(int64_t start_usec, int64_t offset_s)
{
    return start_usec >= 0 && start_usec <= START_MAX && offset_s >= -OFFSET_MAX &&
           offset_s <= OFFSET_MAX;
}

void days_note(struct days *days, int64_t start_usec, int32_t offset_s)
{
    if (days->n < DAYS_MAX && is_sound(start_usec, offset_s))
        days->of[days->n++] = (struct days_one){ start_usec, offset_s };
}

/* ---- on the worker ----------------------------------------------------------------------------- */

static bool read_number(char **text, char behind, int64_t *ret)
{
    char *end;

    if (**text != '-' && (**text < '0' || **text > '9'))
        return false;
    errno = 0;
    *ret = strtoll(*text, &end, 10);
    if (errno || end == *text || *end != behind)
        return false;
    *text = end + (behind != '\0');
    return true;
}

static void note_line(struct days *days, char *line)
{
    int64_t start_usec, offset_s;

    if (read_number(&line, ' ', &start_usec) && read_number(&line, '\0', &offset_s) &&
        is_sound(start_usec, offset_s))
        days_note(days, start_usec, (int32_t)offset_s);
}

void days_read(struct days *ret, int folder_fd, const char *hash)
{
    char name[DAYS_NAME_BYTES], text[SLIP_TEXT_MAX + 1], *rest = text, *line;
    struct slip slip;

    *ret = (struct days){ 0 };
    name_of(hash, name);
    ret->error = slip_read(&slip, folder_fd, name);
    if (ret->error < 0)
        return;
    slip_text(&slip, text);
    while ((line = strsep(&rest, "\n")))
        note_line(ret, line);
}

int days_write(const struct days *more, int folder_fd, const char *hash)
{
    char name[DAYS_NAME_BYTES], line[64];
    struct slip slip;
    int r;

    name_of(hash, name);
    r = slip_read(&slip, folder_fd, name);
    for (size_t i = 0; r == 0 && i < more->n; i++) {
        snprintf(line, sizeof(line), "%" PRId64 " %" PRId32 "\n", more->of[i].start_usec,
                 more->of[i].offset_s);
        if (slip_add(&slip, line) < 0)
            break; /* they are dated by the zone of the day on which it is asked for */
    }
    return r < 0 ? r : slip_write(&slip, folder_fd, name, NEW_NAME);
}
