/* SPDX-License-Identifier: MIT */
#pragma once
/* File names as programs that bring files make them. */
#include <stdbool.h>
#include <stddef.h>

#define ROUTE_NAME_MAX   128 /* bytes of the name of a route file, with the NUL */
#define ROUTE_FOLDER     "routes"
#define IMPORT_DONE      "done" /* where After=move puts files */
#define IMPORT_DEPTH_MAX 2      /* folders below a runner's that are looked into */

/* A name that a file has only while it is being written: of a browser, rsync, Syncthing, an editor.
 * What begins with a dot is hidden on purpose. */
bool import_name_is_temporary(const char *name);
/* Of a folder whose files are not taken: those of routes, those that are through, what systems keep for themselves. */
bool import_name_is_passed_over(const char *name);
/* A file that is whole, by its way from the runner's folder, or from the folder itself: it leads nowhere else. */
bool import_name_is_way(const char *way);
/* A name and no path, that of a GPX file that is whole. */
bool import_name_is_route(const char *name);
/* The name as text for people: what is no UTF-8, or not to be printed, is '?'. */
void import_name_text(const char *name, char *ret, size_t size);
