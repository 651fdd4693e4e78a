/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind verbs.h share. None but the first knows another:
 *   verbs.c          which verb is whose; how each of them takes its arguments and says no
 *   verbs_told.c     status, sensors, load, imports
 *   verbs_week.c     week
 *   verbs_explain.c  explain
 *   verbs_alerts.c   alerts, acknowledge, snooze
 *   verbs_data.c     history, schema
 *   verbs_stored.c   sessions, export
 *   verbs_session.c  session: start, stop, discard, assign, note
 *   verbs_logged.c   log-run
 *   verbs_deleted.c  delete
 *   verbs_backup.c   backup
 *   verbs_import.c   import
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

/* verbs_session.c: what is said of how one was, and of what of it; false: it was answered why not. */
bool verbs_take_note(const json_t *arguments, struct command_answer *answer, struct note *ret,
                     unsigned *ret_parts);
json_t *verbs_how_json(const struct note *note); /* {effort, surface, shoes} */
json_t *verbs_note_json(const char *done, const char *id, const struct note *note);

json_t *verbs_moment(int64_t usec); /* "2027-03-10T10:00:05Z"; null: none */

/* verbs_week.c: what is told of a runner begins so. Units are of a terminal: the figures are metric. */
json_t *verbs_of_runner(const struct verbs *verbs, size_t runner);
void verbs_fail_unjudged(struct command_answer *answer);

/* verbs_explain.c */
void verbs_fail_off(struct command_answer *answer);

/* The handlers; context is a struct verbs. */
void verbs_run_status(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_sensors(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_load(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_week(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_explain(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_history(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_schema(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_sessions(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_export(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_alerts(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_acknowledge(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_snooze(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_imports(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_session(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_log_run(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_delete(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_backup(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_import(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_release(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_incline(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_assign(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_replace(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_forget(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_record(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_scan(void *context, const json_t *arguments, struct command_answer *answer);
void verbs_run_route(void *context, const json_t *arguments, struct command_answer *answer);
