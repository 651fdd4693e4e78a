/* SPDX-License-Identifier: MIT */
#include "daemon/pages/pages.h"

#include <ctype.h>
#include <string.h>
#include "daemon/pages/troff.h"
#include "lib/civil.h"

#define DAY_S 86400

/* Dated as the source is, so that the same source gives the same page. */
void man_head(struct troff *to, const char *name, int section, const char *purpose)
{
    char date[32];
    int year, month, day;

    civil_from_days(STRIDED_BUILD_EPOCH / DAY_S, &year, &month, &day);
    snprintf(date, sizeof(date), "%d-%02d-%02d", year, month, day);
    troff_head(to, &(struct troff_title){ .name = name,
                                          .section = section,
                                          .date = date,
                                          .source = "strided " STRIDED_VERSION,
                                          .purpose = purpose });
}

void man_sentence(const char *text, char *ret, size_t size)
{
    size_t n;

    snprintf(ret, size, "%s%s", text, text[0] && strchr(".!?", text[strlen(text) - 1]) ? "" : ".");
    n = strlen(ret);
    /* a word that is to be typed keeps its form */
    if (n > 1 && islower((unsigned char)ret[0]) && !memchr(ret, ':', strcspn(ret, " ")))
        ret[0] = (char)toupper((unsigned char)ret[0]);
}

static void term_of(const struct program_option *o, char *ret, size_t size)
{
    int n = o->has_letter ? snprintf(ret, size, "`-%c`, `--%s`", o->code, o->name)
                          : snprintf(ret, size, "`--%s`", o->name);

    if (o->argument)
        snprintf(ret + n, size - (size_t)n, o->argument_optional ? " [{%s}]" : " {%s}",
                 o->argument);
}

void man_synopsis(struct troff *to, const struct program *program, const char *words)
{
    char text[1000];
    int n = snprintf(text, sizeof(text), "`%s`", program->name);

    troff_section(to, "SYNOPSIS");
    for (const struct program_option *o = program->options; o->name; o++) {
        if (o->hidden)
            continue;
        n += snprintf(text + n, sizeof(text) - (size_t)n, " [`--%s`", o->name);
        if (o->argument)
            n += snprintf(text + n, sizeof(text) - (size_t)n,
                          o->argument_optional ? " [{%s}]" : " {%s}", o->argument);
        n += snprintf(text + n, sizeof(text) - (size_t)n, "]");
    }
    if (words)
        snprintf(text + n, sizeof(text) - (size_t)n, " %s", words);
    troff_paragraph(to, text);
}

void man_options(struct troff *to, const struct program *program)
{
    char term[120], help[400], text[1000];

    troff_section(to, "OPTIONS");
    for (const struct program_option *o = program->options; o->name; o++) {
        if (o->hidden)
            continue;
        term_of(o, term, sizeof(term));
        man_sentence(o->help, help, sizeof(help));
        snprintf(text, sizeof(text), "%s%s%s", help, o->more ? " " : "", o->more ? o->more : "");
        troff_item(to, term, text);
    }
}

void man_statuses(struct troff *to, const struct program *program)
{
    char term[20], text[200];

    troff_section(to, "EXIT STATUS");
    for (const struct program_status *s = program->statuses; s->help; s++) {
        char status[PROGRAM_STATUS_MAX];

        snprintf(term, sizeof(term), "`%s`", program_status_text(s, status));
        man_sentence(s->help, text, sizeof(text));
        troff_item(to, term, text);
    }
}
