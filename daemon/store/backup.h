/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * A copy of the database that is whole in itself, of one moment, whatever its log still holds; looked through before
 * it is called by its name. On the worker, between two changes.
 */
#include <stddef.h>
#include <stdint.h>

#define BACKUP_FOLDER   "backups" /* in the state folder */
#define BACKUP_KEPT     7
#define BACKUP_NAME_MAX 48
#define BACKUP_RESERVE  (INT64_C(64) << 20) /* of the disk is left: recordings need it more */

struct backup {                 /* as it was made */
    char name[BACKUP_NAME_MAX]; /* below the state folder */
    int64_t size;               /* bytes */
};

/*
 * Of this moment (UTC), and the oldest beyond BACKUP_KEPT go. none_since: not made if there is one that is not older
 * (-EALREADY); 0: in any case. -ENOENT: there is no database; -ENOSPC: not even BACKUP_RESERVE would be left beside it;
 * -EBADMSG: it, or the copy, is damaged.
 */
int backup_make(const char *state_dir, int64_t now_usec, int64_t none_since_usec,
                struct backup *ret);
