/* SPDX-License-Identifier: MIT */
/* The entries of the registry alone: who stands where, and what one says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "daemon/broker/topics_entries.h"

static struct topics_entries entries;

static int setup(void **state)
{
    memset(&entries, 0, sizeof(entries));
    return 0;
}

static int teardown(void **state)
{
    topics_entries_done(&entries);
    return 0;
}

static struct entry *add(const char *path, enum rank rank)
{
    struct entry *entry = topics_entries_add(&entries, path, rank, 1);

    assert_non_null(entry);
    return entry;
}

static void expect(const char *paths)
{
    char text[256] = "";

    for (size_t i = 0; i < entries.n; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "", entries.items[i]->path);
    }
    assert_string_equal(text, paths);
}

static void test_discovery_is_first_and_status_last_whatever_came_when(void **state)
{
    add("status", RANK_STATUS);
    add("state-1", RANK_STATE);
    add("path-1", RANK_PATH);
    add("state-2", RANK_STATE);
    add("path-2", RANK_PATH);
    expect("path-1 path-2 state-1 state-2 status");
}

static void test_one_is_forgotten_and_the_others_keep_their_order(void **state)
{
    struct entry *first = add("a", RANK_STATE), *middle = add("b", RANK_STATE);
    struct entry *last = add("c", RANK_STATE);

    topics_entries_forget(&entries, middle);
    expect("a c");
    assert_null(topics_entries_find(&entries, "b"));
    topics_entries_forget(&entries, last);
    topics_entries_forget(&entries, first);
    expect("");
    add("d", RANK_STATE);
    expect("d");
}

static void test_many_are_found_where_they_were(void **state)
{
    struct entry *added[200];
    char path[24];

    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "topic/%d", i);
        added[i] = add(path, i % 3);
    }
    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "topic/%d", i);
        assert_ptr_equal(topics_entries_find(&entries, path), added[i]);
    }
    assert_null(topics_entries_find(&entries, "topic/200"));
    assert_null(topics_entries_find(&entries, "topic/1/2"));
    assert_null(topics_entries_find(&entries, ""));
}

static void test_an_answer_finds_what_is_on_its_way(void **state)
{
    struct entry *here = add("here", RANK_STATE), *away = add("away", RANK_STATE);

    away->cookie = 7;
    assert_ptr_equal(topics_entries_of_cookie(&entries, 7), away);
    assert_null(topics_entries_of_cookie(&entries, 8));
    assert_null(topics_entries_of_cookie(&entries, 0)); /* which is that of all others */
    assert_int_equal(here->cookie, 0);
}

static char *copy(const char *text)
{
    char *new = strdup(text);

    assert_non_null(new);
    return new;
}

static void test_what_one_says(void **state)
{
    struct entry *entry = add("a", RANK_STATE);

    assert_false(entry_says(entry, "", 0)); /* nothing is not an empty text */
    entry->refusals = 2;
    entry_take(entry, copy("on"), 2);
    assert_true(entry->dirty);
    assert_int_equal(entry->refusals, 0);
    assert_true(entry_says(entry, "on", 2));
    assert_false(entry_says(entry, "off", 3));
    assert_false(entry_says(entry, "of", 2));
    assert_false(entry_says(entry, "on", 1));
    entry_take(entry, copy("off"), 3);
    assert_true(entry_says(entry, "off", 3));
}

static void test_one_is_cleared_once(void **state)
{
    struct entry *entry = add("a", RANK_STATE);

    entry_clear(entry); /* it says nothing yet */
    assert_false(entry->dirty);
    entry_take(entry, copy("on"), 2);
    entry->dirty = false;
    entry->refusals = 1;
    entry_clear(entry);
    assert_null(entry->payload);
    assert_int_equal(entry->length, 0);
    assert_true(entry->dirty);
    assert_int_equal(entry->refusals, 0);

    entry->dirty = false;
    entry_clear(entry);
    assert_false(entry->dirty);
}

int main(void)
{
#define WITH_NONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_NONE(test_discovery_is_first_and_status_last_whatever_came_when),
        WITH_NONE(test_one_is_forgotten_and_the_others_keep_their_order),
        WITH_NONE(test_many_are_found_where_they_were),
        WITH_NONE(test_an_answer_finds_what_is_on_its_way),
        WITH_NONE(test_what_one_says),
        WITH_NONE(test_one_is_cleared_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
