/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The recording: what a session is made of, one line a fact, appended as it comes. Everything else
 * (figures, results, the ledger) is derived from these lines and can be derived again. The same form
 * is written live, read after a crash, sent in with a bug report and kept as a test.
 *
 *   strided-recording 1                                        first line of every file
 *   A BOOTID BOOT_USEC WALL_USEC CLOCK                         axis: at BOOT_USEC of this boot it was WALL_USEC (UTC)
 *   R RUNNER SEX BIRTH_YEAR MAX_HR REST_HR MASS_KG INCLINE     whose it is, and the profile in force ("-" = nobody yet)
 *   K CADENCE SPEED                                            what a step is compared with: the runner's own, on the level
 *   S N NAME ADDRESS CADENCE_UNIT FACTOR SHOWS                 sensor N of this file; SHOWS: what it is known to be,
 *                                                              letters of p(od) s(trap) b(elt), "-" = nothing yet
 *   G T WHY                                                    the session counts from T: motion, heart_rate, command
 *   N T SENSOR UUID HEX                                        a notification
 *   L T SENSOR up|down                                         its link
 *   U T SENSOR steps|strides EVIDENCE                          what its cadence counts was decided
 *   I T PERCENT|unknown                                        incline set by a person
 *   H T DISTANCE:ALTITUDE...|-                                 places of a route set by a person, metres; lines of one T are one
 *   T T start                                                  the event of its start is in the store
 *   Z RUNNER START OFFSET                                      it began at START (UTC, seconds), when local time was OFFSET
 *                                                              seconds ahead of UTC by the zone of RUNNER then
 *   J T SESSION LINES                                          the next LINES lines, copies aside, are of that recording
 *   M T SESSION                                                the lines of that recording were merged into this one
 *   E T told|idle|discarded WHY                                the end: told = at T, idle = when last active
 *   C PLACE LINE                                               a copy of the A, R, K, S or G line that begins at byte
 *                                                              PLACE of the file, for when that one rots
 *
 * An A behind an E is of a clock that was set later: it dates what ended without one.
 * An R or K behind an E says whose it is after all: it holds from the first line on. What a C line says
 * counts where no whole line of the file says it, and then at its PLACE.
 *
 * Behind a J line stand an S, G, N, L, U, I or H line for each of another recording that can be in this
 * one, and an M line. Where there are fewer and no M line is behind them, they were cut off while they
 * were written, and none of them counts; those of one SESSION may come again, and then only the last count.
 * An M line without a J line before it says that they are somewhere in the file.
 *
 * A Z line gives the session its day for ever, wherever its runner lives later: of those of the runner it is of
 * the last counts, and only while it began within RECORDING_LOCAL_S of START (a clock may be set). Those of
 * another, and those behind an E, hold as well: it may be given to and fro.
 *
 * T is CLOCK_BOOTTIME in microseconds of the boot named by the last A line. Every line ends in
 * " *CRC" (CRC-16/CCITT of what stands before, four hex digits), so that a torn or rotten line is
 * known for what it is; a file whose first line says "strided-recording 1 plain" has none: that is
 * for people who write tests by hand. Lines may stand out of order after a merge: readers sort by time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"
#include "lib/payload.h"

#define RECORDING_LINE_MAX    1024 /* bytes of the longest line with its newline */
#define RECORDING_BYTES_MAX   244  /* of one notification: ATT MTU 247 less its header */
#define RECORDING_SENSORS_MAX 16   /* per file */
#define RECORDING_WHY_MAX     64
#define RECORDING_ROUTE_MAX   1e6      /* metres */
#define RECORDING_PLACES_MAX  24       /* of a route, in one line */
#define RECORDING_JOINED_MAX  0xffffff /* lines of another recording: of the longest there can be */
#define RECORDING_OFFSET_MAX  (26 * 3600) /* of a zone, seconds: RFC 8536 */
#define RECORDING_LOCAL_S     3600        /* a clock that is set by more may be in another season */
#define RECORDING_HEADER      "strided-recording 1"

/* What a line may say of time, so that no sum of times overflows: ten years of uptime is more than
 * any boot, and dates have four digits. */
#define RECORDING_T_MAX    (INT64_C(10) * 366 * 86400 * 1000000)
#define RECORDING_WALL_MAX (INT64_C(253402300799) * 1000000)
#define RECORDING_AXIS_MAX (INT64_C(100) * 366 * 86400 * 1000000) /* all boots of one file */

enum record_type {
    RECORD_AXIS,
    RECORD_RUNNER,
    RECORD_SENSOR,
    RECORD_BEGIN,
    RECORD_NOTIFICATION,
    RECORD_LINK,
    RECORD_UNIT,
    RECORD_INCLINE,
    RECORD_ROUTE,
    RECORD_OWN,
    RECORD_TOLD,
    RECORD_LOCAL,
    RECORD_JOINED,
    RECORD_MERGED,
    RECORD_END,
};

enum record_end { RECORD_END_TOLD, RECORD_END_IDLE, RECORD_END_DISCARDED };

struct record {
    enum record_type type;
    uint64_t t_usec; /* 0 for RUNNER, OWN, SENSOR and LOCAL, which hold from where they stand */
    int sensor;      /* SENSOR, NOTIFICATION, LINK, UNIT: number in this file */
    union {
        struct {
            char boot_id[33];
            int64_t wall_usec;
            enum clock_state clock;
        } axis;
        struct {
            char id[CONF_ID_MAX]; /* "" = nobody yet */
            enum conf_sex sex;
            int birth_year, max_heart_rate_bpm, rest_heart_rate_bpm; /* 0 = not given */
            double mass_kg, incline_pct;                             /* NAN = not given */
        } runner;
        struct {
            char name[CONF_ID_MAX];
            char address[18];
            enum conf_cadence_unit unit;
            double factor;
            bool pod, strap, belt; /* what the device has shown so far */
        } declared;
        struct {
            uint16_t uuid;
            uint8_t length;
            uint8_t bytes[RECORDING_BYTES_MAX];
        } notification;
        bool up;
        struct {
            enum conf_cadence_unit unit; /* never AUTO */
            char evidence[160];
        } unit;
        double incline_pct; /* NAN = unknown */
        struct {
            size_t n; /* 0 = none any more */
            struct {
                int32_t distance_dm, altitude_dm;
            } places[RECORDING_PLACES_MAX];
        } route;
        struct {
            double cadence_spm, speed_m_s; /* NAN = not known */
        } own;
        struct {
            char runner[CONF_ID_MAX];
            int64_t start_s;  /* UTC */
            int32_t offset_s; /* local minus UTC */
        } local;
        struct {
            char id[SESSION_ID_MAX];
            uint32_t lines;
        } joined;
        char merged[SESSION_ID_MAX];
        struct {
            enum record_end how;
            char why[RECORDING_WHY_MAX];
        } end; /* RECORD_BEGIN uses `why` as well */
    };
};

enum recording_result {
    RECORDING_OK = 0,
    RECORDING_E_HEADER = 1, /* a header line: fine, nothing to apply */
    RECORDING_E_EMPTY,      /* blank or a '#' comment */
    RECORDING_E_CHECKSUM,   /* torn or rotten */
    RECORDING_E_FORM,       /* whole, but not a line of this version */
    RECORDING_E_COPY,       /* whole, of another line: see recording_copy_parse */
};

/* One line with its newline and NUL into buffer; the length, or 0 when it does not fit (our mistake). */
size_t recording_format(const struct record *record, char *buffer, size_t size);

/* One line without its newline. `plain` is what recording_is_plain said of the file. ret is only
 * written on RECORDING_OK. */
enum recording_result recording_parse(const char *line, size_t length, bool plain,
                                      struct record *ret);
bool recording_is_plain(const char *first_line, size_t length);
/* How much of it stands before its sum; 0: the sum is not that of the line. All of it, if plain. */
size_t recording_said(const char *line, size_t length, bool plain);

/* Walks the lines of a text: *cursor starts at 0. false at the end. A last line without a newline
 * was torn by a crash and is not given. */
bool recording_next_line(const char *text, size_t length, size_t *cursor, const char **ret_line,
                         size_t *ret_length);

/*
 * A packet that rots is one packet less; a line that says whose it is, or with which sensors, is worth
 * all that hang on it. So those have copies further on (daemon/recording/copies.c writes them).
 */
#define RECORDING_COPY_LETTER 'C'

struct recording_copy {
    uint32_t place;  /* where in the file the line stands that it is of */
    size_t at, said; /* within the copy: where that line begins, and how much it says */
};
bool recording_has_copies(char letter); /* lines that begin with it do */
/* Of what a line says, without its sum; otherwise as recording_format. */
size_t recording_copy_format(const char *said, size_t length, uint32_t place, char *buffer,
                             size_t size);
/* As recording_parse, of a line that is RECORDING_E_COPY to it: the record is the one it is a copy of. */
enum recording_result recording_copy_parse(const char *line, size_t length, bool plain,
                                           struct recording_copy *ret, struct record *ret_record);

/*
 * Times of a file that spans reboots. The axis of a session is the boottime of its first boot; later
 * boots are laid behind it by the wall clocks of their A lines. Where a wall clock was unset there is
 * no way to know: `known` is false, and the session ends where it was. So it does where the clocks
 * say more than RECORDING_AXIS_MAX: that is no session.
 */
struct recording_axis {
    bool have, known;
    char boot_id[33];
    uint64_t boot_usec; /* of the last A line, on its own boot */
    int64_t wall_usec;
    bool trusted;
    int64_t shift_usec;  /* axis = t + shift, for lines of the boot of the last A line */
    bool dated;          /* a trusted wall clock was seen; it stays so */
    int64_t offset_usec; /* wall = axis + offset */
};
void recording_axis_feed(struct recording_axis *axis, const struct record *record);
uint64_t recording_axis_time(const struct recording_axis *axis, uint64_t t_usec);
/* UTC of a time on the axis, in microseconds; 0 while no trusted clock has dated it. */
int64_t recording_axis_wall(const struct recording_axis *axis, uint64_t axis_usec);
