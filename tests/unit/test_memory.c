/* SPDX-License-Identifier: MIT */
/* What the process holds, against memory that the test itself takes and gives back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "daemon/memory.h"

#define MIB      1048576.0
#define TAKEN    (64 * 1048576)
#define NEAR_MIB 8.0 /* the kernel counts in batches, and the sanitizers use some themselves */

static void test_it_follows_what_is_taken_and_given_back(void **state)
{
    double rss_bytes, anon_bytes, more_rss_bytes, more_anon_bytes, last_rss_bytes, last_anon_bytes;
    memory_read(&rss_bytes, &anon_bytes);
    assert_true(anon_bytes > 0 && rss_bytes >= anon_bytes);

    void *taken = mmap(NULL, TAKEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(taken, MAP_FAILED);
    memset(taken, 1, TAKEN);
    memory_read(&more_rss_bytes, &more_anon_bytes);
    munmap(taken, TAKEN);
    memory_read(&last_rss_bytes, &last_anon_bytes);

    assert_true(fabs(more_rss_bytes - rss_bytes - TAKEN) < NEAR_MIB * MIB);
    assert_true(fabs(more_anon_bytes - anon_bytes - TAKEN) < NEAR_MIB * MIB);
    assert_true(fabs(last_rss_bytes - rss_bytes) < NEAR_MIB * MIB);
    assert_true(fabs(last_anon_bytes - anon_bytes) < NEAR_MIB * MIB);
}

static void test_what_cannot_be_read_is_not_known(void **state)
{
    struct rlimit before, none;
    double rss_bytes = 1, anon_bytes = 1;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    memory_read(&rss_bytes, &anon_bytes);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(isnan(rss_bytes));
    assert_true(isnan(anon_bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_follows_what_is_taken_and_given_back),
        cmocka_unit_test(test_what_cannot_be_read_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
