/* SPDX-License-Identifier: MIT */
/*
 * A file that cannot be used becomes a problem of the configuration: with what is allowed, and where it is
 * to be mended.
 */
#include <errno.h>
#include <string.h>
#include "daemon/config/private.h"

int config_say_unreadable(struct conf_problems *problems, const char *path, size_t most, int error)
{
    if (error == -ENOMEM)
        return error;
    if (error == -EFBIG)
        conf_problem_add(problems, path, 0, false, "the file is too large; allowed: %zu bytes",
                         most);
    else if (error == -EINVAL)
        conf_problem_add(problems, path, 0, false, "this is no file; allowed: a regular file");
    else
        conf_problem_add(problems, path, 0, false, "the file cannot be read: %s", strerror(-error));
    return 0;
}

int config_say_unusable(struct config *config, const char *key, const char *path, size_t most,
                        int error)
{
    const struct conf_origin *origin =
        conf_origin_find(&config->origins, CONF_SECTION_MQTT, 0, key);

    if (error == -ENOMEM)
        return error;
    conf_problem_add(&config->problems, conf_origin_file(&config->origins, origin),
                     origin ? origin->line : 0, false,
                     "%s=%.200s cannot be used: %s; allowed: a file of at most %zu bytes that the "
                     "service may read",
                     key, path, error == -EINVAL ? "it is no file" : strerror(-error), most);
    return 0;
}
