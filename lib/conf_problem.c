/* SPDX-License-Identifier: MIT */
/* What was wrong: all of it up to a bound, and the number of what did not fit. */
#include <stdarg.h>
#include <stdio.h>
#include "lib/conf.h"
#include "lib/utf8.h"

/* What is quoted in a text was cut to a length, perhaps within a character. */
static void mend(char *text, size_t size)
{
    for (size_t at = 0; at + 1 < size && text[at];) {
        size_t n = 0;
        while (n < 4 && text[at + n])
            n++;
        size_t step = utf8_character(text + at, n);
        if (step == 0)
            text[at] = '?';
        at += step ? step : 1;
    }
}

void conf_problem_add(struct conf_problems *problems, const char *file, unsigned line, bool warning,
                      const char *format, ...)
{
    struct conf_problem *problem;
    va_list arguments;

    problems->errors += !warning;
    if (problems->n == CONF_PROBLEMS_MAX) {
        problems->more++;
        return;
    }
    problem = &problems->items[problems->n++];
    *problem = (struct conf_problem){ .line = line, .warning = warning };
    snprintf(problem->file, sizeof(problem->file), "%s", file);
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    mend(problem->text, sizeof(problem->text));
}

bool conf_problem_format(const struct conf_problems *problems, size_t i, char *ret, size_t size)
{
    if (i == problems->n && problems->more > 0)
        snprintf(ret, size, "and %zu more", problems->more);
    if (i >= problems->n)
        return i == problems->n && problems->more > 0;

    const struct conf_problem *problem = &problems->items[i];
    if (problem->line > 0)
        snprintf(ret, size, "%s:%u: %s", problem->file, problem->line, problem->text);
    else if (problem->file[0])
        snprintf(ret, size, "%s: %s", problem->file, problem->text);
    else
        snprintf(ret, size, "%s", problem->text);
    return true;
}
