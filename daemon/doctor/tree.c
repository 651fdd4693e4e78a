/* SPDX-License-Identifier: MIT */
/* Small files of the kernel and the distribution, below a root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "daemon/doctor/private.h"
#include "daemon/util.h"

void doctor_path(const struct doctor *doctor, const char *path, char *ret, size_t size)
{
    snprintf(ret, size, "%s%s", doctor->places.root, path);
}

void doctor_read_word(const struct doctor *doctor, const char *path, char *ret, size_t size)
{
    char whole[4096];

    doctor_path(doctor, path, whole, sizeof(whole));
    _cleanup_close_ int fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd >= 0 ? read(fd, ret, size - 1) : 0;

    ret[n > 0 ? n : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
}

bool doctor_stands(const struct doctor *doctor, const char *path)
{
    char whole[4096];

    doctor_path(doctor, path, whole, sizeof(whole));
    return access(whole, F_OK) == 0;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strlen(entry->d_name) < DOCTOR_NAME_MAX;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

size_t doctor_list(const struct doctor *doctor, const char *path, char (*ret)[DOCTOR_NAME_MAX],
                   size_t max)
{
    _cleanup_free_ struct dirent **entries = NULL;
    char whole[4096];
    size_t n = 0;

    doctor_path(doctor, path, whole, sizeof(whole));
    int found = scandir(whole, &entries, is_shown, by_name);
    for (int i = 0; i < found; i++) {
        if (n < max)
            memcpy(ret[n++], entries[i]->d_name, strlen(entries[i]->d_name) + 1); /* is_shown */
        free(entries[i]);
    }
    return n;
}
