/* SPDX-License-Identifier: MIT */
/* Log lines on a pipe in stderr's place, and fields as they would reach the journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "daemon/log.h"
#include "daemon/util.h"

static char sent[8][256];
static int n_sent, journal_result;
int __wrap_sd_journal_sendv(const struct iovec *iov, int n);

int __wrap_sd_journal_sendv(const struct iovec *iov, int n)
{
    n_sent = 0;
    for (int i = 0; i < n && i < 8; i++)
        snprintf(sent[n_sent++], sizeof(sent[0]), "%.*s", (int)iov[i].iov_len,
                 (const char *)iov[i].iov_base);
    return journal_result;
}

struct fixture {
    int saved, reader;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    int fds[2];

    assert_non_null(f);
    assert_return_code(pipe2(fds, O_CLOEXEC), 0);
    assert_return_code(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    f->saved = dup(STDERR_FILENO);
    assert_return_code(dup2(fds[1], STDERR_FILENO), 0);
    close(fds[1]);
    f->reader = fds[0];
    n_sent = journal_result = 0;
    unsetenv("JOURNAL_STREAM");
    log_set_max_level(LOG_INFO);
    log_init();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    dup2(f->saved, STDERR_FILENO);
    close(f->saved);
    if (f->reader >= 0)
        close(f->reader);
    unsetenv("JOURNAL_STREAM");
    log_init();
    free(f);
    return 0;
}

static const char *read_line(struct fixture *f)
{
    static char text[8192];
    ssize_t n = read(f->reader, text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void test_a_level_is_a_word(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int level;
        const char *line;
    } rows[] = {
        { LOG_EMERG, "emergency: x 1\n" },
        { LOG_ALERT, "alert: x 1\n" },
        { LOG_CRIT, "critical: x 1\n" },
        { LOG_ERR, "error: x 1\n" },
        { LOG_WARNING, "warning: x 1\n" },
        { LOG_NOTICE, "notice: x 1\n" },
        { LOG_INFO, "info: x 1\n" },
        { LOG_DEBUG, "" },
        { -1, "" },
        { LOG_DEBUG + 1, "" },
    };
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        log_full(rows[i].level, NULL, "x %d", 1);
        assert_string_equal(read_line(f), rows[i].line);
    }
    log_set_max_level(LOG_DEBUG);
    log_debug("now");
    assert_string_equal(read_line(f), "debug: now\n");
}

static void test_errno_is_said_and_kept(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(log_error_errno(-ENOSPC, "Failed: %m"), -ENOSPC);
    assert_string_equal(read_line(f), "error: Failed: No space left on device\n");
    assert_int_equal(log_warning_errno(EIO, "Failed: %m"), -EIO);
    errno = EXDEV;
    log_info("fine");
    assert_int_equal(errno, EXDEV);
}

static void test_control_characters_make_no_second_line(void **state)
{
    struct fixture *f = *state;
    log_info("name '%s'", "a\nerror: forged\x1b[31m");
    assert_string_equal(strchr(read_line(f), '\n'), "\n");
}

static void test_a_long_line_is_cut_and_says_so(void **state)
{
    struct fixture *f = *state;
    char text[5000];

    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_info("%s", text);
    const char *line = read_line(f);
    assert_in_range(strlen(line), 1000, 4096);
    assert_string_equal(line + strlen(line) - 4, "...\n");
}

static void test_a_full_pipe_is_not_waited_for_and_the_loss_is_told(void **state)
{
    struct fixture *f = *state;
    char all[1 << 17];

    assert_true(fcntl(f->reader, F_SETPIPE_SZ, 16384) >= 16384);
    for (int i = 0; i < 5000; i++) /* hangs here if a line waits */
        log_info("line %d", i);
    while (read(f->reader, all, sizeof(all)) > 0)
        ;
    log_info("room again");
    const char *text = read_line(f);
    unsigned lost = 0;
    assert_int_equal(sscanf(text, "warning: %u log lines could not be written", &lost), 1);
    assert_in_range(lost, 1000, 4999);
    assert_non_null(strstr(text, "\ninfo: room again\n"));
}

static void test_a_closed_reader_ends_nothing(void **state)
{
    struct fixture *f = *state;
    close(f->reader);
    f->reader = -1;
    errno = 0;
    log_error("nobody hears this"); /* SIGPIPE would end us */
    assert_int_equal(errno, 0);
    dup2(f->saved, STDERR_FILENO);
    log_error("told"); /* clears the count of lost lines */
}

static void pretend_journal(void)
{
    struct stat st;
    char stream[64];

    assert_return_code(fstat(STDERR_FILENO, &st), 0);
    snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init();
}

static void test_the_journal_gets_fields(void **state)
{
    struct fixture *f = *state;
    static const char *const fields[] = { "SENSOR=pod", "STATE=streaming", NULL };

    pretend_journal();
    log_full(LOG_NOTICE, fields, "sensor %s", "pod");
    assert_string_equal(read_line(f), "");
    assert_int_equal(n_sent, 4);
    assert_string_equal(sent[0], "MESSAGE=sensor pod");
    assert_string_equal(sent[1], "PRIORITY=5");
    assert_string_equal(sent[2], "SENSOR=pod");
    assert_string_equal(sent[3], "STATE=streaming");
}

static void test_a_journal_that_fails_falls_back_to_stderr(void **state)
{
    struct fixture *f = *state;
    pretend_journal();
    journal_result = -ECONNREFUSED;
    log_info("heard");
    assert_string_equal(read_line(f), "info: heard\n");
}

static void test_a_stderr_that_is_no_journal_gets_text(void **state)
{
    struct fixture *f = *state;
    static const char *const streams[] = { "1:1", "", ":", "1:", "x:y", "18446744073709551616:1" };

    for (size_t i = 0; i < ELEMENTSOF(streams); i++) {
        setenv("JOURNAL_STREAM", streams[i], 1); /* inherited from somebody else */
        log_init();
        log_info("text");
        assert_string_equal(read_line(f), "info: text\n");
    }
}

static void test_closed_standard_files_are_occupied(void **state)
{
    (void)state;
    int saved = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    log_init();
    assert_return_code(fcntl(STDIN_FILENO, F_GETFD), 0);
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_level_is_a_word, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errno_is_said_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_control_characters_make_no_second_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_long_line_is_cut_and_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_pipe_is_not_waited_for_and_the_loss_is_told,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_closed_reader_ends_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_journal_gets_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_journal_that_fails_falls_back_to_stderr, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_stderr_that_is_no_journal_gets_text, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_closed_standard_files_are_occupied, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
