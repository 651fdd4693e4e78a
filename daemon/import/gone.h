/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Sessions of files that were deleted, while others came in with them: whose file is given away is to bring none of
 * them again. There are few. Whether one has its figures still, the store alone knows once the daemon runs.
 */
#include "daemon/store/store.h"

struct gone_session;

struct gone { /* all 0: none */
    struct gone_session *all;
    size_t n;
};

/* As a session is by now: it is one of them, or is not. -ENOMEM. */
int gone_note(struct gone *gone, const struct store_session *session);
/* Those of that file, as choice_rows_of_file has them: a file is one runner's, with all that it came to. How many, at
 * most `max`. */
size_t gone_of_file(const struct gone *gone, const char *hash, const char *runner,
                    struct store_session ret[], size_t max);
void gone_done(struct gone *gone);
