/* SPDX-License-Identifier: MIT */
#pragma once
/* A session, as far as it takes to tell which of two counts: when it was, and what it measured. */
#include "daemon/store/store.h"
#include "lib/training/duplicate.h"

struct span {
    int64_t start_usec, end_usec;
    uint32_t n_samples;
    uint32_t id, runner; /* names, by number (names.h) */
    uint32_t instead;    /* the id of the one that counts; 0: it does */
    bool on_foot, distance, grade, heart_rate, cadence, drop;
};

/* All of it but the names. */
void span_describe(struct span *span, const struct store_session *row);
/* The id is borrowed. */
struct duplicate_session span_as_duplicate(const struct span *span, const char *id);
