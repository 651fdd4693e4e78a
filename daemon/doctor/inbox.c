/* SPDX-License-Identifier: MIT */
/*
 * The import folder with the eyes of the service: as root this process becomes the service's user, and so
 * the kernel answers, which knows access lists and all else. It is a process of its own, see apart.c.
 */
#include "daemon/doctor/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/doctor/private.h"
#include "daemon/import/name.h"
#include "daemon/util.h"

/* ---- the sandbox ---- */

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    while (length > 1 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0' || length == 1);
}

static bool is_bound_at(const json_t *list, const char *folder)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *place = json_string_value(json_array_get(item, 1));

        if (place && is_below(folder, place))
            return true;
    }
    return false;
}

static const char *word(const json_t *properties, const char *key)
{
    const char *value = json_string_value(json_object_get(properties, key));

    return value ? value : "";
}

static bool hides_homes(const json_t *properties)
{
    const char *home = word(properties, "ProtectHome");

    return strcmp(home, "yes") == 0 || strcmp(home, "tmpfs") == 0;
}

const char *inbox_hider(const json_t *properties, const char *folder)
{
    static const char *const homes[] = { "/home", "/root", "/run/user" };
    static const char *const temporary[] = { "/tmp", "/var/tmp" };

    if (is_bound_at(json_object_get(properties, "BindPaths"), folder) ||
        is_bound_at(json_object_get(properties, "BindReadOnlyPaths"), folder))
        return NULL;
    for (size_t i = 0; i < ELEMENTSOF(homes); i++)
        if (hides_homes(properties) && is_below(folder, homes[i]))
            return "ProtectHome";
    for (size_t i = 0; i < ELEMENTSOF(temporary); i++)
        if (json_is_true(json_object_get(properties, "PrivateTmp")) &&
            is_below(folder, temporary[i]))
            return "PrivateTmp";
    return NULL;
}

bool inbox_is_read_only(const json_t *properties, const char *folder)
{
    const json_t *item, *list = json_object_get(properties, "ReadWritePaths");
    size_t i;

    if (is_bound_at(json_object_get(properties, "BindReadOnlyPaths"), folder))
        return true;
    if (strcmp(word(properties, "ProtectSystem"), "strict") != 0 ||
        is_bound_at(json_object_get(properties, "BindPaths"), folder))
        return false;
    json_array_foreach(list, i, item)
    {
        const char *path = json_string_value(item);

        if (path && is_below(folder, path + strspn(path, "-+")))
            return false;
    }
    return true;
}

bool inbox_bound(const json_t *properties, const char *folder, char *ret, size_t size)
{
    static const char *const keys[] = { "BindPaths", "BindReadOnlyPaths" };
    const json_t *item;
    size_t i;

    for (size_t k = 0; k < ELEMENTSOF(keys); k++)
        json_array_foreach(json_object_get(properties, keys[k]), i, item)
        {
            const char *place = json_string_value(json_array_get(item, 1));

            if (!place || strcmp(place, folder) != 0)
                continue;
            snprintf(ret, size, "%s", json_string_value(json_array_get(item, 0)));
            return true;
        }
    return false;
}

/* ---- rights ---- */

/* From here on this process is that user; without the right to become one it stays who it is. */
static void become(struct doctor *doctor, const struct person *person)
{
    gid_t groups[64];

    if (geteuid() != 0 || !person->known || person->uid == 0 || person->n_groups == 0)
        return;
    for (size_t i = 0; i < person->n_groups; i++)
        groups[i] = person->groups[i];
    if (setgroups(person->n_groups, groups) < 0 || setresgid(groups[0], groups[0], groups[0]) < 0 ||
        setresuid(person->uid, person->uid, person->uid) < 0)
        doctor_say(doctor, IMPORT_SKIPPED, NULL, "user %s cannot be tried out: %s",
                   doctor->places.user, strerror(errno));
}

static int wanted(const struct doctor *doctor)
{
    return R_OK | X_OK | (doctor->config->conf.import_after == CONF_AFTER_KEEP ? 0 : W_OK);
}

static void say_closed(struct doctor *doctor, const struct person *person, const char *folder,
                       const char *part)
{
    int error;
    bool reads =
        strcmp(part, folder) == 0 && rights_of(person, part, R_OK | X_OK, &error) == RIGHT_YES;

    if (reads)
        doctor_say(doctor, IMPORT_READ_ONLY, part,
                   "%s: user %s may not write there, which After= "
                   "needs",
                   part, doctor->places.user);
    else
        doctor_say(doctor, IMPORT_CLOSED, part, "%s: user %s may not %s %s", folder,
                   doctor->places.user, strcmp(part, folder) == 0 ? "read" : "enter", part);
}

static void look_rights(struct doctor *doctor, const struct person *person, const char *folder)
{
    char part[4096];
    int error;
    enum right right = rights_along(person, folder, wanted(doctor), part, sizeof(part), &error);

    if (right == RIGHT_NO)
        say_closed(doctor, person, folder, part);
    else if (error == -ENOENT)
        doctor_say(doctor, IMPORT_NONE, folder, "%s is not there", part);
    else if (error)
        doctor_say(doctor, IMPORT_SKIPPED, NULL, "%s: %s", part, strerror(-error));
    else if (right == RIGHT_UNKNOWN)
        doctor_say(doctor, IMPORT_SKIPPED, NULL, "%s: what user %s may there, root can tell", part,
                   doctor->places.user);
}

/* ---- what is bound in: mounted by root, so the way to it does not matter ---- */

struct bound {
    int fds[CONF_RUNNERS_MAX]; /* of each runner's; -1: nothing is bound, or it cannot be opened */
};

/* While this process is still root's. */
static void open_bound(const struct doctor *doctor, const char *folder, struct bound *ret)
{
    char path[4096], source[4096];

    for (size_t i = 0; i < doctor->config->conf.n_runners; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, doctor->config->conf.runners[i].id);
        ret->fds[i] = -1;
        if (inbox_bound(doctor->unit_service, path, source, sizeof(source)))
            ret->fds[i] = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
}

static void look_bound(struct doctor *doctor, int fd, const char *source)
{
    if (fd < 0)
        doctor_say(doctor, IMPORT_NONE, source, "%s, which is bound in, is not there", source);
    else if (faccessat(fd, ".", R_OK | X_OK, AT_EACCESS) < 0)
        doctor_say(doctor, IMPORT_CLOSED, source, "user %s may not read %s, which is bound in",
                   doctor->places.user, source);
    else if (faccessat(fd, ".", wanted(doctor), AT_EACCESS) < 0)
        doctor_say(doctor, IMPORT_READ_ONLY, source,
                   "user %s may not write in %s, which is bound in, and After= needs that",
                   doctor->places.user, source);
}

/* ---- the runners' subfolders, and what is below them ---- */

static void look_below(struct doctor *doctor, const struct person *person, const char *folder,
                       unsigned depth)
{
    _cleanup_closedir_ DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[4096];
    struct stat st;

    while (dir && (entry = readdir(dir))) {
        if (import_name_is_passed_over(entry->d_name) ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= sizeof(path) ||
            lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
            continue;
        if (depth == IMPORT_DEPTH_MAX) {
            doctor_say(doctor, IMPORT_DEEP, NULL, "%s lies too deep", path);
            return;
        }
        look_rights(doctor, person, path);
        look_below(doctor, person, path, depth + 1);
    }
}

static void look_runners(struct doctor *doctor, const struct person *person, const char *folder,
                         const struct bound *bound, size_t runner)
{
    char path[4096], source[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, doctor->config->conf.runners[runner].id);
    if (inbox_bound(doctor->unit_service, path, source, sizeof(source)))
        look_bound(doctor, bound->fds[runner], source);
    else if (access(path, F_OK) == 0) {
        look_rights(doctor, person, path);
        look_below(doctor, person, path, 0);
    }
}

static void look_stray(struct doctor *doctor, const char *folder, const char *name)
{
    const struct conf *conf = &doctor->config->conf;
    char path[4096];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!import_name_is_passed_over(name) && conf_find_runner(conf, name) == conf->n_runners &&
        stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        doctor_say(doctor, IMPORT_STRAY, NULL, "%s is no runner's", path);
}

static void look_subfolders(struct doctor *doctor, const struct person *person, const char *folder,
                            const struct bound *bound)
{
    _cleanup_closedir_ DIR *dir = opendir(folder);
    struct dirent *entry;

    for (size_t i = 0; i < doctor->config->conf.n_runners; i++)
        look_runners(doctor, person, folder, bound, i);
    while (dir && (entry = readdir(dir)))
        look_stray(doctor, folder, entry->d_name);
}

void doctor_look_import(struct doctor *doctor)
{
    const char *folder = doctor->config ? doctor->config->conf.import_folder : "";
    struct person person;
    struct bound bound;
    const char *hider;

    if (!folder[0]) {
        doctor_say(doctor, IMPORT_SKIPPED, NULL, "%s",
                   doctor->config ? "no Folder= in [Import]: no files are read"
                                  : "the configuration is not known");
        return;
    }
    person_of(doctor->places.user, &person);
    hider = inbox_hider(doctor->unit_service, folder);
    if (hider)
        doctor_say(doctor, IMPORT_HIDDEN, folder,
                   "the service does not see %s, by %s= of its sandbox", folder, hider);
    else if ((wanted(doctor) & W_OK) && inbox_is_read_only(doctor->unit_service, folder))
        doctor_say(doctor, IMPORT_SANDBOX, folder,
                   "%s may not be written by the service, by its sandbox, and After= needs that",
                   folder);
    open_bound(doctor, folder, &bound);
    become(doctor, &person);
    if (person.known)
        look_rights(doctor, &person, folder);
    else
        doctor_say(doctor, IMPORT_SKIPPED, NULL, "there is no user %s to ask for",
                   doctor->places.user);
    look_subfolders(doctor, &person, folder, &bound);
    if (doctor_is_silent(doctor, CHECK_IMPORT))
        doctor_say(doctor, IMPORT_READY, NULL, "user %s may read %s%s", doctor->places.user, folder,
                   wanted(doctor) & W_OK ? ", and write there" : "");
}
