/* SPDX-License-Identifier: MIT */
#include "daemon/import/kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "daemon/log.h"
#include "daemon/util.h"
#include "lib/digest.h"

#define HEX    "0123456789abcdef"
#define ENDING ".gz"

struct kept {
    char state_dir[PATH_MAX];
    char runners[CONF_RUNNERS_MAX][CONF_ID_MAX];
    size_t n_runners;
    struct keys known;
    struct kept_file *files;
    size_t n, room, next;
    bool busy, dead; /* the job is posted; freed by its end */
    void (*found)(void *userdata);
    void *userdata;
};

uint64_t kept_key(const char *hash, const char *runner)
{
    return digest_word(digest_word(DIGEST_OF_NOTHING, hash), runner);
}

bool kept_has(void *state_dir, const char *runner, const char *hash)
{
    char path[PATH_MAX + CONF_ID_MAX + sizeof(FOLDER_COPIES) + SHA256_TEXT_MAX + sizeof(ENDING)];

    snprintf(path, sizeof(path), "%s/" FOLDER_COPIES "/%s/%s" ENDING, (const char *)state_dir,
             runner, hash);
    return access(path, F_OK) == 0 || errno != ENOENT;
}

/* ---- on the worker ------------------------------------------------------------------------- */

static bool hash_of(const char *name, char ret[SHA256_TEXT_MAX])
{
    size_t length = strspn(name, HEX);

    if (length != SHA256_TEXT_MAX - 1 || strcmp(name + length, ENDING) != 0)
        return false;
    memcpy(ret, name, length);
    ret[length] = '\0';
    return true;
}

static int note(struct kept *kept, const struct kept_file *file)
{
    if (kept->n == kept->room) {
        size_t room = kept->room ? kept->room * 2 : 64;
        void *grown = reallocarray(kept->files, room, sizeof(*kept->files));
        if (!grown)
            return -ENOMEM;
        kept->files = grown;
        kept->room = room;
    }
    kept->files[kept->n++] = *file;
    return 0;
}

static int look_into(struct kept *kept, const char *runner)
{
    struct kept_file file = { 0 };
    char path[PATH_MAX + CONF_ID_MAX + sizeof(FOLDER_COPIES) + 1];
    int r = 0;

    snprintf(path, sizeof(path), "%s/" FOLDER_COPIES "/%s", kept->state_dir, runner);
    snprintf(file.runner, sizeof(file.runner), "%s", runner);
    _cleanup_closedir_ DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? 0 : -errno;
    (void)unlinkat(dirfd(dir), COPY_NEW, 0); /* none is begun before this has run */
    for (struct dirent *entry; r == 0 && (errno = 0, entry = readdir(dir));)
        if (hash_of(entry->d_name, file.hash) &&
            !keys_has(&kept->known, kept_key(file.hash, runner)))
            r = note(kept, &file);
    return r == 0 ? -errno : r;
}

static int compare(const void *a, const void *b)
{
    const struct kept_file *x = a, *y = b;
    int order = strcmp(x->runner, y->runner);

    return order ? order : strcmp(x->hash, y->hash);
}

static int run(void *data)
{
    struct kept *kept = data;
    int r = 0;

    for (size_t i = 0; i < kept->n_runners; i++) { /* one that cannot be read hides no other */
        int one = look_into(kept, kept->runners[i]);
        r = r == 0 ? one : r;
    }
    if (kept->n > 1)
        qsort(kept->files, kept->n, sizeof(*kept->files), compare);
    return r;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void free_all(struct kept *kept)
{
    keys_free(&kept->known);
    free(kept->files);
    free(kept);
}

static void on_done(void *data, int result)
{
    struct kept *kept = data;

    kept->busy = false;
    if (kept->dead)
        return free_all(kept);
    keys_free(&kept->known);
    if (result < 0)
        log_warning_errno(result, "Not every kept copy of an imported file can be looked at: %m");
    if (kept->n > 0)
        log_notice("The database does not know %zu kept copies of imported files: they are read "
                   "again",
                   kept->n);
    kept->found(kept->userdata);
}

int kept_find(struct kept **ret, struct worker *worker, const char *state_dir,
              const struct conf *conf, const struct keys *known, void (*found)(void *userdata),
              void *userdata)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    struct worker_job job = { .run = run, .done = on_done, .data = kept };
    int r;

    if (!kept)
        return -ENOMEM;
    snprintf(kept->state_dir, sizeof(kept->state_dir), "%s", state_dir);
    for (size_t i = 0; i < conf->n_runners; i++)
        memcpy(kept->runners[i], conf->runners[i].id, sizeof(kept->runners[i]));
    kept->n_runners = conf->n_runners;
    kept->found = found;
    kept->userdata = userdata;
    r = keys_copy(&kept->known, known);
    if (r >= 0)
        r = worker_post(worker, &job);
    if (r < 0) {
        free_all(kept);
        return r;
    }
    kept->busy = true;
    *ret = kept;
    return 0;
}

size_t kept_left(const struct kept *kept)
{
    return kept && !kept->busy ? kept->n - kept->next : 0;
}

bool kept_take(struct kept *kept, struct kept_file *ret)
{
    if (kept_left(kept) == 0)
        return false;
    *ret = kept->files[kept->next++];
    return true;
}

void kept_put_back(struct kept *kept)
{
    if (kept && kept->next > 0)
        kept->next--;
}

struct kept *kept_free(struct kept *kept)
{
    if (!kept)
        return NULL;
    if (kept->busy)
        kept->dead = true;
    else
        free_all(kept);
    return NULL;
}
