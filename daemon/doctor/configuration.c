/* SPDX-License-Identifier: MIT */
/*
 * The configuration, by the code of --check-config. What nobody but root and the service may read is
 * skipped for others, and not called a mistake.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/doctor/inbox.h"
#include "daemon/doctor/private.h"
#include "daemon/util.h"

#define CREDENTIALS "/run/credentials/strided.service" /* systemd's, while the service runs */

static const char *config_file(const struct doctor *doctor)
{
    return doctor->places.config_file ? doctor->places.config_file : CONFIG_FILE;
}

/* What root or the service may read, or is there while the service runs, is no mistake for not being ours. */
static bool is_a_mistake(const struct doctor *doctor, const char *sentence)
{
    if (strstr(sentence, "=" CREDENTIALS) && !doctor->unit_runs)
        return false;
    return geteuid() == 0 || !strstr(sentence, strerror(EACCES));
}

static void say_problems(struct doctor *doctor, const struct conf_problems *problems)
{
    char sentence[DOCTOR_FOUND_MAX];

    for (size_t i = 0; conf_problem_format(problems, i, sentence, sizeof(sentence)); i++)
        if (!is_a_mistake(doctor, sentence))
            doctor_say(doctor, CONFIG_SKIPPED, NULL, "%s", sentence);
        else
            doctor_say(doctor,
                       i < problems->n && problems->items[i].warning ? CONFIG_DOUBT : CONFIG_WRONG,
                       NULL, "%s", sentence);
}

/* "strided.conf, 20-import.conf" */
static void list_files(const struct conf_origins *origins, char *ret, size_t size)
{
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < origins->n_files && length < size; i++) {
        const char *slash = strrchr(origins->files[i], '/');

        length += (size_t)snprintf(ret + length, size - length, "%s%s", i ? ", " : "",
                                   slash ? slash + 1 : origins->files[i]);
    }
}

static void say_counts(struct doctor *doctor, const struct config *config)
{
    const struct conf *conf = &config->conf;
    char files[DOCTOR_FOUND_MAX / 2];

    list_files(&config->origins, files, sizeof(files));
    if (config->origins.n_files == 0)
        doctor_say(doctor, CONFIG_NONE, config_file(doctor),
                   "there is none at %s: defaults hold, without a broker and a sensor",
                   config_file(doctor));
    else if (doctor_is_silent(doctor, CHECK_CONFIG))
        doctor_say(doctor, CONFIG_SOUND, NULL, "%s: gateway '%s', %zu runner%s, %zu sensor%s",
                   files, conf->gateway, conf->n_runners, conf->n_runners == 1 ? "" : "s",
                   conf->n_sensors, conf->n_sensors == 1 ? "" : "s");
}

/* ---- what is named there, and must be readable for another user than us ---- */

static void check_readable(struct doctor *doctor, const struct person *person, const char *key,
                           const char *path)
{
    const char *hider = inbox_hider(doctor->unit_service, path);
    char part[4096];
    int error;

    if (path[0] != '/' || strncmp(path, CREDENTIALS "/", strlen(CREDENTIALS "/")) == 0)
        return;
    if (hider)
        doctor_say(doctor, CONFIG_HIDDEN, NULL,
                   "%s=%s: the service does not see it, by %s= of its sandbox", key, path, hider);
    if (rights_along(person, path, R_OK, part, sizeof(part), &error) == RIGHT_NO)
        doctor_say(doctor, CONFIG_SECRET, part,
                   "%s=%s: user %s, as whom the service runs, may not "
                   "%s %s",
                   key, path, doctor->places.user, strcmp(part, path) == 0 ? "read" : "enter",
                   strcmp(part, path) == 0 ? "it" : part);
}

static void check_files(struct doctor *doctor, const struct conf *conf)
{
    struct person person;

    person_of(doctor->places.user, &person);
    check_readable(doctor, &person, "PasswordFile", conf->mqtt_password_file);
    if (strncmp(conf->mqtt_uri, "mqtts://", 8) != 0)
        return;
    check_readable(doctor, &person, "CaFile", conf->mqtt_ca_file);
    check_readable(doctor, &person, "ClientCert", conf->mqtt_client_cert);
    check_readable(doctor, &person, "ClientKey", conf->mqtt_client_key);
}

/* ---- the password ---- */

/* A credential of systemd's is where the service finds it, while that runs. */
static void find_credential(void)
{
    if (!getenv("CREDENTIALS_DIRECTORY") && access(CREDENTIALS, X_OK) == 0)
        (void)setenv("CREDENTIALS_DIRECTORY", CREDENTIALS, 1);
}

/* The unit takes a password along that is not here. */
static bool unit_has_password(const struct doctor *doctor)
{
    static const char *const keys[] = { "LoadCredential", "LoadCredentialEncrypted" };
    const json_t *item;
    size_t i;

    for (size_t k = 0; k < ELEMENTSOF(keys); k++)
        json_array_foreach(json_object_get(doctor->unit_service, keys[k]), i, item)
        {
            const char *name = json_string_value(json_array_get(item, 0));

            if (name && strcmp(name, "mqtt-password") == 0)
                return true;
        }
    return false;
}

static void note_unread(struct doctor *doctor)
{
    const struct conf *conf = &doctor->config->conf;

    doctor->password_unread =
        conf->mqtt_username[0] && !doctor->password &&
        (conf->mqtt_password_file[0] || geteuid() != 0 || unit_has_password(doctor));
}

void doctor_look_config(struct doctor *doctor)
{
    const char *state_dir = doctor->places.state_dir;
    char assigned[4096];
    int r;

    snprintf(assigned, sizeof(assigned), "%s/" CONFIG_ASSIGNED, state_dir);
    if (access(assigned, R_OK) < 0 && errno == EACCES && geteuid() != 0) {
        doctor_say(doctor, CONFIG_SKIPPED, NULL,
                   "%s is for root and the service: sensors assigned by command are not seen here",
                   assigned);
        state_dir = NULL;
    }
    find_credential();
    r = config_load(&doctor->config, doctor->places.config_file, state_dir);
    if (r == 0)
        r = config_read_password(doctor->config, &doctor->password);
    if (r < 0) {
        doctor->config = config_free(doctor->config);
        doctor_say(doctor, CONFIG_SKIPPED, NULL, "it cannot be read: %s", strerror(-r));
        return;
    }
    note_unread(doctor);
    say_problems(doctor, &doctor->config->problems);
    check_files(doctor, &doctor->config->conf);
    say_counts(doctor, doctor->config);
}
