/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind config.h share; each calls only those below it:
 *   report.c        says what came of it
 *   config.c        loads
 *   assigned.c      what commands bound
 *   certificates.c  those of the link
 *   password.c      the password
 *   secret.c        a file that nobody else may read
 *   problem.c       a file that cannot be used
 */
#include "daemon/config/config.h"

/*
 * A file could not be read, and becomes a problem. most: of bytes; error: of read_file. 0, or -ENOMEM,
 * which is none of the file's.
 */
int config_say_unreadable(struct conf_problems *problems, const char *path, size_t most, int error);
/* One that a key of [MQTT] names: the mistake is where the key stands. */
int config_say_unusable(struct config *config, const char *key, const char *path, size_t most,
                        int error);

/* The text of assigned.conf while it is read, and what was left out of it. */
struct assigned {
    char *path; /* NULL: there is no state folder */
    char *text; /* what is left out is blank, so that lines keep their numbers */
    size_t length;
    struct conf_problems said; /* warnings */
    unsigned rounds;
};

/* 0, or -ENOMEM: one that cannot be read is a warning. */
int assigned_read(struct assigned *ret, const char *state_dir);
/* As config_load_with has it. */
int assigned_take(struct assigned *ret, const char *state_dir, const char *text, size_t length);
/* Of a configuration that was made with it: sections with what is wrong are left out from now on. false:
 * nothing is. */
bool assigned_leave_out(struct assigned *assigned, const struct config *config);
void assigned_done(struct assigned *assigned);

struct config_secret {
    const char *key; /* of [MQTT]; NULL: systemd gave the file */
    const char *path, *what;
    size_t most;
};

/* What is wrong becomes a problem, and *ret NULL. To be given to config_secret_free, which wipes it. Also
 * < 0: -ENOMEM. */
int config_read_secret(struct config *config, const struct config_secret *secret, char **ret,
                       size_t *ret_length);
char *config_secret_free(char *text, size_t length);

/* CaFile=, ClientCert= and ClientKey= of an encrypted link. 0, or -ENOMEM. */
int config_check_certificates(struct config *config);
