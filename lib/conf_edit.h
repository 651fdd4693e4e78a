/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A configuration's text with one sensor's section changed, and all else as it stands: what a person
 * wrote into it, comments and other keys, in its order. The text may hold anything; a section counts as
 * the parser counts it, also where its bracket is missing.
 */
#include <stdbool.h>
#include <stddef.h>

typedef void (*conf_edit_write)(void *userdata, const char *text, size_t length);

/* [Sensor name] stands in it, however damaged. */
bool conf_edit_has_sensor(const char *text, size_t length, const char *name);
/* Address= and Runner= of [Sensor name] say this from now on; runner NULL: that stays as it is. Where there
 * is no such section it is put behind all others. */
void conf_edit_set_sensor(const char *text, size_t length, const char *name, const char *address,
                          const char *runner, conf_edit_write write, void *userdata);
/* Without it, each time it stands there. */
void conf_edit_drop_sensor(const char *text, size_t length, const char *name, conf_edit_write write,
                           void *userdata);

/* The section that the line (from 1) is of: where its header stands and where the next one does, in bytes.
 * A line above the first header is a section of its own; a header is of the section it opens. */
void conf_edit_section_at(const char *text, size_t length, unsigned line, size_t *ret_from,
                          size_t *ret_to);
