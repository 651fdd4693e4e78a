/* SPDX-License-Identifier: MIT */
#pragma once
/* Whose a file is, and what of its owner has to be known to read it. */
#include "daemon/import/folder.h"
#include "daemon/import/orders.h"
#include "lib/tz.h"

struct owners {
    const struct conf *conf; /* borrowed */
    struct zone *zones[CONF_RUNNERS_MAX];
};

/* The first, or another. */
void owners_set_conf(struct owners *owners, const struct conf *conf);
void owners_done(struct owners *owners);
/* Who a file in the folder belongs to. NULL: nobody, and why, as the end of a sentence. */
const char *owners_of(const struct owners *owners, const struct folder_file *file,
                      const char **ret_why);
/* What the owner's files are read with; of a runner who is not configured nothing is known. */
void owners_orders(const struct owners *owners, const char *owner, struct orders *orders);
/* A digest of the reader and of these: other than before, its files come to something else. Not 0. */
uint64_t owners_read_with(const struct owners *owners, const char *owner);
const struct tz *owners_tz(const struct owners *owners, const char *owner); /* NULL: not known */
