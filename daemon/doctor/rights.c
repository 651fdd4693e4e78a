/* SPDX-License-Identifier: MIT */
/*
 * What another user may do with a path, as far as that shows without being them: by mode, owner and groups
 * of each folder on the way. An access list may allow more, and is not read: then nobody knows. Who is that
 * user already asks the kernel, which knows all.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "daemon/doctor/private.h"
#include "daemon/util.h"

void person_of(const char *user, struct person *ret)
{
    const struct passwd *passwd = getpwnam(user);
    gid_t groups[64];
    int n = 64;

    *ret = (struct person){ 0 };
    if (!passwd)
        return;
    ret->known = true;
    ret->uid = passwd->pw_uid;
    if (getgrouplist(user, passwd->pw_gid, groups, &n) < 0)
        n = 64; /* as many as there is room for */
    for (int i = 0; i < n && i < 64; i++)
        ret->groups[ret->n_groups++] = groups[i];
}

static bool is_in(const struct person *person, unsigned gid)
{
    for (size_t i = 0; i < person->n_groups; i++)
        if (person->groups[i] == gid)
            return true;
    return false;
}

/* The kernel takes the first class that fits, also where a later one would allow more. */
bool rights_by_mode(const struct person *person, unsigned uid, unsigned gid, unsigned mode,
                    int want)
{
    unsigned shift = person->uid == uid ? 6 : is_in(person, gid) ? 3 : 0;

    return person->uid == 0 || ((mode >> shift) & (unsigned)want) == (unsigned)want;
}

enum right rights_of(const struct person *person, const char *path, int want, int *ret_error)
{
    struct stat st;

    *ret_error = 0;
    if (!person->known)
        return RIGHT_UNKNOWN;
    if (stat(path, &st) < 0) {
        *ret_error = -errno;
        return RIGHT_UNKNOWN;
    }
    if (person->uid == geteuid())
        return faccessat(AT_FDCWD, path, want, AT_EACCESS) == 0 ? RIGHT_YES : RIGHT_NO;
    if (getxattr(path, "system.posix_acl_access", NULL, 0) > 0)
        return RIGHT_UNKNOWN;
    return rights_by_mode(person, st.st_uid, st.st_gid, st.st_mode, want) ? RIGHT_YES : RIGHT_NO;
}

enum right rights_along(const struct person *person, const char *path, int want, char *ret,
                        size_t size, int *ret_error)
{
    size_t length = strlen(path);
    enum right right = RIGHT_YES;

    *ret_error = 0;
    for (size_t i = 1; i <= length && right == RIGHT_YES; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        snprintf(ret, size, "%.*s", (int)i, path);
        right = rights_of(person, ret, i == length ? want : X_OK, ret_error);
    }
    return right;
}
