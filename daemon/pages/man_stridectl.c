/* SPDX-License-Identifier: MIT */
#include "daemon/pages/pages.h"

#include <string.h>
#include "daemon/pages/troff.h"
#include "daemon/stridectl/program.h"

/* "a, b or c", each to be typed */
static void list_words(const char *const *words, const char *last, char *ret, size_t size)
{
    int n = 0;

    ret[0] = '\0';
    for (size_t i = 0; words[i] && (size_t)n < size; i++) {
        const char *between = i == 0 ? "" : words[i + 1] ? ", " : last;

        n += snprintf(ret + n, size - (size_t)n, "%s`%s`", between, words[i]);
    }
}

/* "A whole number from 1 to 60." */
static void allowed(const struct command_argument *a, char *ret, size_t size)
{
    char words[500];

    switch (a->type) {
    case COMMAND_TEXT:
        snprintf(ret, size, "Text of at most %.0f bytes.", a->max);
        return;
    case COMMAND_WORD:
        list_words(a->words, " or ", words, sizeof(words));
        snprintf(ret, size, "One of %s.", words);
        return;
    case COMMAND_INTEGER:
        snprintf(ret, size, "A whole number from %.10g to %.10g.", a->min, a->max);
        return;
    case COMMAND_NUMBER:
        snprintf(ret, size, "A number from %.10g to %.10g.", a->min, a->max);
        return;
    case COMMAND_DAY:
        snprintf(ret, size, "A day, such as `2026-11-22`.");
        return;
    case COMMAND_FLAG:
        snprintf(ret, size, "`yes` or `no`.");
        return;
    }
}

static void write_argument(struct troff *to, const struct command_argument *a)
{
    char term[60], help[400], range[600], with[200] = "", text[1400];

    snprintf(term, sizeof(term), "`%s`", a->name);
    man_sentence(a->help, help, sizeof(help));
    allowed(a, range, sizeof(range));
    if (a->with)
        list_words(a->with, " and ", with, sizeof(with));
    snprintf(text, sizeof(text), "%s %s%s%s%s%s%s", help, range, a->nullable ? " Or `null`." : "",
             a->with ? " Goes with " : "", with, a->with ? "." : "",
             a->required ? " It has to be there." : "");
    troff_item(to, term, text);
}

/* What Commands=safe does not let in over MQTT. */
static void write_door(struct troff *to, const struct command *command)
{
    char words[200], text[400];

    if (command->unsafe)
        troff_paragraph(to, "Over MQTT only with `Commands=all`.");
    if (!command->unsafe_do)
        return;
    list_words(command->unsafe_do, " and ", words, sizeof(words));
    snprintf(text, sizeof(text), "%s: over MQTT only with `Commands=all`.", words);
    troff_paragraph(to, text);
}

static void write_verbs(struct troff *to, const struct command *commands)
{
    char term[400], help[400];

    for (const struct command *c = commands; c->verb; c++) {
        int n = snprintf(term, sizeof(term), "`%s`", c->verb);

        for (const struct command_argument *a = c->arguments; a->name && (size_t)n < sizeof(term);
             a++)
            n += snprintf(term + n, sizeof(term) - (size_t)n, a->required ? " {%s}" : " [{%s}]",
                          a->name);
        man_sentence(c->help, help, sizeof(help));
        troff_item(to, term, help);
        if (!c->arguments->name && !c->unsafe)
            continue;
        troff_inner_begin(to);
        for (const struct command_argument *a = c->arguments; a->name; a++)
            write_argument(to, a);
        write_door(to, c);
        troff_inner_end(to);
    }
}

void man_write_stridectl(struct troff *to)
{
    man_head(to, "stridectl", 1, stridectl_program.purpose);
    man_synopsis(to, &stridectl_program, "{VERB} [{WORD}|{NAME}`=`{WORD} ...]");
    troff_section(to, "DESCRIPTION");
    troff_paragraph(
        to,
        "`stridectl` asks the `strided`(8) that runs on this machine, over D-Bus, which answers "
        "root and the members of group `strided`. The same verbs with the same arguments are "
        "taken over MQTT as `request/`{VERB}, with the arguments as a JSON object, as far as "
        "`Commands=` of `strided.conf`(5) allows it.");
    troff_paragraph(
        to,
        "An argument is given as {NAME}`=`{WORD}, anywhere behind the verb, or as a bare word, "
        "which is taken for the next argument of the verb that is not given yet. Options may "
        "stand anywhere, but not behind `--`, and the beginning of a name that is of one option "
        "alone will do. In tables, `-` is what is not known.");
    troff_section(to, "VERBS");
    write_verbs(to, command_table);
    write_verbs(to, stridectl_own_verbs);
    man_options(to, &stridectl_program);
    man_statuses(to, &stridectl_program);
    troff_section(to, "EXAMPLES");
    troff_item(to, "`stridectl sensors`", "Which sensors there are, what each does, and why.");
    troff_item(to, "`stridectl session start`", "Begin a session now, without waiting for steps.");
    troff_item(to, "`stridectl incline -8`", "The belt is tilted, 8 % down, from now on.");
    troff_item(to, "`stridectl --json week runner=anna`", "Her week, for a program to read.");
    troff_section(to, "SEE ALSO");
    troff_paragraph(to, "`strided`(8), `strided-replay`(1), `strided.conf`(5), `mosquitto_rr`(1), "
                        "`busctl`(1)");
}
