/* SPDX-License-Identifier: MIT */
#include "daemon/import/asked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "daemon/clock.h"
#include "daemon/mtime.h"
#include "daemon/util.h"

struct asked {
    char folder[CONF_TEXT_MAX];
    bool only;
    void (*found)(void *finder);
    void *finder;
    void (*done)(void *userdata, const struct asked_answer *answer);
    void *userdata;
    struct clock_timer *limit;
    bool busy, dead; /* a job is posted; freed by its end */
    bool is_found, begun, answered;
    bool left;               /* the answer was that it takes longer: its end is told all the same */
    struct folder_file file; /* the worker's while busy */
};

/* ---- on the worker ------------------------------------------------------------------------- */

/* A regular file only: a link could lead to what its maker may not read and we may. */
static int look_in(struct asked *asked, const char *runner)
{
    const char *name;
    struct stat st;
    snprintf(asked->file.runner, sizeof(asked->file.runner), "%s", runner);
    _cleanup_close_ int fd = folder_open_of(asked->folder, &asked->file, &name);

    if (fd < 0)
        return fd;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -ENOENT;
    asked->file.size = st.st_size;
    asked->file.mtime_nsec = mtime_nsec(&st);
    asked->file.inode = st.st_ino;
    return 0;
}

static int run(void *data)
{
    struct asked *asked = data;
    char runner[CONF_ID_MAX];
    int r;

    memcpy(runner, asked->file.runner, sizeof(runner));
    r = look_in(asked, runner);
    return r == -ENOENT && asked->only && !strchr(asked->file.name, '/') ? look_in(asked, "") : r;
}

/* ---- on the loop --------------------------------------------------------------------------- */

void asked_answer(struct asked *asked, const struct asked_answer *answer)
{
    if (asked->answered && !asked->left)
        return;
    asked->answered = true;
    asked->left = answer->code && strcmp(answer->code, ASKED_UNDER_WAY) == 0;
    asked->done(asked->userdata, answer);
}

void asked_refuse(struct asked *asked, const char *code, const char *message, const char *allowed)
{
    asked_answer(asked,
                 &(struct asked_answer){ .code = code,
                                         .argument = strcmp(code, "not_found") == 0 ? "file" : NULL,
                                         .message = message,
                                         .allowed = allowed });
}

static void on_limit(void *userdata, uint64_t now_usec)
{
    struct asked *asked = userdata;

    if (asked->is_found)
        asked_refuse(asked, ASKED_UNDER_WAY, "It takes longer, and goes on",
                     "the same again, which waits on or has the answer, or 'imports'");
    else
        asked_refuse(asked, "unavailable", "The import folder does not answer",
                     "the same again once it does");
}

static void dispose(struct asked *asked)
{
    clock_timer_unref(asked->limit);
    free(asked);
}

static void on_looked(void *data, int result)
{
    struct asked *asked = data;

    asked->busy = false;
    if (asked->dead)
        return dispose(asked);
    if (result == -ENOENT || result == -ENOTDIR || result == -ELOOP)
        return asked_refuse(asked, "not_found", "There is no such file in the runner's folder",
                            "the name of one that lies there");
    if (result < 0)
        return asked_refuse(asked, "unavailable", "The folder cannot be read",
                            strerrordesc_np(-result));
    asked->is_found = true;
    asked->found(asked->finder);
}

const struct folder_file *asked_file(const struct asked *asked)
{
    return asked && asked->is_found && !asked->begun ? &asked->file : NULL;
}

void asked_begun(struct asked *asked)
{
    asked->begun = true;
}

bool asked_again(struct asked *asked, const char *name)
{
    if (!asked->answered || strcmp(asked->file.name, name) != 0)
        return false;
    asked->answered = asked->left = false;
    clock_timer_set(asked->limit, clock_now_usec() + ASKED_USEC);
    return true;
}

int asked_new(struct asked **ret, struct worker *worker, const struct asked_where *where,
              void (*found)(void *finder), void *finder,
              void (*done)(void *userdata, const struct asked_answer *answer), void *userdata)
{
    struct asked *asked = calloc(1, sizeof(*asked));
    int r;

    if (!asked)
        return -ENOMEM;
    *asked = (struct asked){
        .only = where->only, .found = found, .finder = finder, .done = done, .userdata = userdata
    };
    snprintf(asked->folder, sizeof(asked->folder), "%s", where->folder);
    snprintf(asked->file.runner, sizeof(asked->file.runner), "%s", where->runner);
    snprintf(asked->file.name, sizeof(asked->file.name), "%s", where->name);
    r = clock_timer_new(&asked->limit, worker_event(worker), clock_now_usec() + ASKED_USEC,
                        on_limit, asked);
    if (r >= 0)
        r = worker_post(worker, &(struct worker_job){ run, on_looked, asked });
    if (r < 0) {
        dispose(asked);
        return r;
    }
    asked->busy = true;
    *ret = asked;
    return 0;
}

struct asked *asked_free(struct asked *asked)
{
    if (!asked)
        return NULL;
    asked->limit = clock_timer_unref(asked->limit);
    if (asked->busy)
        asked->dead = true;
    else
        dispose(asked);
    return NULL;
}
