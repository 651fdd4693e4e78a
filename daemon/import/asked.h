/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A file in the import folder that a person names, to be read now: found on the worker of that folder, which may
 * hang, put before all that waits, and told of when it is through. Whoever asked waits no longer than a person would;
 * what became of it is in the list of files then.
 */
#include "daemon/import/folder.h"
#include "daemon/import/result.h"
#include "daemon/worker.h"

#define ASKED_USEC      UINT64_C(20000000) /* a D-Bus client waits for 25 s */
#define ASKED_UNDER_WAY "under_way"        /* code of an answer: it takes longer, and goes on */

struct asked;

struct asked_where {
    const char *folder, *runner, *name;
    bool only; /* the only runner: then it may lie in the folder itself, too */
};

struct asked_answer {
    const char *code;     /* of the command's error; NULL: it is through */
    const char *argument; /* that is wrong; NULL: none */
    const char *message, *allowed;
    /* Of one that is through; borrowed. result: what came of it now, or NULL, of one that came in before. */
    const char *hash;
    const struct result *result;
    bool known; /* it came in before */
};

/* `found` (on the loop, once) when there is such a file, to be taken by asked_file(); `done` once, with how it ended, or
 * that it takes longer: then once more at its end, whether somebody asked again or not; the asked is freed by the
 * caller. */
int asked_new(struct asked **ret, struct worker *worker, const struct asked_where *where,
              void (*found)(void *finder), void *finder,
              void (*done)(void *userdata, const struct asked_answer *answer), void *userdata);
/* Of one that is under way, and whose asker was told that it takes longer: they wait on, and have limits anew.
 * false: it is another file, or somebody waits. */
bool asked_again(struct asked *asked, const char *name);
/* NULL: it is not found yet, or begun already. */
const struct folder_file *asked_file(const struct asked *asked);
void asked_begun(struct asked *asked);
void asked_answer(struct asked *asked, const struct asked_answer *answer);
void asked_refuse(struct asked *asked, const char *code, const char *message, const char *allowed);
/* Any time: what is under way ends without `done`. */
struct asked *asked_free(struct asked *asked);
