/* SPDX-License-Identifier: MIT */
/*
 * Any text as a recording that somebody sends: it is replayed, as the session it is of or as one of sensors,
 * and a copy without anything personal is made of it, which is sound, says nothing of where on earth it was,
 * and is not changed by a second copy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/recording/recovery.h"
#include "daemon/replay/anonymous.h"
#include "daemon/replay/course.h"
#include "daemon/replay/print.h"
#include "daemon/replay/watch.h"
#include "lib/gatt/gatt.h"
#include "tests/fuzz/require.h"

#define EVERY_USEC (UINT64_C(600) * 1000000)

static bool read_copy(struct recovered *ret, const void *bytes, size_t length)
{
    char *text = malloc(length + 1);

    require(text);
    if (length > 0)
        memcpy(text, bytes, length);
    return recovered_read(ret, text, length) >= 0;
}

static void play(const struct recovered *recovered, bool text)
{
    struct print print = { .text = text, .gateway = "fuzz" };
    size_t length;
    char *said;

    print.out = open_memstream(&said, &length);
    require(print.out);
    if (watch_is_meant(recovered))
        require(watch_play(&print, recovered, EVERY_USEC) >= 0);
    else
        course_play(&print, recovered, "fuzz", EVERY_USEC);
    require(fclose(print.out) == 0 && !print.no_memory);
    require(length == 0 || said[length - 1] == '\n');
    free(said);
}

static char *copy_of(const struct recovered *recovered, bool drop_heart, size_t *ret_length)
{
    char *text;
    FILE *out = open_memstream(&text, ret_length);

    require(out);
    require(anonymous_write(recovered, drop_heart, out));
    require(fclose(out) == 0);
    return text;
}

static void check_copied(const struct record *record, bool drop_heart)
{
    switch (record->type) {
    case RECORD_NOTIFICATION:
        require(record->notification.uuid != GATT_LOCATION_AND_SPEED &&
                record->notification.uuid != GATT_NAVIGATION);
        require(!drop_heart || record->notification.uuid != GATT_HEART_RATE_MEASUREMENT);
        return;
    case RECORD_SENSOR:
        require(strncmp(record->declared.name, "sensor-", 7) == 0);
        require(strncmp(record->declared.address, "02:00:00:00:00:", 15) == 0);
        return;
    case RECORD_RUNNER:
        require(!record->runner.id[0] || strncmp(record->runner.id, "runner-", 7) == 0);
        require(record->runner.birth_year == 0);
        return;
    case RECORD_LOCAL:
        require(record->local.offset_s == 0);
        return;
    case RECORD_JOINED:
    case RECORD_MERGED:
        require(false);
        return;
    case RECORD_AXIS:
    case RECORD_BEGIN:
    case RECORD_LINK:
    case RECORD_UNIT:
    case RECORD_INCLINE:
    case RECORD_ROUTE:
    case RECORD_OWN:
    case RECORD_TOLD:
    case RECORD_END:
        return;
    }
}

static void check_copy(const struct recovered *recovered, bool drop_heart)
{
    struct recovered copy;
    struct record record;
    size_t length, again_length;
    char *text = copy_of(recovered, drop_heart, &length), *again;

    require(read_copy(&copy, text, length));
    require(copy.bad == 0 && copy.n <= recovered->n);
    for (size_t i = 0; i < copy.n; i++) {
        recovered_get(&copy, i, &record);
        check_copied(&record, drop_heart);
    }
    again = copy_of(&copy, drop_heart, &again_length);
    require(again_length == length && memcmp(again, text, length) == 0);
    recovered_done(&copy);
    free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct recovered recovered;

    if (!read_copy(&recovered, bytes, length))
        return 0;
    play(&recovered, false);
    play(&recovered, true);
    check_copy(&recovered, false);
    check_copy(&recovered, true);
    recovered_done(&recovered);
    return 0;
}
