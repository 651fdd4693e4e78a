/* SPDX-License-Identifier: MIT */
/* What stridectl is called with: options wherever they stand, words as they are, and what --help says of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/stridectl/help.h"
#include "daemon/stridectl/options.h"
#include "daemon/stridectl/program.h"
#include "daemon/stridectl/stridectl.h"
#include "daemon/util.h"

#define WORDS_MAX 16
#define ENDS      (-1)

/* ---- options ------------------------------------------------------------------------------------ */

static const struct row {
    const char *line; /* split at blanks */
    const char *told; /* runner, json, words; NULL: it is refused */
} rows[] = {
    { "week", "- - week" },
    { "week --runner anna -j", "anna json week" },
    { "--json --runner=anna week x", "anna json week x" },
    { "week -ranna x", "anna - week x" },
    { "incline -8 -r anna", "anna - incline -8" },
    { "incline -r -8 -9", "-8 - incline -9" },
    { "", "- -" },
    { "-", "- - -" },
    /* the beginning of a name, as getopt_long() has it */
    { "--run anna week", "anna - week" },
    { "week --run anna x", "anna - week x" },
    { "week --run=anna x", "anna - week x" },
    { "week --js x", "- json week x" },
    { "week --f x", NULL }, /* full, force, from */
    { "week --nope x", NULL },
    { "week --json=x", NULL },
    /* letters that stand together */
    { "week -jr anna x", "anna json week x" },
    { "-jr anna week", "anna json week" },
    { "week -jranna x", "anna json week x" },
    { "week -rj anna", "j - week anna" },
    { "week -jq x", NULL },
    { "week -qr anna", NULL },
    /* behind -- there are words alone */
    { "week -- --json", "- - week --json" },
    { "-j -- week -r anna", "- json week -r anna" },
    { "week -- -- x", "- - week -- x" },
    { "-- week", "- - week" },
    { "week --", "- - week" },
    { "-r -- week", "-- - week" }, /* as getopt_long() has it: a value */
    { "week --runner", NULL },
    { "week x -r", NULL },
    { "week -jr", NULL },
    { "week --run", NULL },
};

static int read_line(const char *line, struct options *options, char told[200])
{
    char name[] = "stridectl", copy[200], *argv[WORDS_MAX] = { name }, **words = NULL;
    _cleanup_free_ char **gathered = NULL;
    int argc = 1, r;

    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    *options = (struct options){ 0 };
    optind = 0; /* getopt_long() begins anew */
    r = options_read(argc, argv, options, &gathered, &words);
    if (r != ENDS)
        return r;
    snprintf(told, 200, "%s %s", options->runner ? options->runner : "-",
             options->as_json ? "json" : "-");
    for (; *words; words++)
        snprintf(told + strlen(told), 200 - strlen(told), " %s", *words);
    return r;
}

static void test_options_may_stand_anywhere_and_words_stay_words(void **state)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        struct options options;
        char told[200] = "";
        int r = read_line(rows[i].line, &options, told);

        if (r != (rows[i].told ? ENDS : EXIT_USAGE))
            fail_msg("%s: %d", rows[i].line, r);
        if (rows[i].told && strcmp(told, rows[i].told) != 0)
            fail_msg("%s: %s and not %s", rows[i].line, told, rows[i].told);
    }
}

static const struct command *own(const char *verb)
{
    const struct command *c = stridectl_own_verbs;

    while (c->verb && strcmp(c->verb, verb) != 0)
        c++;
    return c->verb ? c : command_find(verb);
}

static void test_no_option_is_passed_over(void **state)
{
    static const struct {
        const char *line;
        bool goes;
    } cases[] = {
        { "doctor --runner x", false },
        { "help --runner x", false },
        { "help --json", false },
        { "watch --runner x", true },
        { "report --runner x", true },
        { "week --runner x", true },
        { "report --runner x --from y", false },
        { "doctor --json", true },
        { "doctor --html x", false },
        { "watch --output x", false },
        { "help --force", false },
        { "export --output x --force", true },
        { "export --json --output x", false },
        { "report --json --html x", false },
        { "help --full", true },
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        struct options options;
        char told[200], verb[40] = "";

        assert_int_equal(read_line(cases[i].line, &options, told), ENDS);
        sscanf(cases[i].line, "%39s", verb);
        if (options_go_with(&options, own(verb)) != cases[i].goes)
            fail_msg("%s", cases[i].line);
    }
}

/* ---- help --------------------------------------------------------------------------------------- */

/* The text of a verb, from its name to the next one's; to be freed. */
static char *text_of(const char *help, const char *verb)
{
    char name[60];
    const char *from, *to;

    snprintf(name, sizeof(name), "\n  %s", verb);
    for (from = strstr(help, "\nVerbs"); from; from += 1) {
        from = strstr(from, name);
        if (!from || strchr(" \n", from[strlen(name)]))
            break;
    }
    if (!from)
        return NULL;
    for (to = from + 1;
         *to && !(to[0] == '\n' && (to[1] == '\n' || (to[1] == ' ' && to[3] != ' ')));)
        to++;
    return strndup(from, (size_t)(to - from));
}

static bool has_word(char *text, const char *word)
{
    char *rest = strdup(text), *keep = NULL;
    bool found = false;

    for (char *at = strtok_r(rest, " \n", &keep); at && !found; at = strtok_r(NULL, " \n", &keep))
        found = strcmp(at, word) == 0;
    free(rest);
    return found;
}

static void check_verbs(const char *help, int columns, const struct command *commands)
{
    for (const struct command *c = commands; c->verb; c++) {
        char *text = text_of(help, c->verb), word[60], *keep = NULL;

        if (!text)
            fail_msg("%s is not in it, of %d columns", c->verb, columns);
        for (const struct command_argument *a = c->arguments; a->name; a++) {
            snprintf(word, sizeof(word), a->required ? "%s" : "[%s]", a->name);
            if (!has_word(text, word))
                fail_msg("%s has no whole %s in %d columns:%s", c->verb, word, columns, text);
        }
        for (char *say = strdup(c->help), *at = strtok_r(say, " ", &keep);;
             at = strtok_r(NULL, " ", &keep)) {
            if (!at) {
                free(say);
                break;
            }
            if (!has_word(text, at))
                fail_msg("%s does not say '%s' in %d columns:%s", c->verb, at, columns, text);
        }
        free(text);
    }
}

static void test_help_has_each_argument_of_each_verb_whole(void **state)
{
    static const int widths[] = { 39, 60, 69, 70, 79, 120, 300 };

    for (size_t i = 0; i < ELEMENTSOF(widths); i++) {
        char *help = NULL;
        size_t size;
        FILE *to = open_memstream(&help, &size);

        help_print(to, widths[i]);
        fclose(to);
        check_verbs(help, widths[i], command_table);
        check_verbs(help, widths[i], stridectl_own_verbs);
        for (char *line = strtok(strstr(help, "\nVerbs"), "\n"); line; line = strtok(NULL, "\n"))
            if ((int)strlen(line) > widths[i])
                fail_msg("%d columns: %s", widths[i], line);
        free(help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_may_stand_anywhere_and_words_stay_words),
        cmocka_unit_test(test_no_option_is_passed_over),
        cmocka_unit_test(test_help_has_each_argument_of_each_verb_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
