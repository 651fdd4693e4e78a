/* SPDX-License-Identifier: MIT */
#include "daemon/import/name.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include "daemon/util.h"
#include "lib/utf8.h"

static const char *const beginnings[] = {
    ".", /* rsync: .run.fit.Ab12Cd; Syncthing: .syncthing.run.fit.tmp */
    "~", /* Syncthing on Windows: ~syncthing~run.fit.tmp; office programs: ~$run */
    "#", /* emacs */
};
static const char *const endings[] = {
    ".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".upload",
    ".tmp",  ".temp",    ".swp",        "~",         ".!sync",      ".!ut",      ".aria2",
};

static const char *const passed_over[] = {
    ROUTE_FOLDER, IMPORT_DONE,  "@eaDir", /* Synology: one for each file */
    "__MACOSX",   "lost+found", "$RECYCLE.BIN", "System Volume Information",
};

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), n = strlen(ending);

    return length > n && strcasecmp(name + length - n, ending) == 0;
}

bool import_name_is_temporary(const char *name)
{
    for (size_t i = 0; i < ELEMENTSOF(beginnings); i++)
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    for (size_t i = 0; i < ELEMENTSOF(endings); i++)
        if (ends_in(name, endings[i]))
            return true;
    return strstr(name, ".sync-conflict-") !=
           NULL; /* Syncthing: another copy of one that is there */
}

bool import_name_is_passed_over(const char *name)
{
    for (size_t i = 0; i < ELEMENTSOF(passed_over); i++)
        if (strcmp(name, passed_over[i]) == 0)
            return true;
    return import_name_is_temporary(name);
}

bool import_name_is_way(const char *way)
{
    char part[NAME_MAX + 1];
    const char *end;

    if (!utf8_is_plain(way, strlen(way)))
        return false;
    for (unsigned depth = 0; (end = strchr(way, '/')); way = end + 1, depth++) {
        size_t length = (size_t)(end - way);

        if (depth == IMPORT_DEPTH_MAX || length == 0 || length >= sizeof(part))
            return false;
        memcpy(part, way, length);
        part[length] = '\0';
        if (import_name_is_passed_over(part))
            return false;
    }
    return *way && !import_name_is_temporary(way);
}

bool import_name_is_route(const char *name)
{
    size_t length = strlen(name);

    return length < ROUTE_NAME_MAX && !strchr(name, '/') && utf8_is_plain(name, length) &&
           !import_name_is_temporary(name) && (ends_in(name, ".gpx") || ends_in(name, ".gpx.gz"));
}

void import_name_text(const char *name, char *ret, size_t size)
{
    size_t length = strlen(name), at = 0;

    for (size_t i = 0; i < length;) {
        size_t n = utf8_character(name + i, length - i);
        bool plain = n > 1 || (n == 1 && (unsigned char)name[i] >= 0x20 && name[i] != 0x7f);
        if (n == 0)
            n = 1;
        if (at + n >= size)
            break;
        if (plain)
            memcpy(ret + at, name + i, n);
        else
            ret[at] = '?';
        at += plain ? n : 1;
        i += n;
    }
    ret[at] = '\0';
}
