/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One file on its way from the folder, or from the kept copies, to its rows:
 *
 *   copy (both workers) --> known? --> child --> rows --> keep (worker)
 *                                     | ^
 *                                     +-+ once more, when there is something to compare its steps with
 *
 * One that came in before goes the same way from its kept copy, and comes to other rows of the same name.
 *
 * What it comes to is not stored here: whoever began it does that, and the copy is on the disk by then. Who
 * cannot store it takes back what was chosen because of it (choice_undo).
 */
#include <systemd/sd-event.h>
#include "daemon/import/copy.h"
#include "daemon/import/folder.h"
#include "daemon/import/kept.h"
#include "daemon/import/owners.h"
#include "daemon/import/past.h"
#include "daemon/import/result.h"
#include "daemon/worker.h"
#include "lib/activity/report.h"

struct intake;

enum intake_outcome {
    INTAKE_OK,           /* a result: it is taken and kept, or refused */
    INTAKE_E_KNOWN,      /* its bytes came in before, for the same runner */
    INTAKE_E_CHANGED,    /* it is not the file that was seen, or is gone */
    INTAKE_E_ROOM,       /* a result: it is refused, as there is no room for it now */
    INTAKE_E_UNREADABLE, /* error says why */
    INTAKE_E_UNSAID, /* what was said of its bytes, or of its days, cannot be read: error says why */
    INTAKE_E_DISK,   /* our own folder refuses: error */
    INTAKE_E_FAILED  /* here; it is logged */
};

struct intake_parts { /* borrowed, outlive it */
    sd_event *event;
    struct worker *worker, *folder_worker; /* of the state folder, of the import folder */
    const char *state_dir;
    const struct past *past;
    const struct owners *owners;
    struct choice *choice;
    int64_t made_usec; /* when the database was begun, by the clock as it is now; 0: not known */
    /* How the runner ran on the level before a moment; false: not known. NULL: nobody knows. */
    bool (*reference)(void *userdata, const char *runner, int64_t at_usec,
                      struct knee_reference *ret);
    /* Once. The intake is freed by the caller, in here if it likes. */
    void (*done)(void *userdata, enum intake_outcome outcome, int error);
    void *userdata;
};

/* A file in the folder; `owner` is whose it is. */
int intake_file(struct intake **ret, const struct intake_parts *parts, const char *owner,
                const char *folder, const struct folder_file *file);
/* A kept copy: what its file was called is forgotten. */
int intake_kept(struct intake **ret, const struct intake_parts *parts,
                const struct kept_file *kept);
/* A kept copy of one that came in: what stays of its rows is copied. */
int intake_again(struct intake **ret, const struct intake_parts *parts,
                 const struct store_outdated *was);
/* One that goes to another runner, in whose folder it lies already. */
int intake_given(struct intake **ret, const struct intake_parts *parts,
                 const struct kept_file *kept, const char *from);
/* A person asks for it: what was refused before is read once more. */
void intake_insist(struct intake *intake);
/* It waits for the import folder; NULL does not. */
bool intake_is_reading(const struct intake *intake);
/* The file; NULL: it is a kept copy. */
const struct folder_file *intake_found(const struct intake *intake);
/* INTAKE_E_KNOWN: its copy was gone and is there again, and the days of its sessions are not: they are in their
 * rows, and written beside it when it is read again. */
bool intake_lacks_days(const struct intake *intake);
const char *intake_hash(const struct intake *intake); /* INTAKE_OK, INTAKE_E_KNOWN */
/* INTAKE_E_UNSAID: what cannot be read, in the folder of the copies */
void intake_unread(const struct intake *intake, char ret[COPY_UNREAD_MAX]);
/* INTAKE_OK; of INTAKE_E_KNOWN what a person said of it, to be shown, or NULL */
const struct result *intake_result(const struct intake *intake);
/* Any time: what is under way ends without `done`, and leaves nothing that counts. */
struct intake *intake_free(struct intake *intake);
