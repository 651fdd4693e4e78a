/* SPDX-License-Identifier: MIT */
#pragma once
/* The recording of one session, from its first line to its last: as the daemon went along with it. */
#include "daemon/recording/recovery.h"
#include "daemon/replay/print.h"

/* id: of the session, in its messages; live each every_usec of its time, from 1 s on. */
void course_play(struct print *print, const struct recovered *recovered, const char *id,
                 uint64_t every_usec);
/* What it came to, worked out from its start to its end once more as the daemon does; t_usec: how far
 * the recording goes, by its last boot. It is said, and with its event if it is over. */
void course_tell_result(struct print *print, const struct recovered *recovered, const char *id,
                        uint64_t t_usec);
/* "20261121T040816Z-0", as the daemon names one that began then; wall_usec 0: when is not known. */
void course_name(int64_t wall_usec, size_t slot, char ret[SESSION_ID_MAX]);

/* Its id, and the local day it belongs to: of what was recorded only its figures are made. */
struct session;
void course_date(const struct session *session, const char *id, struct payload_session *payload);
