/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * The other screen of a terminal, for as long as something is drawn in place: what stood there before
 * is there again afterwards, with its cursor and its line mode, also after a crash.
 */
#include <stdbool.h>

/* Whether stdout is a terminal that can be drawn in. */
bool screen_is_there(void);
/* To the other screen; keys come one by one and are not shown, Ctrl-C is a signal still. Entering
 * twice draws it anew, as after a stop. */
void screen_enter(void);
/* Back. May be called twice, and by a signal handler. */
void screen_leave(void);
/* The text's lines in place of what stood there: as many as there is room for, each cut by the
 * terminal. */
void screen_show(const char *text);
