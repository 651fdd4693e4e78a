/* SPDX-License-Identifier: MIT */
/* What was wrong: all of it up to a bound, and the number of what did not fit. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/conf.h"
#include "lib/utf8.h"

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
    utf8_mend(problem->text); /* what is quoted was cut, perhaps within a character */
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
    utf8_mend(ret); /* a drop-in may have any name */
    return true;
}

static size_t rank_of(const struct conf_origins *origins, const struct conf_problem *problem)
{
    size_t i = 0;

    while (i < origins->n_files && strcmp(origins->files[i], problem->file) != 0)
        i++;
    return i + (problem->file[0] == '\0');
}

static bool is_before(const struct conf_origins *origins, const struct conf_problem *a,
                      const struct conf_problem *b)
{
    size_t rank_a = rank_of(origins, a), rank_b = rank_of(origins, b);

    return rank_a != rank_b ? rank_a < rank_b : a->line < b->line;
}

/* They are few, and nearly in order: what is said of one line stays as it was said. */
void conf_problems_sort(struct conf_problems *problems, const struct conf_origins *origins)
{
    for (size_t i = 1; i < problems->n; i++) {
        struct conf_problem moved = problems->items[i];
        size_t k = i;

        for (; k > 0 && is_before(origins, &moved, &problems->items[k - 1]); k--)
            problems->items[k] = problems->items[k - 1];
        problems->items[k] = moved;
    }
}
