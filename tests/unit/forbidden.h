/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What no sentence may say: words about bodies that no arithmetic stands behind (science.md section
 * 8). Extended regular expressions, any case, one a line: tests/lint/readme.py reads them here, and holds
 * to them the README and all else the program says.
 */
static const char *const forbidden[] = {
    "\\bsafe(ly|r|st|ty)?\\b",
    "\\brisk",
    "\\bprevent(s|ed|ing|ion)?\\b",
    "\\bdiagnos(e|es|ed|ing|is)\\b",
    "\\bheal(s|ed|ing)?\\b",
    "\\bdamag(e|es|ed|ing)\\b",
    "\\boptimal\\b",
    "\\byou are\\b",
    "\\binjured\\b",
    "\\bfatigue\\b",
    "\\bdanger",
    "\\bharm",
    "\\bprotect",
    "\\bguarantee",
};
