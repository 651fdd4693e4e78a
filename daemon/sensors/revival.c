/* SPDX-License-Identifier: MIT */
/*
 * The pauses: systemd learns of a process's end a moment after the bus does, so the first question
 * waits 2 s. What crashes each time it is started is started later and later, and what ran for ten
 * minutes has a clean slate.
 */
#include "daemon/sensors/revival.h"

#include <stdio.h>
#include <string.h>

#define SECOND         1000000ULL
#define UNDER_WAY_USEC (5 * SECOND)
#define LEFT_USEC      (30 * SECOND) /* whoever stopped it may change their mind */
#define WELL_USEC      (600 * SECOND)
#define HOUR_USEC      (3600 * SECOND)

/* After no start, one, two … */
static const uint64_t pauses_usec[] = { 2 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND,
                                        3600 * SECOND };
#define PAUSES (sizeof pauses_usec / sizeof *pauses_usec)

static uint64_t pause_usec(const struct revival *revival)
{
    return pauses_usec[revival->starts < PAUSES ? revival->starts : PAUSES - 1];
}

/* When one more start is within the limit; 0: at any time. */
static uint64_t allowed_usec(const struct revival *revival)
{
    if (revival->began < REVIVAL_STARTS)
        return 0;
    return revival->began_usec[revival->began % REVIVAL_STARTS] + HOUR_USEC;
}

void revival_set_away(struct revival *revival, bool away, uint64_t now_usec)
{
    if (revival->away == away)
        return;
    revival->away = away;
    revival->waits = false;
    revival->unit = REVIVAL_UNKNOWN;
    revival->error[0] = '\0';
    if (!away) {
        revival->came_usec = now_usec;
        return;
    }
    if (revival->came_usec != 0 && now_usec - revival->came_usec >= WELL_USEC)
        revival->starts = 0;
    revival->due_usec = now_usec + pause_usec(revival);
}

bool revival_is_due(struct revival *revival, uint64_t now_usec)
{
    if (!revival->away || revival->waits || now_usec < revival->due_usec)
        return false;
    revival->waits = true;
    return true;
}

uint64_t revival_deadline(const struct revival *revival)
{
    return revival->away && !revival->waits ? revival->due_usec : UINT64_MAX;
}

enum revival_unit revival_unit(const char *load, const char *active)
{
    if (strcmp(load, "masked") == 0) /* a masked unit may well have failed */
        return REVIVAL_MASKED;
    if (strcmp(load, "not-found") == 0)
        return REVIVAL_MISSING;
    if (strcmp(active, "failed") == 0)
        return REVIVAL_FAILED;
    return strcmp(active, "inactive") == 0 ? REVIVAL_STOPPED : REVIVAL_UNDER_WAY;
}

bool revival_told(struct revival *revival, enum revival_unit unit, uint64_t now_usec)
{
    if (!revival->away)
        return false;
    if (unit == REVIVAL_FAILED && now_usec < allowed_usec(revival))
        unit = REVIVAL_SPENT;
    revival->unit = unit;
    if (unit == REVIVAL_FAILED) {
        revival->starts++;
        revival->began_usec[revival->began++ % REVIVAL_STARTS] = now_usec;
        revival->error[0] = '\0';
        return true;
    }
    revival->waits = false;
    revival->due_usec = now_usec + (unit == REVIVAL_UNDER_WAY ? UNDER_WAY_USEC : LEFT_USEC);
    return false;
}

void revival_started(struct revival *revival, const char *error, uint64_t now_usec)
{
    revival->waits = false;
    revival->due_usec = now_usec + pause_usec(revival);
    if (error)
        snprintf(revival->error, sizeof revival->error, "%s", error);
}

void revival_text(const struct revival *revival, char *ret, size_t size)
{
    static const char *const advice[] = {
        [REVIVAL_UNKNOWN] = "'sudo systemctl start bluetooth' starts it",
        [REVIVAL_MISSING] = "it is not installed: 'sudo apt install bluez'",
        [REVIVAL_MASKED] =
            "bluetooth.service is masked: 'sudo systemctl unmask bluetooth' allows it",
        [REVIVAL_STOPPED] = "'sudo systemctl start bluetooth' starts it",
        [REVIVAL_UNDER_WAY] = "systemd is starting or ending it",
        [REVIVAL_FAILED] = "it crashed, and is started again",
        [REVIVAL_SPENT] = ("it crashed again and again, and is left alone for up to an hour: "
                           "'journalctl -u bluetooth' tells why"),
    };
    if (revival->error[0] != '\0')
        snprintf(ret, size,
                 "bluetoothd is not running: it crashed and does not start again (%s): 'journalctl "
                 "-u bluetooth' tells why",
                 revival->error);
    else
        snprintf(ret, size, "bluetoothd is not running: %s", advice[revival->unit]);
}
