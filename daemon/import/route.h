/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A route file that a person names: routes/NAME.gpx in the runner's subfolder of the import folder. It
 * is no activity, so it lies where no activity is looked for, and stays there. As untrusted as any
 * file: found and copied into memory on the worker, which may hang, and read by a process of its own.
 */
#include <systemd/sd-event.h>
#include "daemon/import/name.h"
#include "daemon/worker.h"
#include "lib/activity/way.h"

#define ROUTE_OPEN_USEC                                                                            \
    UINT64_C(15000000) /* a folder that does not answer; a D-Bus client waits for 25 s */
#define ROUTE_SIZE (INT64_C(32) << 20) /* bytes of a file; unpacked, as any file */

struct route_file;

struct route_where {
    const char *folder, *runner, *name;
};

struct route_answer {
    const struct way *way; /* borrowed; NULL: there is none, as the others say */
    const char *code;      /* of the command's error */
    const char *argument;  /* that is wrong; NULL: none */
    char message[200], allowed[200];
};

/* `done` runs once, on the loop; the answer is borrowed. The route file is freed by the caller, in
 * `done` if it likes. */
int route_file_read(struct route_file **ret, struct worker *worker, const struct route_where *where,
                    void (*done)(void *userdata, const struct route_answer *answer),
                    void *userdata);
/* Any time: what is under way ends without `done`. */
struct route_file *route_file_free(struct route_file *file);
