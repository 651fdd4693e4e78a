/* SPDX-License-Identifier: MIT */
#include "config_fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

struct config_fixture fixture;

char *at(const char *name)
{
    static char path[2][128];
    static int turn;

    turn = !turn;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", fixture.folder, name);
    return path[turn];
}

void put(const char *name, const char *text)
{
    FILE *out = fopen(at(name), "we");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

void load(const char *config_file)
{
    fixture.config = config_free(fixture.config);
    assert_int_equal(config_load(&fixture.config, config_file, fixture.state_dir), 0);
    for (size_t i = 0; i < fixture.config->problems.n; i++)
        print_message("%s:%u %s\n", fixture.config->problems.items[i].file,
                      fixture.config->problems.items[i].line,
                      fixture.config->problems.items[i].text);
}

int config_fixture_set_up(void **state)
{
    strcpy(fixture.folder, "/tmp/strided-config-XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    snprintf(fixture.file, sizeof(fixture.file), "%s/x.conf", fixture.folder);
    snprintf(fixture.state_dir, sizeof(fixture.state_dir), "%s/state", fixture.folder);
    assert_int_equal(mkdir(fixture.state_dir, 0700), 0);
    unsetenv("CREDENTIALS_DIRECTORY");
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

int config_fixture_tear_down(void **state)
{
    fixture.config = config_free(fixture.config);
    return nftw(fixture.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
