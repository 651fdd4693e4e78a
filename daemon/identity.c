/* SPDX-License-Identifier: MIT */
#include "daemon/identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include "daemon/log.h"
#include "daemon/util.h"

/* Ours, made once by `systemd-id128 new`. */
#define APPLICATION SD_ID128_MAKE(7c, 1d, 5e, 0a, 93, 42, 4b, 6f, a8, 21, 0f, d3, 6b, 94, e7, 5c)

static int read_kept(const char *path, sd_id128_t *ret)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char text[33] = "";

    if (fd < 0 || read(fd, text, 32) != 32)
        return -ENOENT;
    return sd_id128_from_string(text, ret);
}

static int write_kept(const char *path, sd_id128_t id)
{
    _cleanup_close_ int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    char text[33];

    sd_id128_to_string(id, text);
    return fd >= 0 && write(fd, text, 32) == 32 ? 0 : -errno;
}

static int find(const char *path, sd_id128_t *ret)
{
    return sd_id128_get_machine_app_specific(APPLICATION, ret) < 0 ? read_kept(path, ret) : 0;
}

bool identity_find(char *ret, size_t size, const char *state_dir)
{
    char path[4096], text[33];
    sd_id128_t id;

    snprintf(path, sizeof(path), "%s/machine-id", state_dir);
    if (find(path, &id) < 0)
        return false;
    snprintf(ret, size, "%s", sd_id128_to_string(id, text));
    return true;
}

void identity_read(char *ret, size_t size, const char *state_dir)
{
    char path[4096], text[33];
    sd_id128_t id;

    snprintf(path, sizeof(path), "%s/machine-id", state_dir);
    if (find(path, &id) < 0) {
        (void)sd_id128_randomize(&id);
        if (write_kept(path, id) < 0)
            log_warning("No machine id, and none could be kept in %s: this gateway will be "
                        "another one after a restart",
                        state_dir);
    }
    snprintf(ret, size, "%s", sd_id128_to_string(id, text));
}
