/* SPDX-License-Identifier: MIT */
/* Which recordings there are: what has such a name and is a file. */
#include "daemon/recording/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/array.h"
#include "daemon/listing.h"
#include "daemon/util.h"

static bool id_of_name(const char *name, char id[static SESSION_ID_MAX])
{
    size_t length = strlen(name), suffix = strlen(RECORDING_SUFFIX);
    if (length <= suffix || length - suffix >= SESSION_ID_MAX ||
        strcmp(name + length - suffix, RECORDING_SUFFIX) != 0)
        return false;
    snprintf(id, SESSION_ID_MAX, "%.*s", (int)(length - suffix), name);
    return recording_id_is_valid(id);
}

static bool is_file_at(int folder_fd, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG;
    return fstatat(folder_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

struct id_list {
    char (*ids)[SESSION_ID_MAX];
    size_t n;
};

static void id_list_done(struct id_list *list)
{
    free(list->ids);
}

static int id_list_add(struct id_list *list, const char id[static SESSION_ID_MAX])
{
    char(*added)[SESSION_ID_MAX] = ARRAY_ADD(list->ids, list->n);

    if (!added)
        return -ENOMEM;
    memcpy(*added, id, SESSION_ID_MAX);
    return 0;
}

int recording_list(int folder_fd, char (**ret_ids)[SESSION_ID_MAX], size_t *ret_n)
{
    _cleanup_(id_list_done) struct id_list list = { 0 };
    _cleanup_closedir_ DIR *dir = NULL;
    char id[SESSION_ID_MAX];
    int r = listing_open(folder_fd, &dir);

    if (r < 0)
        return r;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0)
        if (id_of_name(entry->d_name, id) && is_file_at(folder_fd, entry) &&
            id_list_add(&list, id) < 0)
            return -ENOMEM;
    if (errno != 0)
        return -errno;
    if (list.n > 0)
        qsort(list.ids, list.n, sizeof(*list.ids), compare_ids);
    *ret_ids = TAKE_PTR(list.ids);
    *ret_n = list.n;
    return 0;
}
