/* SPDX-License-Identifier: MIT */
#pragma once
/* One file while it is read; only for conf.c and conf_section.c. */
#include "lib/conf_key.h"

#define BLANK " \t\r"

struct conf_reader {
    struct conf *conf;
    struct conf_origins *origins;
    struct conf_problems *problems;
    const char *file;
    uint16_t file_number; /* index + 1 */
    unsigned line;
    enum conf_section section; /* CONF_SECTIONS: none yet, or of a kind there is not */
    size_t index;
    bool refused; /* there is no such section: its lines are checked, and set nothing */
};

#define conf_wrong(reader, ...)                                                                    \
    conf_problem_add((reader)->problems, (reader)->file, (reader)->line, false, __VA_ARGS__)

/* conf_section.c */
void conf_section_set_defaults(struct conf *conf, enum conf_section section, size_t index);
/* line: "[Runner anna]", or what somebody took for it. What is below it belongs there. */
void conf_section_read(struct conf_reader *reader, char *line);
