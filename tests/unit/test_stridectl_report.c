/* SPDX-License-Identifier: MIT */
/* The report as text and as a page: what it says of little, and that nothing in it becomes markup. How
 * the page looks is for test_report.py, which has a browser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include "daemon/stridectl/html.h"
#include "daemon/stridectl/report_private.h"
#include "daemon/stridectl/rulebook.h"
#include "daemon/stridectl/tables.h"
#include "daemon/util.h"
#include "lib/training/rule.h"
#include "tests/unit/forbidden.h"
#include "tests/unit/printed.h"
#include <regex.h>

/* Documents, laid out as such. */
/* clang-format off */
#define MEASURE(total, reference, limit, verdict) \
    "{\"total\":" total ",\"reference\":" reference ",\"limit\":" limit ",\"left_today\":0," \
    "\"frees_tomorrow\":0,\"verdict\":\"" verdict "\",\"coverage_pct\":null}"
#define WEEK_OF(runner) \
    "\"week\":{\"runner\":" runner ",\"units\":\"metric\",\"week\":{\"day\":\"2027-03-10\",\"measures\":{" \
        "\"distance_m\":" MEASURE("28500", "25000", "27500", "caution") "," \
        "\"moving_s\":" MEASURE("0", "null", "null", "insufficient_history") "," \
        "\"downhill_drop_m\":" MEASURE("410", "300", "350", "warning") "," \
        "\"downhill_distance_m\":" MEASURE("0", "0", "500", "ok") "}," \
    "\"walked\":{\"distance_m\":0,\"downhill_drop_m\":0}}}"
#define HISTORY \
    "\"history\":{\"units\":\"metric\",\"day\":\"2027-03-10\",\"weeks\":[" \
    "{\"week\":\"2027-W09\",\"start\":\"2027-03-01\",\"runs\":4,\"distance_m\":25000,\"moving_s\":9000," \
     "\"downhill_drop_m\":null,\"ascent_m\":null,\"longest_run_m\":9000,\"walked_m\":0}," \
    "{\"week\":\"2027-W10\",\"start\":\"2027-03-08\",\"runs\":3,\"distance_m\":22500,\"moving_s\":8000," \
     "\"downhill_drop_m\":1400,\"ascent_m\":400,\"longest_run_m\":14500,\"walked_m\":0}]}"
#define ALERT(rule, sentence) \
    "{\"rule\":\"" rule "\",\"verdict\":\"warning\",\"since\":\"2027-03-09T17:24:10Z\"," \
    "\"day\":\"2027-03-09\",\"sentence\":\"" sentence "\",\"acknowledged\":true}"
#define SAID(rule, value, reference, limit) \
    "{\"rule\":\"" rule "\",\"verdict\":\"warning\",\"day\":\"2027-02-09\",\"at\":\"2027-02-09T17:24:10Z\"," \
    "\"sentence\":\"Of " rule "\",\"value\":" value ",\"reference\":" reference ",\"limit\":" limit "}"
#define EXPLAINED(rule, source) \
    "{\"alert\":" ALERT(rule, "-") ",\"title\":\"Weekly descent\",\"source\":\"" source "\"," \
    "\"formula\":null,\"steps\":[\"R = 300 m\",\"410 m > 350 m: warning\"]," \
    "\"doctor\":[\"what an answer says goes by no reader\"]}"
#define SENTENCE \
    "Descent in the last 7 days: 410 m, usual 300 m (+37 %). No study sets a limit; we use 30 % (D)."

static const char usual[] =
    "{" WEEK_OF("\"anna\"") "," HISTORY ",\"alerts\":{"
        "\"alerts\":[" ALERT("weekly_downhill", SENTENCE) ",{\"rule\":\"weekly_time\",\"verdict\":\"ok\"}],"
        "\"said\":[{\"news\":\"cleared\",\"rule\":\"weekly_time\",\"verdict\":\"ok\",\"day\":\"2027-03-10\"},"
            ALERT("weekly_downhill", SENTENCE) "],\"more\":true},"
    "\"explain\":[" EXPLAINED("weekly_downhill", "The convention for distance.") "]}";
static const char old[] =
    "{" WEEK_OF("\"anna\"") "," HISTORY ",\"alerts\":{\"alerts\":[],\"said\":["
        SAID("weekly_downhill", "410", "300", "350") "," SAID("weekly_distance", "28500", "null", "27500") ","
        SAID("weekly_time", "9660", "9000", "9900") "," SAID("monotony", "2.4", "null", "2") ","
        SAID("first_descent", "null", "null", "null") "," SAID("gone_rule", "1", "2", "3") "],\"more\":false}}";
static const char missing[] =
    "{\"week\":null," HISTORY ",\"alerts\":null,\"explain\":[],\"missing\":{"
        "\"week\":\"The <date> is not known\",\"alerts\":\"Others ask\"}}";
static const char hostile[] =
    "{" WEEK_OF("\"<b>anna</b>\"") "," HISTORY ",\"alerts\":{"
        "\"alerts\":[" ALERT("x\\\" onclick=\\\"y", "</p><script>alert(1)</script>") "],"
        "\"said\":[" ALERT("weekly_downhill", "a & b \\u001b[2J \\u202e") "]},"
    "\"explain\":[" EXPLAINED("x\\\" onclick=\\\"y", "s") ","
        EXPLAINED("weekly_downhill", "<img src=x onerror=y>") "]}";
static const char poor[] =
    "{" WEEK_OF("null") ",\"history\":{\"weeks\":[]},\"alerts\":{\"alerts\":[],\"said\":[]},\"explain\":[]}";
static const char *const nonsense[] = {
    "[]",
    "{}",
    "{\"week\":7,\"history\":[],\"alerts\":\"x\"}",
    "{\"week\":{\"week\":{\"measures\":[]}},\"history\":{\"weeks\":[1,null,{\"start\":5}]},"
     "\"alerts\":{\"said\":[null,{\"rule\":7}],\"alerts\":{}},\"explain\":[[],{\"alert\":1}]}",
    "{\"week\":{\"week\":{\"day\":\"2027-99-99\",\"measures\":{\"distance_m\":{\"total\":1e300,"
     "\"reference\":-1e300,\"limit\":0,\"verdict\":\"never\"}}}},\"history\":{\"weeks\":["
     "{\"distance_m\":-1,\"start\":\"2027-03-01\"},{\"distance_m\":1e308}]}}",
};
/* clang-format on */

/* To be freed. */
static char *page_of(const char *text)
{
    json_t *all = json_of(text);
    struct report report = { .week = json_object_get(all, "week"),
                             .history = json_object_get(all, "history"),
                             .alerts = json_object_get(all, "alerts"),
                             .explain = json_object_get(all, "explain"),
                             .missing = json_object_get(all, "missing") };
    char *page;
    size_t size;
    FILE *out = open_memstream(&page, &size);

    report_print_page(out, &report);
    fclose(out);
    json_decref(all);
    return page;
}

static const char *text_of(const char *text)
{
    json_t *all = json_of(text);
    struct report report = { .week = json_object_get(all, "week"),
                             .history = json_object_get(all, "history"),
                             .alerts = json_object_get(all, "alerts"),
                             .explain = json_object_get(all, "explain"),
                             .missing = json_object_get(all, "missing") };

    print_begin();
    report_print_text(&report);
    json_decref(all);
    return print_end();
}

static void assert_has(const char *page, const char *part)
{
    if (!strstr(page, part))
        fail_msg("nothing of %s", part);
}

static void assert_lacks(const char *page, const char *part)
{
    if (strstr(page, part))
        fail_msg("%s stands in it: %.200s", part, strstr(page, part));
}

/* ---- text --------------------------------------------------------------------------------------- */

static void check_end(const char *text, int columns, const char *expected)
{
    look_at(columns, false, true);
    const char *all = text_of(text), *from = strstr(all, "\nNow\n");

    assert_non_null(from);
    if (strcmp(from, expected) != 0) {
        fprintf(stderr, "printed:\n%s\nand not:\n%s\n", from, expected);
        fail();
    }
}

static void test_a_report_ends_with_why_and_with_the_doctor(void **state)
{
    check_end(usual, 70,
              "\n"
              "Now\n"
              "\n"
              "Weekly descent  warning\n"
              "  Descent in the last 7 days: 410 m, usual 300 m (+37 %). No study\n"
              "  sets a limit; we use 30 % (D).\n"
              "\n"
              "Said in these weeks\n"
              "\n"
              "10 Mar 2027: over  Weekly running time  ok\n"
              "\n"
              "9 Mar 2027  Weekly descent  warning\n"
              "  Descent in the last 7 days: 410 m, usual 300 m (+37 %). No study\n"
              "  sets a limit; we use 30 % (D).\n"
              "There was more, and longer ago.\n"
              "\n"
              "Why\n"
              "\n"
              "Weekly descent\n"
              "  Where that comes from: The convention for distance.\n"
              "  With today's numbers:\n"
              "    R = 300 m\n"
              "    410 m > 350 m: warning\n"
              "\n"
              "When to see a doctor\n"
              "Whatever any figure here says, with\n"
              "- pain that has not got better after 4 to 6 weeks\n"
              "- pain at rest or that wakes at night\n"
              "- visible swelling, also of the calf\n"
              "- a knee that gives way, feels unstable or locks\n"
              "- before a race or season to decide about\n"
              "- after an accident or fever\n");
}

static void test_without_a_warning_it_says_so_and_when_to_see_a_doctor_all_the_same(void **state)
{
    check_end(poor, 60,
              "\n"
              "Now\n"
              "No rule that has a verdict is above its limit.\n"
              "\n"
              "Said in these weeks\n"
              "Nothing.\n"
              "\n"
              "When to see a doctor\n"
              "Whatever any figure here says, with\n"
              "- pain that has not got better after 4 to 6 weeks\n"
              "- pain at rest or that wakes at night\n"
              "- visible swelling, also of the calf\n"
              "- a knee that gives way, feels unstable or locks\n"
              "- before a race or season to decide about\n"
              "- after an accident or fever\n");
}

/* Whatever its rule says today: an old message has the figures that it was said with. */
static void test_an_old_message_has_its_own_figures(void **state)
{
    char *page = page_of(old);

    look_at(0, false, true);
    const char *text = text_of(old);
    static const char *const parts[] = {
        "Then 410 m, compared with 300 m, limit 350 m.",
        "Then 28.5 km, limit 27.5 km.",
        "Then 2:41 h, compared with 2:30 h, limit 2:45 h.",
        "Then 2.40, limit 2.00.",
    };

    for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
        assert_has(page, parts[i]);
        assert_has(text, parts[i]);
    }
    assert_lacks(page, "Then 1");
    assert_lacks(text, "Then 1");
    assert_lacks(text, "numbers");
    free(page);
}

static void test_what_is_missing_is_said_and_not_taken_for_nothing(void **state)
{
    char *page = page_of(missing);

    look_at(0, false, true);
    const char *text = text_of(missing);

    assert_has(text, "Training report: -, twelve weeks to 10 Mar 2027");
    assert_has(text, "The week is missing: The <date> is not known.\n");
    assert_has(text, "\nNow\nIt is missing: Others ask.\n");
    assert_has(text, "\nSaid in these weeks\nIt is missing: Others ask.\n");
    assert_lacks(text, "No rule that has");
    assert_lacks(text, "Nothing.");
    assert_lacks(text, "weeks before are missing");
    assert_has(page, "<p>It is missing: The &lt;date&gt; is not known.</p>");
    assert_has(page, "<p>It is missing: Others ask.</p>");
    assert_lacks(page, "No rule that has");
    assert_lacks(page, "<p>Nothing.</p>");
    assert_has(page, "<li>pain at rest or that wakes at night</li>");
    free(page);
}

static void test_each_rule_has_what_is_always_so_of_it(void **state)
{
    static const char *const texts[] = { "title",  "measure",        "reference",
                                         "source", "evidence_means", "not_means" };
    size_t n = 0;

    while (rule_doctor(n))
        n++;
    for (enum rule_id id = 0; id < RULES; id++) {
        json_t *row = rulebook_row(rule_get(id)->id);

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
            assert_true(json_string_length(json_object_get(row, texts[i])) > 5);
        assert_int_equal(json_array_size(json_object_get(row, "doctor")), n);
        look_at(70, false, true);
        print_begin();
        stridectl_print_rule_row(row);
        const char *text = print_end();
        assert_has(text, "What it does not mean: ");
        assert_has(text, "Evidence: ");
        assert_has(text, "See a doctor, whatever the figures say:\n");
        assert_has(text, "pain at rest or that wakes at night");
        json_decref(row);
    }
    assert_null(rulebook_row("no_rule"));
    assert_null(rulebook_row(NULL));
}

/* ---- pages -------------------------------------------------------------------------------------- */

static void test_text_becomes_no_markup(void **state)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    html_put(out, "<b title=\"%s\">%s</b> 5 %%", "\"'>", "a<b & c\x1b\xff größer");
    html_text(out, NULL);
    fclose(out);
    assert_string_equal(text, "<b title=\"&quot;&#39;&gt;\">a&lt;b &amp; c?? größer</b> 5 %");
    free(text);
}

static void test_a_page_has_its_figures_its_marks_and_its_words(void **state)
{
    static const char *const parts[] = {
        "<title>Training report: anna, 10 Mar 2027</title>",
        "default-src 'none'",
        "<span class=\"chip caution\">caution</span>",
        "<p class=\"big\">28.5 km</p>",
        "usual 25.0 km, limit 27.5 km",
        "No verdict on time: it takes 14 days on record, and two weeks that are known.",
        /* the chart says in words what it draws, and what is not known */
        "1 Mar: 25.0 km; 8 Mar: 22.5 km; the last seven days: 28.5 km, usual 25.0 km, limit 27.5 "
        "km, caution.",
        "1 Mar: -; 8 Mar: 1400 m; the last seven days: 410 m, usual 300 m, limit 350 m, warning.",
        ">1.4k</text>",
        ">?</text>",
        "role=\"img\" aria-labelledby=\"descent-title descent-desc\"",
        SENTENCE,
        "Since 9 Mar 2027. Acknowledged. <a href=\"#why-weekly_downhill\">Why</a>",
        "id=\"why-weekly_downhill\"",
        "<li>410 m &gt; 350 m: warning</li>",
        "<li>pain at rest or that wakes at night</li>",
        "10 Mar 2027: over. <a href=\"#doctor\">",
        "There was more, and longer ago.",
        "id=\"doctor\"",
    };
    char *page = page_of(usual);

    for (size_t i = 0; i < ELEMENTSOF(parts); i++)
        assert_has(page, parts[i]);
    assert_lacks(page, "http://");
    assert_lacks(page, "https://");
    assert_lacks(page, "<script");
    assert_lacks(page, "url(");
    assert_lacks(page, "why-weekly_time"); /* of which no explanation is there */
    free(page);
}

static void test_nothing_that_an_answer_says_becomes_markup(void **state)
{
    char *page = page_of(hostile);

    assert_has(page, "&lt;b&gt;anna&lt;/b&gt;");
    assert_has(page, "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_has(page, "a &amp; b ?[2J");
    assert_has(page, "&lt;img src=x onerror=y&gt;");
    assert_lacks(page, "<script");
    assert_lacks(page, "<img");
    assert_lacks(page, "onclick=\"");
    free(page);
}

static void test_answers_that_make_no_sense_make_a_page_of_dashes(void **state)
{
    for (size_t i = 0; i < ELEMENTSOF(nonsense); i++) {
        char *page = page_of(nonsense[i]);

        assert_has(page, "id=\"doctor\"");
        assert_has(page, "</html>");
        assert_lacks(page, "nan");
        assert_lacks(page, "inf\"");
        free(page);
        look_at(80, false, true);
        assert_has(text_of(nonsense[i]), "Whatever any figure here says, with");
    }
}

static void test_no_word_of_it_may_not_be_said(void **state)
{
    char *page = page_of(poor);

    look_at(0, false, true);
    for (size_t i = 0; i < ELEMENTSOF(forbidden); i++) {
        regex_t expression;

        assert_int_equal(regcomp(&expression, forbidden[i], REG_EXTENDED | REG_ICASE | REG_NOSUB),
                         0);
        if (regexec(&expression, page, 0, NULL, 0) == 0 ||
            regexec(&expression, text_of(usual), 0, NULL, 0) == 0)
            fail_msg("the report says %s", forbidden[i]);
        regfree(&expression);
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_report_ends_with_why_and_with_the_doctor),
        cmocka_unit_test(test_without_a_warning_it_says_so_and_when_to_see_a_doctor_all_the_same),
        cmocka_unit_test(test_an_old_message_has_its_own_figures),
        cmocka_unit_test(test_what_is_missing_is_said_and_not_taken_for_nothing),
        cmocka_unit_test(test_each_rule_has_what_is_always_so_of_it),
        cmocka_unit_test(test_text_becomes_no_markup),
        cmocka_unit_test(test_a_page_has_its_figures_its_marks_and_its_words),
        cmocka_unit_test(test_nothing_that_an_answer_says_becomes_markup),
        cmocka_unit_test(test_answers_that_make_no_sense_make_a_page_of_dashes),
        cmocka_unit_test(test_no_word_of_it_may_not_be_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
