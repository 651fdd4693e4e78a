/* SPDX-License-Identifier: MIT */
/*
 * Reads the files that lib/conf.c understands. All of it happens before the loop runs, or on a
 * reload, of local files: it may block for as long as a small read takes.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "daemon/config/private.h"
#include "daemon/readfile.h"
#include "daemon/util.h"
#include "daemon/zone.h"

/* ---- The files of one load */

static int load_file(struct config *config, const char *path, bool may_miss)
{
    _cleanup_free_ char *text = NULL;
    size_t length = 0;
    int r = read_file(path, CONFIG_SIZE_MAX, &text, &length, NULL);

    if (r == -ENOENT && may_miss)
        return 0;
    if (r < 0)
        return config_say_unreadable(&config->problems, path, CONFIG_SIZE_MAX, r);
    conf_parse(&config->conf, &config->origins, path, text, length, &config->problems);
    return 0;
}

static int is_drop_in(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 5 &&
           strcmp(entry->d_name + length - 5, ".conf") == 0;
}

/* By byte, so that the order does not hang on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_drop_in(struct config *config, const char *folder, const char *name)
{
    _cleanup_free_ char *path = NULL;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return -ENOMEM;
    return load_file(config, path, false);
}

static int load_drop_ins(struct config *config, const char *file)
{
    _cleanup_free_ struct dirent **entries = NULL;
    _cleanup_free_ char *folder = NULL;
    int n, r = 0;

    if (asprintf(&folder, "%s.d", file) < 0)
        return -ENOMEM;
    n = scandir(folder, &entries, is_drop_in, by_name);
    if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (n < 0) {
        conf_problem_add(&config->problems, folder, 0, false, "the folder cannot be read: %s",
                         strerror(errno));
        return 0;
    }
    for (int i = 0; i < n; i++) {
        r = r < 0 ? r : load_drop_in(config, folder, entries[i]->d_name);
        free(entries[i]);
    }
    return r;
}

/* ---- What needs more than the text */

static void check_zone(struct config *config, size_t i)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;
    const struct conf_runner *runner = &config->conf.runners[i];
    const struct conf_origin *origin =
        conf_origin_find(&config->origins, CONF_SECTION_RUNNER, i, "TimeZone");

    if (zone_load(&zone, runner->time_zone) == ZONE_OK)
        return;
    if (runner->time_zone[0] == '\0')
        conf_problem_add(
            &config->problems, "/etc/localtime", 0, true,
            "the machine's time zone cannot be used; days of [Runner %s] are those of UTC",
            runner->id);
    else
        conf_problem_add(&config->problems, conf_origin_file(&config->origins, origin),
                         origin ? origin->line : 0, false,
                         "TimeZone=%s of [Runner %s] is not to be had on this machine; allowed: a "
                         "name that `timedatectl list-timezones` shows",
                         runner->time_zone, runner->id);
}

/* "hall" of "hall.example.org" */
static void read_host_name(char ret[HOST_NAME_MAX + 1])
{
    if (gethostname(ret, HOST_NAME_MAX) < 0)
        *ret = '\0';
    ret[HOST_NAME_MAX] = '\0';
    ret[strcspn(ret, ".")] = '\0';
}

static int load_all(struct config *config, const char *config_file, const struct assigned *assigned)
{
    const char *file = config_file ? config_file : CONFIG_FILE;
    int r;

    if (assigned->text)
        conf_parse(&config->conf, &config->origins, assigned->path, assigned->text,
                   assigned->length, &config->problems);
    r = load_file(config, file, config_file == NULL);
    return r == 0 ? load_drop_ins(config, file) : r;
}

static int load_once(struct config *config, const char *config_file,
                     const struct assigned *assigned)
{
    char host_name[HOST_NAME_MAX + 1];
    int r;

    *config = (struct config){ 0 };
    conf_init(&config->conf);
    r = load_all(config, config_file, assigned);
    if (r < 0)
        return r;
    read_host_name(host_name);
    conf_finish(&config->conf, &config->origins, host_name, &config->problems);
    for (size_t i = 0; i < config->conf.n_runners; i++)
        check_zone(config, i);
    return config_check_certificates(config);
}

/* Behind all else: what keeps the service down is to be seen, however much this is. */
static void add_said(struct config *config, const struct conf_problems *said)
{
    struct conf_problems *problems = &config->problems;

    if (!conf_problem_format(said, 0, config->left_out, sizeof(config->left_out)))
        config->left_out[0] = '\0';
    for (size_t i = 0; i < said->n; i++)
        if (problems->n < CONF_PROBLEMS_MAX)
            problems->items[problems->n++] = said->items[i];
        else
            problems->more++;
    problems->more += said->more;
}

/* What a person cannot mend while the service is down must not keep it down: again without it, until
 * nothing of it is wrong. */
static int load(struct config **ret, const char *config_file, struct assigned *assigned)
{
    _cleanup_(config_freep) struct config *config = malloc(sizeof(*config));
    int r;

    if (!config)
        return -ENOMEM;
    do
        r = load_once(config, config_file, assigned);
    while (r == 0 && assigned_leave_out(assigned, config));
    if (r < 0)
        return r;
    add_said(config, &assigned->said);
    conf_problems_sort(&config->problems, &config->origins);
    *ret = TAKE_PTR(config);
    return 0;
}

static void free_assigned(struct assigned **assigned)
{
    if (*assigned)
        assigned_done(*assigned);
    free(*assigned);
}

int config_load(struct config **ret, const char *config_file, const char *state_dir)
{
    _cleanup_(free_assigned) struct assigned *assigned = calloc(1, sizeof(*assigned));
    int r = assigned ? assigned_read(assigned, state_dir) : -ENOMEM;

    return r < 0 ? r : load(ret, config_file, assigned);
}

int config_load_with(struct config **ret, const char *config_file, const char *state_dir,
                     const char *text, size_t length)
{
    _cleanup_(free_assigned) struct assigned *assigned = calloc(1, sizeof(*assigned));
    int r = assigned ? assigned_take(assigned, state_dir, text, length) : -ENOMEM;

    return r < 0 ? r : load(ret, config_file, assigned);
}

struct config *config_free(struct config *config)
{
    free(config);
    return NULL;
}
