/* SPDX-License-Identifier: MIT */
#include "daemon/records/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/log.h"

#define SECOND_USEC UINT64_C(1000000)

/* ---- answering --------------------------------------------------------------------------------- */

static void fill(const struct records *records, struct record_answer *ret)
{
    uint64_t now_usec = clock_now_usec();

    *ret = records->now;
    ret->recording = records->state == RECORDS_OPENING || records->state == RECORDS_RUNNING;
    if (!ret->recording)
        return;
    ret->elapsed_usec = now_usec - records->from_usec;
    ret->left_usec = records->until_usec > now_usec ? records->until_usec - now_usec : 0;
}

static void answer(const struct records *records, struct waiter *waiter)
{
    struct waiter whose = *waiter;
    struct record_answer now;

    *waiter = (struct waiter){ 0 };
    if (!whose.done)
        return;
    fill(records, &now);
    whose.done(whose.userdata, &now);
}

__attribute__((format(printf, 5, 6))) static void refuse(struct waiter *waiter, const char *code,
                                                         const char *argument, const char *allowed,
                                                         const char *format, ...)
{
    struct waiter whose = *waiter;
    struct record_answer refusal = { .code = code, .argument = argument };
    va_list ap;

    *waiter = (struct waiter){ 0 };
    if (!whose.done)
        return;
    va_start(ap, format);
    vsnprintf(refusal.message, sizeof(refusal.message), format, ap);
    va_end(ap);
    snprintf(refusal.allowed, sizeof(refusal.allowed), "%s", allowed ? allowed : "");
    whose.done(whose.userdata, &refusal);
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void rest(struct records *records)
{
    free(records->waiting);
    records->waiting = NULL;
    records->length = records->room = 0;
    records->state = RECORDS_IDLE;
    clock_timer_set(records->timer, CLOCK_NEVER);
}

static void on_closed(struct records *records, int result)
{
    if (result < 0) {
        log_warning_errno(result, "Failed to write %s: %m", records->now.file);
        records->now.ended = "the disk did not take it";
    } else {
        log_info("%s is written: %llu packets, %s", records->now.file,
                 (unsigned long long)records->now.packets, records->now.ended);
    }
    rest(records);
    answer(records, &records->stop);
}

static void end(struct records *records, const char *why)
{
    uint64_t now_usec = clock_now_usec();
    int r;

    records->now.ended = why;
    records->now.elapsed_usec = now_usec - records->from_usec;
    records->now.left_usec = 0;
    records->state = RECORDS_CLOSING;
    clock_timer_set(records->timer, CLOCK_NEVER);
    r = records_write(records, true, on_closed);
    if (r >= 0)
        return;
    close(records->fd);
    records->fd = -1;
    on_closed(records, r);
}

/* ---- while it goes on -------------------------------------------------------------------------- */

static void on_written(struct records *records, int result)
{
    if (result >= 0 || records->state != RECORDS_RUNNING)
        return;
    log_warning_errno(result, "Failed to write %s: %m", records->now.file);
    end(records, "the disk did not take it");
}

static void on_second(void *userdata, uint64_t now_usec)
{
    struct records *records = userdata;

    if (records->state != RECORDS_RUNNING)
        return;
    if (now_usec >= records->until_usec) {
        end(records, "its time was over");
    } else if (records->now.bytes >= RECORDS_BYTES_MAX) {
        end(records, "it is as large as one may be");
    } else {
        if (records->length > 0 && !records->writing)
            (void)records_write(records, false, on_written); /* no memory: the next second */
        clock_timer_set(records->timer, now_usec + SECOND_USEC);
    }
}

/* ---- the start --------------------------------------------------------------------------------- */

static void refuse_disk(struct records *records, int error)
{
    if (error == -ENOSPC)
        refuse(&records->start, "unavailable", NULL, "room on the disk: 96 MB",
               "The disk is nearly full");
    else if (error == -EDQUOT)
        refuse(&records->start, "unavailable", NULL, "some of them removed, or moved elsewhere",
               "There are 224 MB of recordings in %.200s/" RECORDS_FOLDER,
               records->parts.state_dir);
    else
        refuse(&records->start, "unavailable", NULL, NULL,
               "No file can be made in %.200s/" RECORDS_FOLDER ": %s", records->parts.state_dir,
               strerror(-error));
}

static void on_opened(struct records *records, int result)
{
    if (result < 0) {
        log_warning_errno(result, "Failed to make a recording: %m");
        records->now = (struct record_answer){ 0 };
        rest(records);
        refuse_disk(records, result);
        return;
    }
    if (records->stopping) { /* the worker takes no more: what is in it is a moment */
        close(records->fd);
        records->fd = -1;
        rest(records);
        return;
    }
    records->state = RECORDS_RUNNING;
    log_info("%s: recording %s", records->now.file,
             records->now.sensor[0] ? records->now.sensor : "all sensors");
    clock_timer_set(records->timer, clock_now_usec() + SECOND_USEC);
    answer(records, &records->start);
}

static void list_sensors(const struct conf *conf, char *ret, size_t size)
{
    size_t length = 0;

    snprintf(ret, size, "no sensor is configured");
    for (size_t i = 0; i < conf->n_sensors && length < size; i++)
        length += (size_t)snprintf(ret + length, size - length, "%s%s", i ? " | " : "",
                                   conf->sensors[i].name);
}

static void start(struct records *records, const struct record_request *request)
{
    const struct conf *conf = records->parts.conf;
    char sensors[512];

    if (request->sensor[0] && conf_find_sensor(conf, request->sensor) == conf->n_sensors) {
        list_sensors(conf, sensors, sizeof(sensors));
        refuse(&records->start, "not_found", "sensor", sensors, "There is no such sensor");
        return;
    }
    records->from_usec = clock_now_usec();
    records->until_usec = records->from_usec + request->minutes * 60 * SECOND_USEC;
    records->now = (struct record_answer){ 0 };
    memcpy(records->now.sensor, request->sensor, sizeof(records->now.sensor));
    records->state = RECORDS_OPENING;
    records_begin_lines(records, records->from_usec);
    if (records_open(records, on_opened) >= 0)
        return;
    rest(records);
    refuse(&records->start, "no_memory", NULL, NULL, "Out of memory");
}

/* ---- asked for --------------------------------------------------------------------------------- */

static void ask_start(struct records *records, const struct record_request *request,
                      struct waiter *waiter)
{
    if (records->state != RECORDS_IDLE) {
        refuse(waiter, "already", NULL, "record do=stop first", "A recording is under way");
        return;
    }
    records->start = *waiter;
    start(records, request);
}

static void ask_stop(struct records *records, struct waiter *waiter)
{
    if (records->state == RECORDS_IDLE) {
        refuse(waiter, "not_found", NULL, "record do=start", "Nothing is being recorded");
    } else if (records->state != RECORDS_RUNNING) {
        refuse(waiter, "busy", NULL, NULL, "It begins or ends in this moment: try again");
    } else {
        records->stop = *waiter;
        end(records, "it was stopped");
    }
}

void records_ask(struct records *records, const struct record_request *request, record_done done,
                 void *userdata)
{
    struct waiter waiter = { done, userdata };

    if (request->wish == RECORD_WISH_START)
        ask_start(records, request, &waiter);
    else if (request->wish == RECORD_WISH_STOP)
        ask_stop(records, &waiter);
    else
        answer(records, &waiter);
}

/* ---- life -------------------------------------------------------------------------------------- */

int records_new(struct records **ret, const struct records_parts *parts)
{
    struct records *records = calloc(1, sizeof(*records));
    int r;

    if (!records)
        return -ENOMEM;
    records->parts = *parts;
    records->fd = -1;
    memset(records->number, 0xff, sizeof(records->number));
    r = clock_timer_new(&records->timer, parts->event, CLOCK_NEVER, on_second, records);
    if (r < 0) {
        free(records);
        return r;
    }
    *ret = records;
    return 0;
}

void records_stop(struct records *records)
{
    if (!records || records->stopping)
        return;
    records->stopping = true;
    if (records->state == RECORDS_RUNNING)
        end(records, "strided was stopped");
    refuse(&records->start, "unavailable", NULL, NULL, "strided is stopping");
    refuse(&records->stop, "unavailable", NULL, NULL, "strided is stopping");
}

struct records *records_free(struct records *records)
{
    if (!records)
        return NULL;
    if (records->fd >= 0)
        close(records->fd);
    clock_timer_unref(records->timer);
    free(records->waiting);
    free(records);
    return NULL;
}
