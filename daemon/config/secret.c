/* SPDX-License-Identifier: MIT */
/*
 * Files that hold a secret. Who reads one here can no longer be dumped or traced by anyone but root:
 * the secret is handed on to libraries that keep copies of it where no wiping reaches, and a core, which
 * outlives the process, would hold them.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include "daemon/config/private.h"
#include "daemon/readfile.h"
#include "daemon/util.h"

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* systemd gave it, and cares for its mode (what stat shows is the mask of an access list). Who checks the
 * settings by hand is not told the folder, but it is always below the same one. */
static bool is_credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    return is_below(path, "/run/credentials") || (folder && is_below(path, folder));
}

static void warn_if_open(struct config *config, const char *path, const char *what, mode_t mode)
{
    if ((mode & 077) && !is_credential(path))
        conf_problem_add(&config->problems, path, 0, true,
                         "others may read the %s (mode %04o); better: chmod 0600", what,
                         (unsigned)mode & 07777);
}

int config_read_secret(struct config *config, const struct config_secret *secret, char **ret,
                       size_t *ret_length)
{
    struct stat st;
    int r;

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* it can't fail */
    *ret = NULL;
    r = read_file(secret->path, secret->most, ret, ret_length, &st);
    if (r < 0 && !secret->key)
        return config_say_unreadable(&config->problems, secret->path, secret->most, r);
    if (r < 0)
        return config_say_unusable(config, secret->key, secret->path, secret->most, r);
    warn_if_open(config, secret->path, secret->what, st.st_mode);
    return 0;
}

char *config_secret_free(char *text, size_t length)
{
    if (text)
        explicit_bzero(text, length);
    free(text);
    return NULL;
}
