/* SPDX-License-Identifier: MIT */
/* A folder is one process's at a time, for as long as that lives and no longer. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/state_lock.h"

static char folder[] = "/tmp/strided-lock-XXXXXX";

static int set_up(void **state)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    return rmdir(folder); /* fails if anything was left in it */
}

static void a_folder_is_taken_once(void **state)
{
    int first = -1, second = -1;

    assert_int_equal(state_lock_take(&first, folder), STATE_LOCK_OK);
    assert_int_equal(state_lock_take(&second, folder), STATE_LOCK_E_TAKEN);
    assert_int_equal(second, -1);
    close(first);
    assert_int_equal(state_lock_take(&second, folder), STATE_LOCK_OK);
    close(second);
}

static void a_process_that_was_killed_holds_nothing(void **state)
{
    int ends[2], fd = -1, status;
    char byte;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        byte = state_lock_take(&fd, folder) == STATE_LOCK_OK ? 'y' : 'n';
        if (write(ends[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    assert_int_equal(state_lock_take(&fd, folder), STATE_LOCK_E_TAKEN);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(state_lock_take(&fd, folder), STATE_LOCK_OK);
    close(fd);
    close(ends[0]);
    close(ends[1]);
}

static void a_program_we_start_does_not_hold_it(void **state)
{
    int fd = -1;

    assert_int_equal(state_lock_take(&fd, folder), STATE_LOCK_OK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void a_folder_that_may_not_be_written_is_locked_all_the_same(void **state)
{
    int first = -1, second = -1;

    assert_int_equal(chmod(folder, 0500), 0);
    assert_int_equal(state_lock_take(&first, folder), STATE_LOCK_OK);
    assert_int_equal(state_lock_take(&second, folder), STATE_LOCK_E_TAKEN);
    close(first);
    assert_int_equal(chmod(folder, 0700), 0);
}

static void no_folder_is_told_apart_from_a_taken_one(void **state)
{
    char path[sizeof(folder) + 8];
    int fd = -1;

    snprintf(path, sizeof(path), "%s/none", folder);
    assert_int_equal(state_lock_take(&fd, path), -ENOENT);
    assert_int_equal(state_lock_take(&fd, "/dev/null"), -ENOTDIR);
    assert_int_equal(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_process_that_was_killed_holds_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_program_we_start_does_not_hold_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_may_not_be_written_is_locked_all_the_same,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_folder_is_told_apart_from_a_taken_one, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
