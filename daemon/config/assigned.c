/* SPDX-License-Identifier: MIT */
/*
 * assigned.conf of the state folder: what commands bound. People may edit it, and disks rot: a section
 * that cannot be used is left out and said, and the file is not touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "daemon/config/private.h"
#include "daemon/readfile.h"
#include "daemon/util.h"
#include "lib/conf_edit.h"

#define NEW_NAME   CONFIG_ASSIGNED ".new"
#define ROUNDS_MAX 8

/* ---- the file ---------------------------------------------------------------------------------- */

char *config_assigned_path(const char *state_dir)
{
    char *path;

    return asprintf(&path, "%s/" CONFIG_ASSIGNED, state_dir) < 0 ? NULL : path;
}

int config_read_assigned(const char *state_dir, char **ret, size_t *ret_length)
{
    _cleanup_free_ char *path = config_assigned_path(state_dir);
    int r = path ? read_file(path, CONFIG_SIZE_MAX, ret, ret_length, NULL) : -ENOMEM;

    if (r != -ENOENT)
        return r;
    *ret_length = 0;
    *ret = calloc(1, 1);
    return *ret ? 0 : -ENOMEM;
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        length -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

int config_write_assigned(const char *state_dir, const char *text, size_t length)
{
    _cleanup_close_ int folder_fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r;

    if (folder_fd < 0)
        return -errno;
    _cleanup_close_ int fd =
        openat(folder_fd, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return -errno;
    r = write_all(fd, text, length);
    if (r == 0 && renameat(folder_fd, NEW_NAME, folder_fd, CONFIG_ASSIGNED) < 0)
        r = -errno;
    if (r < 0) {
        (void)unlinkat(folder_fd, NEW_NAME, 0);
        return r;
    }
    return fsync(folder_fd) < 0 ? -errno : 0;
}

/* ---- while it is read -------------------------------------------------------------------------- */

int assigned_take(struct assigned *ret, const char *state_dir, const char *text, size_t length)
{
    ret->path = config_assigned_path(state_dir);
    ret->text = malloc(length + 1);
    if (!ret->path || !ret->text)
        return -ENOMEM;
    if (length > 0)
        memcpy(ret->text, text, length);
    ret->text[length] = '\0';
    ret->length = length;
    return 0;
}

int assigned_read(struct assigned *ret, const char *state_dir)
{
    int r;

    if (!state_dir)
        return 0;
    ret->path = config_assigned_path(state_dir);
    if (!ret->path)
        return -ENOMEM;
    r = read_file(ret->path, CONFIG_SIZE_MAX, &ret->text, &ret->length, NULL);
    if (r == -ENOENT || r == -ENOTDIR) /* nothing was bound, or there is no such folder */
        return 0;
    r = r < 0 ? config_say_unreadable(&ret->said, ret->path, CONFIG_SIZE_MAX, r) : 0;
    if (ret->said.errors) { /* what it does not hold up works without it */
        ret->said.items[0].warning = true;
        ret->said.errors = 0;
    }
    return r;
}

void assigned_done(struct assigned *assigned)
{
    free(assigned->path);
    free(assigned->text);
}

/* ---- what is left out -------------------------------------------------------------------------- */

static bool blank(struct assigned *assigned, size_t from, size_t to)
{
    bool any = false;

    for (size_t i = from; i < to; i++)
        if (assigned->text[i] != ' ' && assigned->text[i] != '\n') {
            assigned->text[i] = ' ';
            any = true;
        }
    return any;
}

static bool is_blank_line(const struct assigned *assigned, unsigned line)
{
    const char *at = assigned->text, *end = at + assigned->length;

    for (; line > 1 && at < end; at++) /* it may hold any byte */
        line -= *at == '\n';
    while (at < end && *at == ' ')
        at++;
    return at == end || *at == '\n';
}

/* One that is blank was left out a moment ago, and is of no section any more. */
static bool leave_out_line(struct assigned *assigned, unsigned line)
{
    size_t from, to;

    if (line == 0 || is_blank_line(assigned, line))
        return false;
    conf_edit_section_at(assigned->text, assigned->length, line, &from, &to);
    return blank(assigned, from, to);
}

static bool is_of(const struct assigned *assigned, const char *file)
{
    return assigned->text && config_is_file(file, assigned->path);
}

static bool leave_out_problem(struct assigned *assigned, const struct conf_problem *problem)
{
    conf_problem_add(&assigned->said, assigned->path, problem->line, true,
                     "%.320s; what stands in this section is not used", problem->text);
    return leave_out_line(assigned, problem->line);
}

static const struct conf_origin *address_of(const struct config *config, size_t sensor)
{
    return conf_origin_find(&config->origins, CONF_SECTION_SENSOR, sensor, "Address");
}

static bool is_same(const struct conf *conf, size_t a, size_t b)
{
    return a != b && conf->sensors[a].address[0] != '\0' &&
           strcmp(conf->sensors[a].address, conf->sensors[b].address) == 0;
}

/* Somebody bound a device by command, and then in a file under another name: the file wins. */
static bool leave_out_bound(struct assigned *assigned, const struct config *config, size_t sensor)
{
    const struct conf_origin *mine = address_of(config, sensor);

    for (size_t i = 0; i < config->conf.n_sensors; i++) {
        const struct conf_origin *other = address_of(config, i);
        const char *file = conf_origin_file(&config->origins, other);

        if (!is_same(&config->conf, sensor, i) || is_of(assigned, file))
            continue;
        conf_problem_add(
            &assigned->said, assigned->path, mine->line, true,
            "Address=%s is that of [Sensor %s] of %.200s:%u, which wins; what stands in "
            "this section is not used",
            config->conf.sensors[i].address, config->conf.sensors[i].name, file,
            other ? other->line : 0);
        return leave_out_line(assigned, mine->line);
    }
    return false;
}

/* A file that is no such file at all would take a round for each few of its lines. */
static bool leave_out_all(struct assigned *assigned)
{
    assigned->said = (struct conf_problems){ 0 };
    conf_problem_add(&assigned->said, assigned->path, 0, true,
                     "too much is wrong with this file: nothing of it is used; allowed: what "
                     "`stridectl assign` writes, or no such file");
    return blank(assigned, 0, assigned->length);
}

bool assigned_leave_out(struct assigned *assigned, const struct config *config)
{
    const struct conf_problems *problems = &config->problems;
    bool any = false;

    if (assigned->rounds++ == ROUNDS_MAX)
        return leave_out_all(assigned);

    for (size_t i = 0; i < problems->n; i++)
        if (!problems->items[i].warning && is_of(assigned, problems->items[i].file))
            any |= leave_out_problem(assigned, &problems->items[i]);
    if (any) /* what it says of the others may be another then */
        return true;
    for (size_t i = 0; i < config->conf.n_sensors; i++) {
        const struct conf_origin *origin = address_of(config, i);

        if (origin && is_of(assigned, conf_origin_file(&config->origins, origin)))
            any |= leave_out_bound(assigned, config, i);
    }
    return any;
}
