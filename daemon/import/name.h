/* SPDX-License-Identifier: MIT */
#pragma once
/* File names as programs that bring files make them. */
#include <stdbool.h>
#include <stddef.h>

#define ROUTE_NAME_MAX 128 /* bytes of the name of a route file, with the NUL */

/* A name that a file has only while it is being written: of a browser, rsync, Syncthing, an editor.
 * What begins with a dot is hidden on purpose. */
bool import_name_is_temporary(const char *name);
/* A name and no path, that of a GPX file that is whole. */
bool import_name_is_route(const char *name);
/* The name as text for people: what is no UTF-8, or not to be printed, is '?'. */
void import_name_text(const char *name, char *ret, size_t size);
