/* SPDX-License-Identifier: MIT */
/* The worker as the rest sees it: order, results, dones on the loop, nothing lost at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "daemon/util.h"
#include "daemon/worker.h"
#include "fake_clock.h"
#include "tests/unit/emulated.h"

#define JOBS 1000

struct fixture {
    sd_event *event;
    struct worker *worker;
    pthread_t loop;
    int ran[2 * JOBS], n_ran; /* written on the thread, read after it */
    int done[2 * JOBS], n_done;
    int stop_at;
    bool wrong_thread;
    sigset_t mask;
    int gate[2], hung_fd; /* a job hangs until something is written to it */
    int changes;
    bool silent;
};

struct job {
    struct fixture *f;
    int number;
    int result;
    bool posts_again;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_return_code(sd_event_new(&f->event), 0);
    assert_return_code(worker_new(&f->worker, f->event), 0);
    f->loop = pthread_self();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    f->worker = worker_free(f->worker);
    sd_event_unref(f->event);
    free(f);
    return 0;
}

static int run_job(void *data)
{
    struct job *job = data;
    job->f->wrong_thread |= pthread_equal(pthread_self(), job->f->loop) != 0;
    job->f->ran[job->f->n_ran++] = job->number;
    return job->result;
}

static void post(struct fixture *f, int number, int result, bool posts_again);

static void job_done(void *data, int result)
{
    struct job *job = data;
    struct fixture *f = job->f;

    assert_true(pthread_equal(pthread_self(), f->loop));
    if (result != -ECANCELED)
        assert_int_equal(result, job->result);
    f->done[f->n_done++] = job->number;
    if (job->posts_again)
        post(f, job->number + JOBS, 0, false);
    if (f->n_done == f->stop_at)
        sd_event_exit(f->event, 0);
    free(job);
}

static void post(struct fixture *f, int number, int result, bool posts_again)
{
    struct job *job = malloc(sizeof(*job));
    assert_non_null(job);
    *job = (struct job){ f, number, result, posts_again };
    assert_return_code(worker_post(f->worker, &(struct worker_job){ run_job, job_done, job }), 0);
}

static void test_jobs_and_dones_keep_their_order(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < JOBS; i++)
        post(f, i, i % 7 == 0 ? -EIO : 0, false);
    f->stop_at = JOBS;
    assert_return_code(sd_event_loop(f->event), 0);
    assert_int_equal(f->n_ran, JOBS);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(f->ran[i], i);
        assert_int_equal(f->done[i], i);
    }
    assert_false(f->wrong_thread);
}

static void test_freeing_runs_what_was_posted_and_what_a_done_posts(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < JOBS; i++)
        post(f, i, 0, true);
    f->worker = worker_free(f->worker); /* the loop never ran */
    assert_int_equal(f->n_ran, 2 * JOBS);
    assert_int_equal(f->n_done, 2 * JOBS);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(f->done[i], i);
    assert_false(f->wrong_thread);
}

static void test_free_of_an_unused_worker_ends(void **state)
{
    struct fixture *f = *state;
    f->worker = worker_free(f->worker);
    assert_null(f->worker);
    assert_null(worker_free(NULL));
}

static int note_mask(void *data)
{
    struct fixture *f = data;
    return -pthread_sigmask(SIG_SETMASK, NULL, &f->mask);
}

static void test_the_thread_takes_no_signal(void **state)
{
    struct fixture *f = *state;
    static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGCHLD, SIGUSR1, SIGALRM };

    assert_return_code(worker_post(f->worker, &(struct worker_job){ note_mask, NULL, f }), 0);
    f->worker = worker_free(f->worker);
    for (size_t i = 0; i < ELEMENTSOF(signals); i++)
        assert_int_equal(sigismember(&f->mask, signals[i]), 1);
    sigset_t mine;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mine), 0);
    assert_int_equal(sigismember(&mine, SIGTERM), 0); /* and ours is as it was */
}

static void test_the_loop_is_known(void **state)
{
    struct fixture *f = *state;
    assert_ptr_equal(worker_event(f->worker), f->event);
}

/* ---- one that hangs ---------------------------------------------------------------------------- */

#define LIMIT_USEC UINT64_C(60000000)

static int hang(void *data)
{
    struct fixture *f = data;
    char byte;

    if (write(f->gate[1], "h", 1) != 1) /* it hangs now */
        return -errno;
    return read(f->hung_fd, &byte, 1) == 1 ? 0 : -EIO;
}

static void count_done(void *data, int result)
{
    struct fixture *f = data;
    f->done[f->n_done++] = result;
}

static void post_that(struct fixture *f, int hang_pipe[2], int (*run)(void *data))
{
    char byte;

    assert_return_code(pipe(f->gate), errno);
    assert_return_code(pipe(hang_pipe), errno);
    f->hung_fd = hang_pipe[0];
    assert_return_code(worker_post(f->worker, &(struct worker_job){ run, count_done, f }), 0);
    assert_int_equal(read(f->gate[0], &byte, 1), 1);
}

static void post_hanging(struct fixture *f, int hang_pipe[2])
{
    post_that(f, hang_pipe, hang);
}

static void close_pipes(struct fixture *f, int hang_pipe[2])
{
    for (int i = 0; i < 2; i++) {
        close(f->gate[i]);
        close(hang_pipe[i]);
    }
}

static void on_change(void *userdata, bool silent)
{
    struct fixture *f = userdata;

    f->changes++;
    f->silent = silent;
    assert_true(worker_is_silent(f->worker) == silent);
}

static void run_loop(struct fixture *f)
{
    while (sd_event_run(f->event, 0) > 0)
        ;
}

static void test_silence_is_told_once_and_its_end_once(void **state)
{
    struct fixture *f = *state;
    int pipe_fds[2];

    assert_return_code(worker_watch(f->worker, LIMIT_USEC, on_change, f), 0);
    fake_clock_advance(10 * LIMIT_USEC); /* nothing is to be done */
    run_loop(f);
    assert_int_equal(f->changes, 0);
    post_hanging(f, pipe_fds);
    fake_clock_advance(LIMIT_USEC / 2);
    assert_return_code(worker_post(f->worker, &(struct worker_job){ note_mask, count_done, f }), 0);
    run_loop(f);
    assert_int_equal(f->changes, 0);
    fake_clock_advance(LIMIT_USEC / 2); /* the second is no answer */
    run_loop(f);
    assert_int_equal(f->changes, 1);
    assert_true(f->silent);
    fake_clock_advance(10 * LIMIT_USEC);
    run_loop(f);
    assert_int_equal(f->changes, 1);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    while (f->n_done < 2)
        assert_return_code(sd_event_run(f->event, UINT64_MAX), 0);
    assert_int_equal(f->changes, 2);
    assert_false(f->silent);
    fake_clock_advance(10 * LIMIT_USEC);
    run_loop(f);
    assert_int_equal(f->changes, 2);
    close_pipes(f, pipe_fds);
}

static int step_and_hang(void *data)
{
    struct fixture *f = data;
    char byte;

    worker_step();
    if (write(f->gate[1], "h", 1) != 1 || read(f->hung_fd, &byte, 1) != 1)
        return -EIO;
    worker_step();
    return hang(data);
}

/* It is long, and not silent while parts of it come back. */
static void test_one_that_gets_on_is_not_silent(void **state)
{
    struct fixture *f = *state;
    int pipe_fds[2];
    char byte;

    worker_step(); /* outside of a job nothing gets on */
    assert_return_code(worker_watch(f->worker, LIMIT_USEC, on_change, f), 0);
    post_that(f, pipe_fds, step_and_hang);
    fake_clock_advance(LIMIT_USEC);
    assert_int_equal(f->changes, 0);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    assert_int_equal(read(f->gate[0], &byte, 1), 1);
    fake_clock_advance(LIMIT_USEC);
    assert_int_equal(f->changes, 0);
    fake_clock_advance(LIMIT_USEC); /* now it hangs */
    assert_int_equal(f->changes, 1);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    while (f->n_done < 1)
        assert_return_code(sd_event_run(f->event, UINT64_MAX), 0);
    assert_false(f->silent);
    close_pipes(f, pipe_fds);
}

static void test_one_that_hangs_is_left(void **state)
{
    struct fixture *f = *state;
    int pipe_fds[2];

    assert_return_code(worker_watch(f->worker, LIMIT_USEC, on_change, f), 0);
    post_hanging(f, pipe_fds);
    assert_return_code(worker_post(f->worker, &(struct worker_job){ run_job, count_done, f }), 0);
    assert_false(worker_leave(f->worker, 1));
    f->worker = NULL;
    assert_int_equal(f->n_ran, 0);
    assert_int_equal(f->n_done, 1); /* the second; of the one that hangs nobody hears */
    assert_int_equal(f->done[0], -ECANCELED);
    assert_int_equal(f->changes, 0);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1); /* it comes back to nobody */
    assert_int_equal(f->n_done, 1);
    /* its pipes and its worker live as long as it does */
}

static void test_one_that_comes_back_in_time_is_done(void **state)
{
    struct fixture *f = *state;
    int pipe_fds[2];

    post_hanging(f, pipe_fds);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    assert_true(worker_leave(f->worker, 60000));
    f->worker = NULL;
    assert_int_equal(f->n_done, 1);
    assert_int_equal(f->done[0], 0);
    close_pipes(f, pipe_fds);
}

static void test_leaving_one_that_is_idle_joins_it(void **state)
{
    struct fixture *f = *state;

    assert_true(worker_leave(f->worker, 0));
    f->worker = NULL;
    assert_true(worker_leave(NULL, 0));
}

static void test_a_done_may_post_while_it_is_left(void **state)
{
    struct fixture *f = *state;

    post(f, 1, 0, true);
    post(f, 2, 0, true);
    while (f->n_done < 1)
        assert_return_code(sd_event_run(f->event, UINT64_MAX), 0);
    assert_true(worker_leave(f->worker, 60000));
    f->worker = NULL;
    assert_int_equal(f->n_done, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_jobs_and_dones_keep_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_freeing_runs_what_was_posted_and_what_a_done_posts,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_free_of_an_unused_worker_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_thread_takes_no_signal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_loop_is_known, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence_is_told_once_and_its_end_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_one_that_gets_on_is_not_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_hangs_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_comes_back_in_time_is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaving_one_that_is_idle_joins_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_done_may_post_while_it_is_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
