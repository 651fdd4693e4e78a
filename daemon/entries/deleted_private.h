/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the files behind deleted.h share; each uses those below it only:
 *   deleted.c        which there are, and when each is over
 *   deleted_files.c  what is done to their files, on the worker
 *   deleted_parts.c  whose recordings went into one
 *   deleted_text.c   as text
 */
#include "daemon/entries/deleted.h"
#include "daemon/entries/paper.h"

/* deleted_files.c: 0, or -errno; done already is done. ret_unread: why its recording could not be read, or not to its
 * end; it is moved all the same, and those that it took in as far as it says so. Else it is left as it is. */
int deleted_put_aside(const char *state_dir, const char *id, int *ret_unread);
int deleted_put_back(const char *state_dir, const char *id, int *ret_unread);
/* For good. whole: nothing else is of its file. Its text goes last. */
int deleted_remove(const char *state_dir, const struct deleted_session *session, bool whole,
                   int *ret_unread);

/* deleted_parts.c: of what ID.rec of the folder took in, the ids; the caller frees. 0 or -errno; none, where there is no
 * such recording, and of one that cannot be read those that were found till then. ret_unread as above. */
int deleted_parts_of(int folder_fd, const char *id, char (**ret)[SESSION_ID_MAX], size_t *ret_n,
                     int *ret_unread);

/* deleted_text.c */
void deleted_format(const struct deleted_session *session, char ret[static PAPER_TEXT_MAX]);
bool deleted_parse(struct deleted_session *ret, const char *id, const char *text);
