/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What is stored of runners, for whoever asks: read on the worker, a bounded part at a time, so that ten
 * years of it neither stop the loop nor lie in memory. Nothing is kept between two parts but the files
 * that were made last, for a minute; where a part begins is in the cursor that the part before it ended with.
 */
#include <systemd/sd-event.h>
#include "daemon/archived.h"
#include "daemon/store/store.h"
#include "daemon/training/training.h"

struct archive;

struct archive_parts { /* borrowed, outlive us */
    sd_event *event;
    const struct conf *conf;
    struct worker *worker;
    struct store *store;
    const struct training *training;
    const char *state_dir;
};

int archive_new(struct archive **ret, const struct archive_parts *parts);
void archive_set_conf(struct archive *archive, const struct conf *conf);
void archive_ask(struct archive *archive, const struct archived_question *question,
                 archived_done done, void *userdata);
/* Whoever waits or asks is told that we stop; what is being converted ends. */
void archive_stop(struct archive *archive);
struct archive *archive_free(struct archive *archive); /* after the worker is gone */
