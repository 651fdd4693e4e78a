/* SPDX-License-Identifier: MIT */
#pragma once
/* For tests that write files: a folder of their own, a loop, a worker, and waiting for the worker. */
#include <stddef.h>
#include <sys/stat.h>

#include "daemon/worker.h"

struct disk_fixture {
    char dir[64];
    sd_event *event;
    struct worker *worker;
};

void disk_fixture_init(struct disk_fixture *f);
void disk_fixture_done(struct disk_fixture *f); /* removes the folder with all in it */

/* The loop runs until everything posted so far is through, dones included. */
void disk_fixture_settle(struct disk_fixture *f);

char *disk_path(const struct disk_fixture *f, const char *name); /* static buffer */
void disk_write(const struct disk_fixture *f, const char *name, const void *bytes, size_t length);
char *disk_read(const struct disk_fixture *f, const char *name,
                size_t *ret_length);                               /* to be freed */
int disk_count(const struct disk_fixture *f, const char *pattern); /* names that match a glob */
