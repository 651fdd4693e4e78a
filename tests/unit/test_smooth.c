/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "lib/metrics/smooth.h"
#include "close.h"

#define N 400

/* The same noise on every machine: what fails here fails there. */
static double noise(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed / 4294967296.0 - 0.5;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The definition, on the whole series at once: the largest symmetric window of at most `half`. */
static void centred(const double *in, size_t n, size_t half, int median, double *ret)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = half < i ? half : i, m = 0;
        double w[32], sum = 0;

        k = k < n - 1 - i ? k : n - 1 - i;
        for (size_t j = i - k; j <= i + k; j++) {
            w[m++] = in[j];
            sum += in[j];
        }
        qsort(w, m, sizeof(w[0]), ascending);
        ret[i] = median ? w[m / 2] : sum / (double)m;
    }
}

static size_t stream(struct smooth *smooth, const double *in, size_t n, double *ret)
{
    size_t done = 0;

    for (size_t i = 0; i < n; i++)
        done += smooth_feed(smooth, in[i], ret + done);
    while (smooth_flush(smooth, ret + done))
        done++;
    return done;
}

static void test_a_stream_of_any_length_gives_what_the_whole_series_gives(void **state)
{
    double in[N], medians[N], expected[N], got[N + 1];
    uint32_t seed = 7;

    for (size_t n = 1; n <= N; n = n < 40 ? n + 1 : n * 2) {
        struct smooth smooth;

        for (size_t i = 0; i < n; i++)
            in[i] = 100 + sin((double)i / 20) * 8 + noise(&seed) * (i % 37 == 0 ? 40 : 1);
        centred(in, n, 2, 1, medians);
        centred(medians, n, 7, 0, expected);
        smooth_init_final(&smooth);
        assert_int_equal(stream(&smooth, in, n, got), n);
        for (size_t i = 0; i < n; i++)
            assert_close(got[i], expected[i], 1e-9);
    }
}

static void test_a_straight_slope_stays_as_it_is_from_end_to_end(void **state)
{
    double in[60], got[61];
    struct smooth smooth;

    for (size_t i = 0; i < 60; i++)
        in[i] = 200 - 0.3 * (double)i;
    in[20] = in[33] = NAN; /* holes lean the windows beside them to no side */
    smooth_init_final(&smooth);
    assert_int_equal(stream(&smooth, in, 60, got), 60);
    for (size_t i = 0; i < 60; i++) {
        if (isnan(in[i]))
            assert_true(isnan(got[i]));
        else
            assert_close(got[i], in[i], 1e-9);
    }
}

static void test_a_spike_is_gone(void **state)
{
    double in[60], got[61];
    struct smooth smooth;

    for (size_t i = 0; i < 60; i++)
        in[i] = 50;
    in[30] = 900;
    in[31] = -900;
    smooth_init_final(&smooth);
    stream(&smooth, in, 60, got);
    for (size_t i = 0; i < 60; i++)
        assert_close(got[i], 50, 0);
}

static void test_a_hole_comes_out_as_a_hole_and_parts_the_series(void **state)
{
    double in[90], parts[90], medians[90], expected[90], got[91];
    struct smooth smooth;
    uint32_t seed = 3;

    for (size_t i = 0; i < 90; i++)
        in[i] = i >= 40 && i < 60 ? NAN : noise(&seed);
    in[45] = INFINITY;
    centred(in, 40, 2, 1, medians);
    centred(medians, 40, 7, 0, parts);
    centred(in + 60, 30, 2, 1, medians);
    centred(medians, 30, 7, 0, parts + 60);
    for (size_t i = 0; i < 90; i++)
        expected[i] = i >= 40 && i < 60 ? NAN : parts[i];
    smooth_init_final(&smooth);
    assert_int_equal(stream(&smooth, in, 90, got), 90);
    for (size_t i = 0; i < 90; i++) {
        if (isnan(expected[i]))
            assert_true(isnan(got[i]));
        else
            assert_close(got[i], expected[i], 1e-9);
    }
}

static void test_nothing_comes_before_its_time_and_nothing_after_the_end(void **state)
{
    struct smooth smooth;
    double got = -1;

    smooth_init_final(&smooth);
    assert_false(smooth_flush(&smooth, &got)); /* nothing came */
    for (int i = 0; i < SMOOTH_DELAY; i++)
        assert_false(smooth_feed(&smooth, 5, &got));
    assert_close(got, -1, 0); /* untouched */
    assert_true(smooth_feed(&smooth, 5, &got));
    assert_close(got, 5, 0);
    for (int i = 0; i < SMOOTH_DELAY; i++)
        assert_true(smooth_flush(&smooth, &got));
    got = -1;
    assert_false(smooth_flush(&smooth, &got));
    assert_close(got, -1, 0);
}

/* Trailing: the median of what is there of the last 5, then the mean of what is there of the last 15. */
static void test_live_each_second_has_its_value_at_once(void **state)
{
    double medians[N], in[N];
    struct smooth smooth;
    uint32_t seed = 11;

    smooth_init_live(&smooth);
    for (size_t i = 0; i < N; i++) {
        double w[5], got = -1, sum = 0;
        size_t m = 0, first = i < 14 ? 0 : i - 14;

        in[i] = noise(&seed);
        for (size_t j = i < 4 ? 0 : i - 4; j <= i; j++)
            w[m++] = in[j];
        qsort(w, m, sizeof(w[0]), ascending);
        medians[i] = m % 2 ? w[m / 2] : (w[m / 2 - 1] + w[m / 2]) / 2;
        for (size_t j = first; j <= i; j++)
            sum += medians[j];
        assert_true(smooth_feed(&smooth, in[i], &got));
        assert_close(got, sum / (double)(i - first + 1), 1e-9);
    }
    assert_false(smooth_flush(&smooth, in));
}

static void test_live_a_hole_is_a_hole_and_the_past_is_forgotten_in_time(void **state)
{
    struct smooth smooth;
    double got;

    smooth_init_live(&smooth);
    for (int i = 0; i < 30; i++)
        smooth_feed(&smooth, 100, &got);
    for (int i = 0; i < SMOOTH_MEAN; i++) {
        assert_true(smooth_feed(&smooth, NAN, &got));
        assert_true(isnan(got));
    }
    assert_true(smooth_feed(&smooth, 300, &got));
    assert_close(got, 300, 0);
}

static void test_a_day_takes_no_more_memory_than_a_minute(void **state)
{
    struct smooth smooth;
    double got, before = 0;
    size_t out = 0;

    assert_true(sizeof(smooth) < 256);
    smooth_init_final(&smooth);
    for (int i = 0; i < 86400; i++)
        if (smooth_feed(&smooth, i * 0.01, &got)) {
            assert_true(out == 0 || got > before);
            before = got;
            out++;
        }
    while (smooth_flush(&smooth, &got))
        out++;
    assert_int_equal(out, 86400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stream_of_any_length_gives_what_the_whole_series_gives),
        cmocka_unit_test(test_a_straight_slope_stays_as_it_is_from_end_to_end),
        cmocka_unit_test(test_a_spike_is_gone),
        cmocka_unit_test(test_a_hole_comes_out_as_a_hole_and_parts_the_series),
        cmocka_unit_test(test_nothing_comes_before_its_time_and_nothing_after_the_end),
        cmocka_unit_test(test_live_each_second_has_its_value_at_once),
        cmocka_unit_test(test_live_a_hole_is_a_hole_and_the_past_is_forgotten_in_time),
        cmocka_unit_test(test_a_day_takes_no_more_memory_than_a_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
