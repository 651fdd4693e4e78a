/* SPDX-License-Identifier: MIT */
#include "daemon/import/gone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/array.h"

struct gone_session {
    char id[SESSION_ID_MAX], file[STORE_HASH_MAX];
    int64_t start_usec;
    int64_t end_usec; /* 0: it had no figures any more when it was noted */
};

static size_t find(const struct gone *gone, const char *id)
{
    size_t i = 0;

    while (i < gone->n && strcmp(gone->all[i].id, id) != 0)
        i++;
    return i;
}

int gone_note(struct gone *gone, const struct store_session *session)
{
    const struct payload_session *s = &session->session;
    bool is_one = session->file[0] && store_session_is_deleted(session);
    size_t i = find(gone, s->id);
    struct gone_session *one;

    if (!is_one) {
        if (i < gone->n)
            gone->all[i] = gone->all[--gone->n];
        return 0;
    }
    one = i < gone->n ? &gone->all[i] : ARRAY_ADD(gone->all, gone->n);
    if (!one)
        return -ENOMEM;
    *one = (struct gone_session){ .start_usec = s->start_usec, .end_usec = s->end_usec };
    memcpy(one->id, s->id, sizeof(one->id));
    memcpy(one->file, session->file, sizeof(one->file));
    return 0;
}

size_t gone_of_file(const struct gone *gone, const char *hash, const char *runner,
                    struct store_session ret[], size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < gone->n && n < max; i++) {
        const struct gone_session *one = &gone->all[i];
        struct payload_session *s = &ret[n].session;

        if (strcmp(one->file, hash) != 0)
            continue;
        store_session_init(&ret[n]);
        s->state = SESSION_DISCARDED;
        s->start_usec = one->start_usec;
        s->end_usec = one->end_usec;
        memcpy(s->id, one->id, sizeof(s->id));
        snprintf(s->runner, sizeof(s->runner), "%s", runner);
        memcpy(ret[n].file, one->file, sizeof(ret[n].file));
        memcpy(ret[n].reason, STORE_DELETED, sizeof(STORE_DELETED));
        n++;
    }
    return n;
}

void gone_done(struct gone *gone)
{
    free(gone->all);
    *gone = (struct gone){ 0 };
}
