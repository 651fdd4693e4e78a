/* SPDX-License-Identifier: MIT */
#pragma once
/* Why a file is not taken, as whoever put it there is to read it; whether that may pass. */
#include "daemon/import/child.h"
#include "daemon/import/result.h"
#include "lib/sha256.h"

/* Of what came of reading it; report: NULL but for CHILD_OK. */
void refusal_unread(struct result *result, enum child_result outcome, const struct report *report);
/* It came in for the keeper ("": nobody knows for whom); session: one of it that may be given over, or "". */
void refusal_anothers(struct result *result, const char *keeper, const char *session);
/* It was here before, and this was said of it. */
void refusal_known(struct result *result, const struct said *said);
/* A person deleted all that came of it. */
void refusal_deleted(struct result *result);
void refusal_large(struct result *result);
/* There is none in the state folder beside COPY_RESERVE; the same words of a file as long as it is the same. */
void refusal_room(struct result *result, int64_t size);
/* What was not read has no content to be known by: its looks stand for it. */
void refusal_name(const struct folder_file *file, char ret[SHA256_TEXT_MAX]);
