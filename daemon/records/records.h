/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * records/<time>.rec in the state folder: every packet and every link that comes or goes, of one sensor or of all, whether
 * somebody runs or not, in the form of lib/recording.h. There is no G line in it: it is of no one session,
 * and a sensor in it is of the runner whose R line stands above its own ("-": a shared one).
 *
 *   start ─> lines wait in memory ──1 s──> the worker appends them ─> told, out of time or too large: synced, closed
 *
 * One at a time, at most four hours and 32 MB; a disk that is nearly full is not filled up.
 */
#include <systemd/sd-event.h>
#include "daemon/record.h"
#include "daemon/sessions/sessions.h"
#include "daemon/timekeeper.h"
#include "daemon/worker.h"

#define RECORDS_FOLDER      "records" /* in the state folder */
#define RECORDS_BYTES_MAX   (32u << 20)
#define RECORDS_FOLDER_MAX  (256u << 20) /* of all of them */
#define RECORDS_MINUTES_MAX 240

struct records;

struct records_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    const struct sessions *sessions; /* what is known of a device */
    const struct timekeeper *timekeeper;
    struct worker *worker;
    const char *state_dir;
};

int records_new(struct records **ret, const struct records_parts *parts);
/* Start is answered when the file is there, stop when all of it is on the disk. */
void records_ask(struct records *records, const struct record_request *request, record_done done,
                 void *userdata);
void records_notification(struct records *records, uint64_t now_usec, size_t sensor, uint16_t uuid,
                          const uint8_t *bytes, size_t length);
void records_link(struct records *records, uint64_t now_usec, size_t sensor, bool up);
void records_set_conf(struct records *records, const struct conf *conf);
void records_clock_changed(struct records *records, uint64_t now_usec);
/* Before the worker goes: what is under way ends, and whoever waits is told. */
void records_stop(struct records *records);
struct records *records_free(struct records *records); /* after the worker is gone */
