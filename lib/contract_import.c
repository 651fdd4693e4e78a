/* SPDX-License-Identifier: MIT */
/*
 * What is told of a file that came in. Its figures are as wide as a file may be, which is further than
 * a run: one session of a file may take two weeks.
 */
#include "lib/contract_rows.h"

#define FILE_S          1209600.0
#define FILE_DISTANCE_M 1000000.0

static const char *const verdict_words[] = { "imported", "partly", "refused", NULL };

static const char *kind_name(int value)
{
    return session_kind_name((enum session_kind)value);
}

#define SESSION(f, highest) NUMBER(payload_import_session, f, #f, 1, 0, highest)

static const struct contract_row session_rows[] = {
    { TEXT(payload_import_session, id, "id"), .pattern = PATTERN_SESSION,
      .description = "Name of the session: the same whenever the same bytes come in." },
    { ENUM(payload_import_session, kind, "kind", kind_name),
      .description = "What it counts as; other: towards nothing." },
    { TEXT(payload_import_session, sport, "sport"), .description = "The file's word for it." },
    { TEXT(payload_import_session, day, "day"), .pattern = PATTERN_DAY,
      .description = "The runner's local day it began." },
    { TIME(payload_import_session, start_usec, "start", CONTRACT_TIME_S),
      .description = "When it began." },
    { SESSION(elapsed_s, FILE_S), .unit = "s",
      .description = "Time from its begin, pauses included." },
    { SESSION(moving_s, FILE_S), .unit = "s", .description = "Time in which the timer ran." },
    { SESSION(distance_m, FILE_DISTANCE_M), .unit = "m",
      .description = "Distance; null: the file does not say." },
    { BOOL(payload_import_session, counts, "counts"),
      .description = "Whether it counts; of the same run twice, one does." },
    { TEXT(payload_import_session, instead, "instead"), .nullable = true,
      .pattern = PATTERN_SESSION, .description = "Which session counts in its place." },
};

static const struct contract_row change_rows[] = {
    { TEXT(payload_import_change, id, "id"), .pattern = PATTERN_SESSION,
      .description = "A session that was there before." },
    { BOOL(payload_import_change, counts, "counts"),
      .description = "Whether it counts from now on." },
    { TEXT(payload_import_change, instead, "instead"), .nullable = true, .pattern = PATTERN_SESSION,
      .description = "Which session counts in its place." },
};

const struct contract_row contract_import_rows[] = {
    { TEXT(payload_import, file, "file"),
      .description = "Name of the file, with the folders below the runner's." },
    { TEXT(payload_import, hash, "hash"), .pattern = "^[0-9a-f]{64}$",
      .description = "SHA-256 of its content; of one too large to be read: of its looks." },
    { WORD(payload_import, verdict, "verdict", verdict_words),
      .description = "What became of it; partly: as far as it is sound." },
    { TEXT(payload_import, reason, "reason"), .nullable = true,
      .description = "Why, in words; null: there is nothing to say." },
    { OBJECTS(payload_import, sessions, n_sessions, "sessions", session_rows),
      .description = "The sessions in it; of very many, the first ones." },
    { OBJECTS(payload_import, changed, n_changed, "changed", change_rows),
      .description = "Sessions that it makes count, or count no more." },
};
const size_t contract_n_import_rows = CONTRACT_N(contract_import_rows);
