/* SPDX-License-Identifier: MIT */
/* A child that never ends by itself is ended, with a word and the status that fits. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "daemon/stop_limit.h"

static void hang(int stderr_fd, bool durable)
{
    dup2(stderr_fd, STDERR_FILENO);
    stop_limit_begin(1);
    stop_limit_begin(1000); /* a second signal to stop gives no more time */
    stop_limit_step("the first part", false);
    stop_limit_step("the second part", durable);
    for (;;)
        pause();
}

static int run_hanging_child(bool durable, char *said, size_t size)
{
    int ends[2], status;
    size_t length = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        hang(ends[1], durable);
    close(ends[1]);
    for (ssize_t n; length < size - 1 && (n = read(ends[0], said + length, size - 1 - length)) > 0;)
        length += (size_t)n;
    said[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void cut_off_says_where_it_was(void **state)
{
    char said[200];

    assert_int_equal(run_hanging_child(false, said, sizeof(said)), 1);
    assert_string_equal(said,
                        "warning: the stop took too long, it is cut off at: the second part\n");
}

static void cut_off_with_all_on_the_disk_is_an_end_in_order(void **state)
{
    char said[200];

    assert_int_equal(run_hanging_child(true, said, sizeof(said)), 0);
    assert_non_null(strstr(said, "the second part"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_off_says_where_it_was),
        cmocka_unit_test(cut_off_with_all_on_the_disk_is_an_end_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
