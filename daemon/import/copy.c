/* SPDX-License-Identifier: MIT */
/*
 * In slices: each is read on the folder's worker, which may hang, and written on the disk's, where behind
 * each of them what else waits for the disk has its turn: so a large file holds up no recording's sync and
 * no commit for longer than a slice takes. A file that is gzip already is kept as it is.
 *
 *   folder's: read a slice --> disk's: pack it --+
 *        ^                                       |
 *        +---------------------------------------+
 */
#include "daemon/import/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "daemon/import/packer.h"
#include "daemon/import/proof.h"
#include "daemon/mtime.h"
#include "daemon/readfile.h"
#include "daemon/util.h"

#define SLICE_BYTES (256 * 1024)
#define NAME_BYTES  (SHA256_TEXT_MAX + 3)

struct copy {
    struct worker *worker, *folder_worker; /* borrowed; of a kept copy there is no folder */
    char state_dir[PATH_MAX], owner[CONF_ID_MAX], path[CONF_TEXT_MAX];
    struct folder_file file;
    void (*done)(void *userdata, int result);
    void *userdata;
    bool busy, dead; /* a job is posted; freed by its end */
    bool reading;    /* the folder's worker has it */
    bool kept;

    /* that worker's while busy */
    int folder_fd, in_fd, out_fd;
    bool whole;
    int own_error;
    int64_t read_bytes;
    struct sha256 sha;
    struct proof *proof; /* of one that is opened again */
    struct packer packer;
    char hash[SHA256_TEXT_MAX];
    struct said said;
    struct days days, new_days; /* new: to be written */
    size_t length;              /* of what is in */
    uint8_t in[SLICE_BYTES];
};

static void kept_name(const struct copy *copy, char ret[NAME_BYTES])
{
    snprintf(ret, NAME_BYTES, "%s.gz", copy->hash);
}

static int own(struct copy *copy, int error)
{
    copy->own_error = error;
    return COPY_E_DISK;
}

/* ---- on the folder's worker ----------------------------------------------------------------- */

static bool is_as_seen(const struct copy *copy, const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_size == copy->file.size &&
           mtime_nsec(st) == copy->file.mtime_nsec;
}

static int open_file(struct copy *copy)
{
    const char *name;
    struct stat st;
    _cleanup_close_ int folder_fd = folder_open_of(copy->path, &copy->file, &name);

    if (folder_fd < 0)
        return folder_fd;
    copy->in_fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (copy->in_fd < 0 || fstat(copy->in_fd, &st) < 0)
        return -errno;
    if (!is_as_seen(copy, &st))
        return COPY_E_CHANGED;
    return st.st_size > COPY_SIZE_MAX ? COPY_E_LARGE : 0;
}

static int check_end(const struct copy *copy)
{
    struct stat st;

    if (fstat(copy->in_fd, &st) < 0)
        return -errno;
    return is_as_seen(copy, &st) && copy->read_bytes == copy->file.size ? 0 : COPY_E_CHANGED;
}

static int read_slice(struct copy *copy)
{
    int r = read_up_to(copy->in_fd, copy->in, sizeof(copy->in), &copy->length);

    if (r != 0)
        return r;
    copy->read_bytes += (int64_t)copy->length;
    if (copy->read_bytes > copy->file.size)
        return COPY_E_CHANGED; /* it grows */
    copy->whole = copy->length < sizeof(copy->in);
    return copy->whole ? check_end(copy) : 0;
}

/* Closed here too: that may hang as well. */
static int run_read(void *data)
{
    struct copy *copy = data;
    int r = copy->in_fd < 0 ? open_file(copy) : 0;

    if (r == 0)
        r = read_slice(copy);
    if (r != 0 || copy->whole)
        closep(&copy->in_fd);
    return r;
}

/* ---- on the disk's worker ------------------------------------------------------------------- */

static int open_own_folder(struct copy *copy)
{
    _cleanup_close_ int state_fd = open(copy->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state_fd < 0)
        return own(copy, -errno);
    _cleanup_close_ int all_fd = folder_open_own(state_fd, FOLDER_COPIES);
    if (all_fd < 0)
        return own(copy, all_fd);
    copy->folder_fd = folder_open_own(all_fd, copy->owner);
    return copy->folder_fd < 0 ? own(copy, copy->folder_fd) : 0;
}

/* Some file systems cannot tell. */
static int64_t free_bytes(const struct statvfs *st)
{
    return st->f_blocks == 0 ? INT64_MAX : (int64_t)((uint64_t)st->f_bavail * st->f_frsize);
}

/* For all of it, however much less it is when it is packed: else it would be begun again and again. */
static int check_room(struct copy *copy)
{
    struct statvfs st;

    if (fstatvfs(copy->folder_fd, &st) < 0)
        return own(copy, -errno);
    if (free_bytes(&st) < COPY_RESERVE)
        return own(copy, -ENOSPC);
    return free_bytes(&st) - COPY_RESERVE < copy->file.size ? COPY_E_ROOM : 0;
}

/* What others write meanwhile is no reason to end, unless it is much. */
static int check_rest(struct copy *copy)
{
    struct statvfs st;

    return fstatvfs(copy->folder_fd, &st) == 0 && free_bytes(&st) < COPY_RESERVE / 2 ? COPY_E_ROOM
                                                                                     : 0;
}

static int open_copy(struct copy *copy)
{
    int r = open_own_folder(copy);

    if (r != 0)
        return r;
    (void)unlinkat(copy->folder_fd, COPY_NEW, 0); /* what a killed process left takes room, too */
    r = check_room(copy);
    if (r != 0)
        return r;
    copy->out_fd = openat(copy->folder_fd, COPY_NEW,
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (copy->out_fd < 0)
        return own(copy, -errno);
    packer_init(&copy->packer, copy->out_fd);
    return 0;
}

static void read_beside(struct copy *copy)
{
    said_read(&copy->said, copy->state_dir, copy->hash, copy->owner);
    days_read(&copy->days, copy->folder_fd, copy->hash);
}

static int finish(struct copy *copy)
{
    uint8_t hash[SHA256_BYTES];

    sha256_end(&copy->sha, hash);
    sha256_text(hash, copy->hash);
    read_beside(copy);
    return 0;
}

/* The first bytes of any file would not fit either, or others would. */
static int refuse_bytes(struct copy *copy, int error)
{
    bool first = copy->read_bytes == (int64_t)copy->length;

    return !first && (error == -ENOSPC || error == -EDQUOT) ? COPY_E_ROOM : own(copy, error);
}

static int run_pack(void *data)
{
    struct copy *copy = data;
    int r = copy->out_fd < 0 ? open_copy(copy) : check_rest(copy);

    if (r != 0)
        return r;
    sha256_add(&copy->sha, copy->in, copy->length);
    r = packer_add(&copy->packer, copy->in, copy->length, copy->whole);
    if (r < 0)
        return refuse_bytes(copy, r);
    return copy->whole ? finish(copy) : 0;
}

static int run_proof(void *data)
{
    struct copy *copy = data;
    int r = 0;

    if (copy->in_fd < 0) {
        r = open_own_folder(copy);
        copy->in_fd = r == 0 ? copy_open(copy) : -1;
        if (r == 0 && copy->in_fd < 0)
            return copy->in_fd;
    }
    if (r == 0)
        r = read_up_to(copy->in_fd, copy->in, sizeof(copy->in), &copy->length);
    if (r != 0)
        return r;
    proof_feed(copy->proof, copy->in, copy->length);
    copy->whole = copy->length < sizeof(copy->in);
    if (!copy->whole)
        return 0;
    if (!proof_end(copy->proof, copy->hash))
        return COPY_E_DAMAGED;
    read_beside(copy);
    return 0;
}

/* Before the copy, which no start is to find without them. */
static int keep_days(struct copy *copy)
{
    int r = copy->new_days.n > 0 ? days_write(&copy->new_days, copy->folder_fd, copy->hash) : 0;

    if (r < 0)
        return own(copy, r);
    return copy->kept && copy->new_days.n > 0 && fsync(copy->folder_fd) < 0 ? own(copy, -errno) : 0;
}

static int run_keep(void *data)
{
    struct copy *copy = data;
    char name[NAME_BYTES];

    int result = keep_days(copy);
    if (result != 0)
        return result;
    kept_name(copy, name);
    int r = faccessat(copy->folder_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? COPY_AGAIN : COPY_OK;
    if (copy->kept)
        return COPY_AGAIN;
    if (fsync(copy->out_fd) < 0 || renameat(copy->folder_fd, COPY_NEW, copy->folder_fd, name) < 0 ||
        fsync(copy->folder_fd) < 0)
        return own(copy, -errno);
    copy->kept = true;
    return r;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static int run_close(void *data)
{
    close(*(int *)data);
    return 0;
}

static void on_closed(void *data, int result)
{
    free(data);
}

/* One that was given up in its midst. A descriptor that nobody can close is the process's to its end. */
static void close_abroad(struct copy *copy)
{
    int *fd = copy->in_fd < 0 ? NULL : malloc(sizeof(*fd));
    struct worker_job job = { .run = run_close, .done = on_closed, .data = fd };

    if (!fd)
        return;
    *fd = copy->in_fd;
    if (worker_post(copy->folder_worker, &job) < 0)
        free(fd);
}

static void close_all(struct copy *copy)
{
    packer_done(&copy->packer);
    if (copy->out_fd >= 0 && !copy->kept)
        (void)unlinkat(copy->folder_fd, COPY_NEW, 0);
    if (copy->folder_worker)
        close_abroad(copy);
    else
        closep(&copy->in_fd);
    if (copy->proof)
        gunzip_done(&copy->proof->gunzip);
    free(copy->proof);
    closep(&copy->out_fd);
    closep(&copy->folder_fd);
    free(copy);
}

static void on_done(void *data, int result)
{
    struct copy *copy = data;

    copy->busy = false;
    if (copy->dead)
        close_all(copy);
    else
        copy->done(copy->userdata, result);
}

static int post(struct copy *copy, struct worker *worker, int (*run)(void *data),
                void (*done)(void *data, int result))
{
    struct worker_job job = { .run = run, .done = done, .data = copy };
    int r = worker_post(worker, &job);

    copy->busy = r >= 0;
    copy->reading = copy->busy && run == run_read;
    return r;
}

/* Of a kept copy. */
static void on_proof(void *data, int result)
{
    struct copy *copy = data;

    if (result == 0 && !copy->whole && !copy->dead) {
        result = post(copy, copy->worker, run_proof, on_proof);
        if (result >= 0)
            return;
    }
    on_done(copy, result);
}

static void on_read(void *data, int result);

static void on_packed(void *data, int result)
{
    struct copy *copy = data;

    if (result == 0 && !copy->whole && !copy->dead) {
        result = worker_is_silent(copy->folder_worker)
                     ? COPY_E_CHANGED /* it is looked for again when there is an answer */
                     : post(copy, copy->folder_worker, run_read, on_read);
        if (result == 0)
            return;
    }
    on_done(copy, result);
}

static void on_read(void *data, int result)
{
    struct copy *copy = data;

    copy->reading = false;
    if (result == 0 && !copy->dead) {
        result = post(copy, copy->worker, run_pack, on_packed);
        if (result >= 0)
            return;
    }
    on_done(copy, result);
}

static struct copy *new_copy(struct worker *worker, const char *state_dir, const char *owner,
                             void (*done)(void *userdata, int result), void *userdata)
{
    struct copy *copy = calloc(1, sizeof(*copy));

    if (!copy)
        return NULL;
    copy->worker = worker;
    copy->done = done;
    copy->userdata = userdata;
    copy->in_fd = copy->out_fd = copy->folder_fd = -1;
    snprintf(copy->state_dir, sizeof(copy->state_dir), "%s", state_dir);
    snprintf(copy->owner, sizeof(copy->owner), "%s", owner);
    return copy;
}

static int begun(struct copy **ret, struct copy *copy, int r)
{
    if (r < 0)
        close_all(copy);
    else
        *ret = copy;
    return r;
}

int copy_begin(struct copy **ret, const struct copy_workers *workers, const char *state_dir,
               const char *owner, const char *path, const struct folder_file *file,
               void (*done)(void *userdata, int result), void *userdata)
{
    struct copy *copy = new_copy(workers->disk, state_dir, owner, done, userdata);

    if (!copy)
        return -ENOMEM;
    copy->folder_worker = workers->folder;
    copy->file = *file;
    snprintf(copy->path, sizeof(copy->path), "%s", path);
    sha256_init(&copy->sha);
    return begun(ret, copy, post(copy, copy->folder_worker, run_read, on_read));
}

int copy_reopen(struct copy **ret, struct worker *worker, const char *state_dir, const char *owner,
                const char *hash, void (*done)(void *userdata, int result), void *userdata)
{
    struct copy *copy = new_copy(worker, state_dir, owner, done, userdata);

    if (!copy)
        return -ENOMEM;
    copy->kept = true;
    snprintf(copy->hash, sizeof(copy->hash), "%s", hash);
    copy->proof = calloc(1, sizeof(*copy->proof));
    if (!copy->proof)
        return begun(ret, copy, -ENOMEM);
    proof_init(copy->proof, COPY_SIZE_MAX);
    return begun(ret, copy, post(copy, worker, run_proof, on_proof));
}

bool copy_is_reading(const struct copy *copy)
{
    return copy && copy->reading;
}

const char *copy_hash(const struct copy *copy)
{
    return copy->hash;
}

const struct said *copy_said(const struct copy *copy)
{
    return &copy->said;
}

const struct days *copy_days(const struct copy *copy)
{
    return &copy->days;
}

int copy_unread(const struct copy *copy, char ret[COPY_UNREAD_MAX])
{
    if (copy->said.error < 0)
        snprintf(ret, COPY_UNREAD_MAX, "%s.discarded", copy->hash);
    else
        snprintf(ret, COPY_UNREAD_MAX, "%s/%s" DAYS_ENDING, copy->owner, copy->hash);
    return copy->said.error < 0 ? copy->said.error : copy->days.error;
}

int copy_error(const struct copy *copy)
{
    return copy->own_error;
}

int copy_open(const struct copy *copy)
{
    char name[NAME_BYTES] = COPY_NEW;

    if (copy->kept)
        kept_name(copy, name);
    int fd = openat(copy->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int copy_keep(struct copy *copy, const struct days *days, void (*done)(void *userdata, int result),
              void *userdata)
{
    if (days)
        copy->new_days = *days;
    copy->done = done;
    copy->userdata = userdata;
    return post(copy, copy->worker, run_keep, on_done);
}

struct copy *copy_free(struct copy *copy)
{
    if (!copy)
        return NULL;
    if (copy->busy)
        copy->dead = true;
    else
        close_all(copy);
    return NULL;
}
