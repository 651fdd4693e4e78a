/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "daemon/doctor/private.h"
#include "lib/utf8.h"

static void fill(const char *text, const char *gap, const char *with, char *ret, size_t size)
{
    const char *at = strstr(text, gap);

    if (!at)
        snprintf(ret, size, "%s", text);
    else
        snprintf(ret, size, "%.*s%s%s", (int)(at - text), text, with, at + strlen(gap));
}

/* The cure with what it is about in it, and who. The user first: a path may hold anything. */
static void fill_cure(const struct doctor *doctor, const char *cure, const char *subject, char *ret,
                      size_t size)
{
    char of_user[DOCTOR_CURE_MAX];

    fill(cure ? cure : "", "{user}", doctor->places.user ? doctor->places.user : "strided", of_user,
         sizeof(of_user));
    fill(of_user, "{}", subject ? subject : "", ret, size);
    utf8_mend(ret);
}

void doctor_pass_on(struct doctor *doctor, const struct doctor_finding *finding)
{
    const struct doctor_line_row *row = &doctor_lines[finding->line];

    doctor->said[row->check][row->mark]++;
    doctor->tell(doctor->userdata, finding);
}

void doctor_say(struct doctor *doctor, enum doctor_line line, const char *subject,
                const char *format, ...)
{
    struct doctor_finding finding = { .line = line };
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(finding.found, sizeof(finding.found), format, arguments);
    va_end(arguments);
    utf8_mend(finding.found); /* what others wrote may hold anything, and a line is a line */
    fill_cure(doctor, doctor_lines[line].cure, subject, finding.cure, sizeof(finding.cure));
    doctor_pass_on(doctor, &finding);
}

bool doctor_is_silent(const struct doctor *doctor, enum doctor_check check)
{
    const unsigned *said = doctor->said[check];

    return said[DOCTOR_OK] + said[DOCTOR_WARN] + said[DOCTOR_FAIL] + said[DOCTOR_SKIPPED] == 0;
}

bool doctor_is_well(const struct doctor *doctor, enum doctor_check check)
{
    return doctor->said[check][DOCTOR_OK] > 0 && doctor->said[check][DOCTOR_FAIL] == 0;
}
