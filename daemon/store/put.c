/* SPDX-License-Identifier: MIT */
/* A change on its way to the disk: copied rows and how they are written. */
#include <errno.h>

#include "daemon/store/tables.h"
#include "daemon/util.h"

int put_new(struct put **ret, int (*apply)(struct db *db, const void *rows), void *rows,
            void (*rows_free)(void *rows), size_t bytes)
{
    struct put *put = calloc(1, sizeof(*put));
    if (!put) {
        rows_free(rows);
        return -ENOMEM;
    }
    *put = (struct put){
        .apply = apply, .rows = rows, .rows_free = rows_free, .bytes = sizeof(*put) + bytes
    };
    *ret = put;
    return 0;
}

struct put *put_free(struct put *put)
{
    if (!put)
        return NULL;
    put->rows_free(put->rows);
    free(put);
    return NULL;
}
