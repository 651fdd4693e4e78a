/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The way of all files, one at a time, from the folder into the store; and of the kept copies that the
 * database does not know, or that would come to something else now, when no file waits.
 */
#include "daemon/import/asked.h"
#include "daemon/import/import.h"

struct queue;

/* The choice is borrowed as the parts are; the callbacks are import.h's. */
int queue_new(struct queue **ret, const struct import_parts *parts, struct choice *choice,
              const struct import_callbacks *callbacks, void *userdata);
struct queue *queue_free(struct queue *queue); /* after the workers are gone */
/* What came in on earlier days; then kept copies without a row are looked for. If that cannot be read from
 * the store, nothing is begun in this life: what came in before is not known. */
void queue_read_past(struct queue *queue);
void queue_set_conf(struct queue *queue, const struct conf *conf);
/* The next one, when there is one and none is under way. */
void queue_go_on(struct queue *queue);
void queue_clock_changed(struct queue *queue);
/* It has another result than it had: what is compared with it, or made of it, may be another. */
void queue_session_changed(struct queue *queue, const struct store_session *session);
/* The import folder does not answer, or does again. What waits for it is dropped, and looked for then. */
void queue_on_silence(struct queue *queue, bool silent);
/* Nothing new is begun, and what is under way is dropped. */
void queue_stop(struct queue *queue);

/* As import_give. */
int queue_give(struct queue *queue, const char *hash, const char *from, const char *to,
               void (*done)(void *userdata, int result, size_t n_sessions), void *userdata);

/* As import_now; name is that of a file. */
int queue_ask(struct queue *queue, const char *runner, const char *name,
              void (*done)(void *userdata, const struct asked_answer *answer), void *userdata);
const char *queue_problem(const struct queue *queue); /* a plain sentence, or NULL */
json_t *queue_list(const struct queue *queue);        /* past_list */
size_t queue_waiting(const struct queue *queue);      /* import_waiting */
