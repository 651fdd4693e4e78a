/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind verbs.h share. None but the first knows another:
 *   verbs.c          which verb is whose; how each of them takes its arguments and says no
 *   verbs_told.c     status, sensors, load, imports
 *   verbs_week.c     week, explain
 *   verbs_session.c  session: start, stop, discard, assign
 *   verbs_done.c     release, incline
 *   verbs_bind.c     assign, replace, forget
 *   verbs_record.c   record
 *   verbs_later.c    scan, route
 */
#include "daemon/commands/verbs.h"
#include "lib/contract.h"

/* verbs.c */
void verbs_fail(struct command_answer *answer, const char *code, const char *argument,
                const char *message, const char *allowed);
/* An argument of the verb; "" or `otherwise` when it was not given. */
const char *verbs_text(const json_t *arguments, const char *name);
double verbs_number(const json_t *arguments, const char *name, double otherwise);
/* The runner meant; answers the error itself when it is not clear. */
bool verbs_which_runner(const struct verbs *verbs, const json_t *arguments,
                        struct command_answer *answer, size_t *ret);

/* An object from a rendered payload; JSON null when there is none. */
json_t *verbs_payload_json(enum contract_kind kind, const void *payload);

/* The handlers; context is a struct verbs. */
void verbs_run_status(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_sensors(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_load(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_week(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_explain(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_imports(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_session(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_release(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_incline(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_assign(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_replace(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_forget(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_record(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_scan(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_route(void *context, const json_t *arguments, struct command_answer *answer);
