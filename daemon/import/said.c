/* SPDX-License-Identifier: MIT */
#include "daemon/import/said.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/import/folder.h"
#include "daemon/import/slip.h"
#include "daemon/import/stamp.h"
#include "daemon/listing.h"
#include "daemon/mtime.h"
#include "daemon/util.h"

#define NAME_BYTES (SHA256_TEXT_MAX + 16)
#define ID_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+:"
#define NEW_NAME   "discarded.new"

const struct said_session *said_of(const struct said *said, const char *id)
{
    for (size_t i = 0; i < said->n_discarded; i++)
        if (strcmp(said->discarded[i].id, id) == 0)
            return &said->discarded[i];
    return NULL;
}

void said_words(const struct said *said, char *ret, size_t size)
{
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < said->n_discarded && size - length > SESSION_ID_MAX + 48; i++) {
        const struct said_session *session = &said->discarded[i];
        char day[24] = "";

        if (session->at_usec)
            stamp_format(session->at_usec, " on %Y-%m-%d", day, sizeof(day));
        length += (size_t)snprintf(ret + length, size - length, "%sits session %s was discarded%s",
                                   i ? ", " : "", session->id, day);
    }
}

/* ---- on the worker: read ----------------------------------------------------------------------- */

static int open_all(const char *state_dir)
{
    _cleanup_close_ int state_fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return state_fd < 0 ? -errno : folder_open_own(state_fd, FOLDER_COPIES);
}

static void note(struct said *said, const char *line)
{
    struct said_session session = { 0 };
    char after;

    _Static_assert(SESSION_ID_MAX == 64, "63 bytes of an id");
    if (said->n_discarded < ACTIVITY_PARTS_MAX &&
        sscanf(line, "%63s %" SCNd64 "%c", session.id, &session.at_usec, &after) == 2 &&
        session.id[strspn(session.id, ID_LETTERS)] == '\0' && session.at_usec >= 0 &&
        !said_of(said, session.id))
        said->discarded[said->n_discarded++] = session;
}

static int read_slip(struct slip *ret, int all_fd, const char *hash)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof(name), "%s.discarded", hash);
    return slip_read(ret, all_fd, name);
}

static void note_lines(struct said *said, const struct slip *slip)
{
    char text[SLIP_TEXT_MAX + 1], *rest = text, *line;

    slip_text(slip, text);
    while ((line = strsep(&rest, "\n")))
        note(said, line);
}

/* When the copy was made; 0: there is none. */
static int64_t copy_usec(int all_fd, const char *runner, const char *hash)
{
    char path[NAME_MAX + NAME_BYTES];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s.gz", runner, hash);
    if (fstatat(all_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
        return 0;
    return st.st_mtim.tv_sec > 0 ? mtime_nsec(&st) / 1000 : 1;
}

static bool has_copy(int all_fd, const char *runner, const char *hash)
{
    return copy_usec(all_fd, runner, hash) != 0;
}

static bool is_deleted(int all_fd, const char *hash)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof(name), "%s.deleted", hash);
    return faccessat(all_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int read_keeper(struct said *said, int all_fd, const char *hash, const char *owner)
{
    _cleanup_closedir_ DIR *dir = NULL;
    int r = listing_open(all_fd, &dir);

    if (r < 0)
        return r;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0)
        if (entry->d_name[0] != '.' && strlen(entry->d_name) < sizeof(said->keeper) &&
            strcmp(entry->d_name, owner) != 0 && has_copy(all_fd, entry->d_name, hash))
            strcpy(said->keeper, entry->d_name);
    return -errno;
}

void said_read(struct said *ret, const char *state_dir, const char *hash, const char *owner)
{
    _cleanup_close_ int all_fd = open_all(state_dir);
    struct slip slip;
    int r;

    *ret = (struct said){ .error = all_fd < 0 ? all_fd : 0 };
    if (all_fd < 0)
        return;
    ret->error = read_slip(&slip, all_fd, hash);
    if (ret->error == 0)
        note_lines(ret, &slip);
    r = read_keeper(ret, all_fd, hash, owner);
    if (ret->error == 0)
        ret->error = r;
    ret->kept_usec = copy_usec(all_fd, owner, hash);
    ret->deleted = is_deleted(all_fd, hash);
}

/* ---- on the worker: write ---------------------------------------------------------------------- */

struct saying {
    char state_dir[PATH_MAX], hash[SHA256_TEXT_MAX];
    struct said_session session;
    char from[CONF_ID_MAX], to[CONF_ID_MAX];
    void (*done)(void *userdata, int result);
    void *userdata;
};

static int add_line(struct slip *slip, const struct said_session *session)
{
    char line[SESSION_ID_MAX + 32];

    snprintf(line, sizeof(line), "%s %" PRId64 "\n", session->id, session->at_usec);
    return slip_add(slip, line);
}

static int write_anew(int all_fd, const char *hash, const struct slip *slip)
{
    char name[NAME_BYTES];
    int r;

    snprintf(name, sizeof(name), "%s.discarded", hash);
    r = slip_write(slip, all_fd, name, NEW_NAME);
    return r < 0 ? r : fsync(all_fd) < 0 ? -errno : 0;
}

static int run_discard(void *data)
{
    const struct saying *saying = data;
    struct said said = { 0 };
    struct slip slip;
    _cleanup_close_ int all_fd = open_all(saying->state_dir);
    int r = all_fd < 0 ? all_fd : read_slip(&slip, all_fd, saying->hash);

    if (r < 0)
        return r;
    note_lines(&said, &slip);
    if (said_of(&said, saying->session.id)) /* but perhaps only just, and not on the disk */
        return fsync(all_fd) < 0 ? -errno : 0;
    if (said.n_discarded == ACTIVITY_PARTS_MAX)
        return -ENOSPC;
    r = add_line(&slip, &saying->session);
    return r < 0 ? r : write_anew(all_fd, saying->hash, &slip);
}

/* Its line alone goes; what nobody understands stays. */
static int drop_line(const struct slip *slip, const char *id, struct slip *ret)
{
    char text[SLIP_TEXT_MAX + 1], with_end[SLIP_TEXT_MAX + 2], *rest = text, *line;
    size_t length = strlen(id);
    int r = 0;

    ret->length = 0;
    slip_text(slip, text);
    while (r == 0 && (line = strsep(&rest, "\n"))) {
        if (!*line || (strncmp(line, id, length) == 0 && line[length] == ' '))
            continue;
        snprintf(with_end, sizeof(with_end), "%s\n", line);
        r = slip_add(ret, with_end);
    }
    return r;
}

static int run_restore(void *data)
{
    const struct saying *saying = data;
    struct slip slip, rest;
    _cleanup_close_ int all_fd = open_all(saying->state_dir);
    int r = all_fd < 0 ? all_fd : read_slip(&slip, all_fd, saying->hash);

    if (r == 0)
        r = drop_line(&slip, saying->session.id, &rest);
    return r < 0 || rest.length == slip.length ? r : write_anew(all_fd, saying->hash, &rest);
}

static int run_give(void *data)
{
    const struct saying *saying = data;
    char name[NAME_BYTES];
    _cleanup_close_ int all_fd = open_all(saying->state_dir);
    _cleanup_close_ int from_fd = all_fd < 0 ? -1 : folder_open_own(all_fd, saying->from);
    _cleanup_close_ int to_fd = all_fd < 0 ? -1 : folder_open_own(all_fd, saying->to);

    if (all_fd < 0 || from_fd < 0 || to_fd < 0)
        return all_fd < 0 ? all_fd : from_fd < 0 ? from_fd : to_fd;
    snprintf(name, sizeof(name), "%s.gz", saying->hash);
    if (renameat(from_fd, name, to_fd, name) < 0) { /* of two copies none stays behind */
        int r = -errno;
        if (r != -ENOENT || !has_copy(all_fd, saying->to, saying->hash))
            return r; /* else it went before, and is perhaps not on the disk */
    }
    return fsync(to_fd) < 0 || fsync(from_fd) < 0 ? -errno : 0;
}

/* ---- on the loop ------------------------------------------------------------------------------- */

static void on_said(void *data, int result)
{
    struct saying *saying = data;

    saying->done(saying->userdata, result);
    free(saying);
}

static int post(struct worker *worker, const struct saying *what, int (*run)(void *data))
{
    struct saying *saying = malloc(sizeof(*saying));
    int r;

    if (!saying)
        return -ENOMEM;
    *saying = *what;
    r = worker_post(worker, &(struct worker_job){ run, on_said, saying });
    if (r < 0)
        free(saying);
    return r;
}

int said_discard(struct worker *worker, const char *state_dir, const char *hash,
                 const struct said_session *session, void (*done)(void *userdata, int result),
                 void *userdata)
{
    struct saying saying = { .session = *session, .done = done, .userdata = userdata };

    snprintf(saying.state_dir, sizeof(saying.state_dir), "%s", state_dir);
    snprintf(saying.hash, sizeof(saying.hash), "%s", hash);
    return post(worker, &saying, run_discard);
}

int said_restore(struct worker *worker, const char *state_dir, const char *hash, const char *id,
                 void (*done)(void *userdata, int result), void *userdata)
{
    struct saying saying = { .done = done, .userdata = userdata };

    snprintf(saying.session.id, sizeof(saying.session.id), "%s", id);
    snprintf(saying.state_dir, sizeof(saying.state_dir), "%s", state_dir);
    snprintf(saying.hash, sizeof(saying.hash), "%s", hash);
    return post(worker, &saying, run_restore);
}

int said_give(struct worker *worker, const char *state_dir, const char *hash, const char *from,
              const char *to, void (*done)(void *userdata, int result), void *userdata)
{
    struct saying saying = { .done = done, .userdata = userdata };

    snprintf(saying.state_dir, sizeof(saying.state_dir), "%s", state_dir);
    snprintf(saying.hash, sizeof(saying.hash), "%s", hash);
    snprintf(saying.from, sizeof(saying.from), "%s", from);
    snprintf(saying.to, sizeof(saying.to), "%s", to);
    return post(worker, &saying, run_give);
}
