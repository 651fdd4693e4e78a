/* SPDX-License-Identifier: MIT */
#include "disk_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/util.h"

void disk_fixture_init(struct disk_fixture *f)
{
    snprintf(f->dir, sizeof(f->dir), "/tmp/strided-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_return_code(sd_event_new(&f->event), 0);
    assert_return_code(worker_new(&f->worker, f->event), 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    return remove(path);
}

void disk_fixture_done(struct disk_fixture *f)
{
    f->worker = worker_free(f->worker);
    f->event = sd_event_unref(f->event);
    assert_int_equal(nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static int run_nothing(void *data)
{
    return 0;
}

static void on_through(void *data, int result)
{
    *(bool *)data = true;
}

static void one_round(struct disk_fixture *f)
{
    bool through = false;
    struct worker_job job = { run_nothing, on_through, &through };

    assert_return_code(worker_post(f->worker, &job), 0);
    while (!through)
        assert_return_code(sd_event_run(f->event, 60 * 1000000ULL), 0);
}

void disk_fixture_settle(struct disk_fixture *f)
{
    for (int i = 0; i < 4; i++) /* a done may post the next job */
        one_round(f);
}

char *disk_path(const struct disk_fixture *f, const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    return path;
}

void disk_write(const struct disk_fixture *f, const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(disk_path(f, name), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

char *disk_read(const struct disk_fixture *f, const char *name, size_t *ret_length)
{
    struct stat st;
    FILE *file = fopen(disk_path(f, name), "re");

    assert_non_null(file);
    assert_return_code(fstat(fileno(file), &st), 0);
    char *bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    size_t n = fread(bytes, 1, (size_t)st.st_size, file);
    bytes[n] = '\0';
    fclose(file);
    *ret_length = n;
    return bytes;
}

int disk_count(const struct disk_fixture *f, const char *pattern)
{
    glob_t found = { 0 };
    int r = glob(disk_path(f, pattern), 0, NULL, &found);
    int n = r == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return n;
}
