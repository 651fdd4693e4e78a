/* SPDX-License-Identifier: MIT */
#include "daemon/import/route.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "daemon/clock.h"
#include "daemon/import/child.h"
#include "daemon/import/folder.h"
#include "daemon/import/name.h"
#include "daemon/readfile.h"
#include "daemon/util.h"

enum found { FOUND, FOUND_NO_FILE = 1, FOUND_LARGE };

struct route_file {
    struct worker *worker; /* borrowed */
    char folder[CONF_TEXT_MAX], runner[CONF_ID_MAX], name[ROUTE_NAME_MAX];
    void (*done)(void *userdata, const struct route_answer *answer);
    void *userdata;
    bool busy, dead;           /* a job is posted; freed by its end */
    struct clock_timer *limit; /* of that job */
    struct child *child;
    struct route_answer answer;

    /* the worker's while busy */
    int fd;           /* of what was in it */
    char others[200]; /* what could be named instead */
};

/* ---- on the worker ------------------------------------------------------------------------- */

/* As many as fit: a hint for who mistyped one. */
static void list_others(struct route_file *file, int folder_fd)
{
    _cleanup_closedir_ DIR *dir = NULL;
    int fd = fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);
    size_t at = 0;

    dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        closep(&fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);

        if ((entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN) ||
            !import_name_is_route(entry->d_name) || at + length + 3 >= sizeof(file->others))
            continue;
        at += (size_t)snprintf(file->others + at, sizeof(file->others) - at, "%s%s",
                               at ? " | " : "", entry->d_name);
    }
}

static int open_routes(const struct route_file *file)
{
    _cleanup_close_ int runner_fd = folder_open(file->folder, file->runner);
    int fd;

    if (runner_fd < 0)
        return runner_fd;
    fd = openat(runner_fd, ROUTE_FOLDER,
                O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static int write_whole(int fd, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t n = write(fd, bytes + at, length - at);
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int copy_bytes(int from_fd, int to_fd)
{
    uint8_t bytes[65536];
    size_t length = sizeof(bytes);
    int64_t all = 0;
    int r = 0;

    while (r == 0 && length == sizeof(bytes)) {
        r = read_up_to(from_fd, bytes, sizeof(bytes), &length);
        if (r == 0)
            r = write_whole(to_fd, bytes, length);
        all += (int64_t)length;
        if (r == 0 && all > ROUTE_SIZE)
            r = FOUND_LARGE;
    }
    return r;
}

/* Into memory: the folder may hang at any byte and at the end, and the loop waits for its child to end. */
static int take_bytes(struct route_file *file, int from_fd)
{
    int r;

    file->fd = memfd_create("route", MFD_CLOEXEC);
    if (file->fd < 0)
        return -errno;
    r = copy_bytes(from_fd, file->fd);
    return r == 0 ? FOUND : r;
}

/* A regular file only: a link could lead to what its maker may not read and we may. */
static int run_open(void *data)
{
    struct route_file *file = data;
    _cleanup_close_ int folder_fd = open_routes(file), fd = -1;
    struct stat st;

    if (folder_fd < 0)
        return folder_fd == -ENOENT ? FOUND_NO_FILE : folder_fd;
    fd = openat(folder_fd, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno != ENOENT && errno != ELOOP)
        return -errno;
    if (fd < 0) {
        list_others(file, folder_fd);
        return FOUND_NO_FILE;
    }
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return FOUND_NO_FILE;
    return st.st_size > ROUTE_SIZE ? FOUND_LARGE : take_bytes(file, fd);
}

/* ---- on the loop --------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void refuse(struct route_file *file, const char *code,
                                                         const char *format, ...)
{
    va_list ap;

    file->answer.code = code;
    file->answer.argument = "file";
    va_start(ap, format);
    vsnprintf(file->answer.message, sizeof(file->answer.message), format, ap);
    va_end(ap);
    if (!file->answer.allowed[0])
        snprintf(file->answer.allowed, sizeof(file->answer.allowed),
                 "a GPX file with heights along its way");
    file->done(file->userdata, &file->answer);
}

static void tell_no_file(struct route_file *file)
{
    if (file->others[0])
        snprintf(file->answer.allowed, sizeof(file->answer.allowed), "%s", file->others);
    else
        snprintf(file->answer.allowed, sizeof(file->answer.allowed),
                 "a .gpx file put into %s/" ROUTE_FOLDER " of the import folder", file->runner);
    refuse(file, "not_found", "There is no such route file of %s", file->runner);
}

static void on_read(void *userdata, enum child_result outcome, const union child_said *said)
{
    static const char *const reasons[] = {
        [CHILD_E_KILLED] = "reading it took more memory or time than a route can need",
        [CHILD_E_SLOW] = "reading it took too long",
        [CHILD_E_FAILED] = "the process that was to read it failed",
        [CHILD_E_NONSENSE] = "what was read from it makes no sense",
    };
    struct route_file *file = userdata;

    if (outcome == CHILD_OK && said->way.verdict == WAY_OK) {
        file->answer.way = &said->way;
        file->done(file->userdata, &file->answer);
        return;
    }
    refuse(file, "bad_file", "%s: %s", file->name,
           outcome == CHILD_OK ? said->way.reason : reasons[outcome]);
}

static void on_opened(struct route_file *file, int result)
{
    const struct orders orders = { .errand = ERRAND_WAY };

    if (result == FOUND)
        result =
            child_start(&file->child, worker_event(file->worker), file->fd, &orders, on_read, file);
    if (result == FOUND_NO_FILE)
        tell_no_file(file);
    else if (result == FOUND_LARGE)
        refuse(file, "bad_file", "%s: it is larger than %d MB", file->name,
               (int)(ROUTE_SIZE >> 20));
    else if (result < 0)
        refuse(file, "unavailable", "%s cannot be read: %s", file->name, strerror(-result));
}

static void on_limit(void *userdata, uint64_t now_usec)
{
    struct route_file *file = userdata;

    snprintf(file->answer.allowed, sizeof(file->answer.allowed), "the same again once it does");
    refuse(file, "unavailable", "The import folder does not answer");
}

static void dispose(struct route_file *file)
{
    file->child = child_free(file->child);
    clock_timer_unref(file->limit);
    closep(&file->fd);
    free(file);
}

static void on_job(void *data, int result)
{
    struct route_file *file = data;

    file->busy = false;
    file->limit = clock_timer_unref(file->limit);
    if (file->dead)
        dispose(file);
    else
        on_opened(file, result);
}

int route_file_read(struct route_file **ret, struct worker *worker, const struct route_where *where,
                    void (*done)(void *userdata, const struct route_answer *answer), void *userdata)
{
    struct route_file *file = calloc(1, sizeof(*file));
    const struct worker_job job = { .run = run_open, .done = on_job, .data = file };
    int r;

    if (!file)
        return -ENOMEM;
    *file = (struct route_file){ .worker = worker, .done = done, .userdata = userdata, .fd = -1 };
    snprintf(file->folder, sizeof(file->folder), "%s", where->folder);
    snprintf(file->runner, sizeof(file->runner), "%s", where->runner);
    snprintf(file->name, sizeof(file->name), "%s", where->name);
    r = clock_timer_new(&file->limit, worker_event(worker), clock_now_usec() + ROUTE_OPEN_USEC,
                        on_limit, file);
    if (r >= 0)
        r = worker_post(worker, &job);
    if (r < 0) {
        dispose(file);
        return r;
    }
    file->busy = true;
    *ret = file;
    return 0;
}

struct route_file *route_file_free(struct route_file *file)
{
    if (!file)
        return NULL;
    file->limit = clock_timer_unref(file->limit);
    if (file->busy)
        file->dead = true;
    else
        dispose(file);
    return NULL;
}
