/* SPDX-License-Identifier: MIT */
/*
 * Sessions that were read again: in the log at once, and judged as history when all of them are in.
 * One that is not judged yet stays held, as it is now.
 */
#include "daemon/training/private.h"

static void correct(struct training *training, const struct store_session *row)
{
    struct athlete *athlete = training_athlete(training, row->session.runner);
    struct outing outing;

    if (!athlete || training_hold_past(training, row))
        return;
    if (training_is_outing(row, &outing))
        (void)training_put(training, row, &outing);
    else
        (void)logbook_remove(&athlete->book, row->session.id);
}

void training_correct(struct training *training, const struct store_session *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        correct(training, &rows[i]);
}

void training_corrected(struct training *training)
{
    for (size_t i = 0; i < training->parts.conf->n_runners; i++)
        training_judge(training, i, ANNOUNCE_HISTORY, JUDGE_CHANGE);
    training_tell_all(training);
}
