/* SPDX-License-Identifier: MIT */
#include "daemon/import/refusal.h"

#include "daemon/import/copy.h"

void refusal_unread(struct result *result, enum child_result outcome, const struct report *report)
{
    static const char *const reasons[] = {
        [CHILD_E_KILLED] = "Refused: reading it took more memory or time than a run can need",
        [CHILD_E_SLOW] = "Refused: reading it took too long",
        [CHILD_E_FAILED] = "Refused: the process that was to read it failed",
        [CHILD_E_NONSENSE] = "Refused: what was read from it makes no sense",
    };

    result_refuse(result, "%s", outcome == CHILD_OK ? report->reason : reasons[outcome]);
    result->import.passes =
        report ? report->verdict == OUTLINE_E_FUTURE : outcome == CHILD_E_FAILED;
}

void refusal_anothers(struct result *result, const char *keeper, const char *session)
{
    result->import.passes = true;
    keeper = keeper[0] ? keeper : "another runner";
    if (session[0])
        result_refuse(result,
                      "Refused: the same file was imported for %s; "
                      "'session assign id=%s runner=%s' gives it over",
                      keeper, session, result->import.runner);
    else
        result_refuse(result, "Refused: the same file was imported for %s", keeper);
}

void refusal_deleted(struct result *result)
{
    result_refuse(result, "Refused: what was in it was deleted");
}

void refusal_known(struct result *result, const struct said *said)
{
    char words[STORE_REASON_MAX - 40];

    if (said->deleted)
        return refusal_deleted(result);
    said_words(said, words, sizeof(words));
    if (said->keeper[0])
        result_refuse(result, "Refused: imported before; it was given to %s", said->keeper);
    else
        result_refuse(result, "Refused: imported before; %s", words);
}

void refusal_large(struct result *result)
{
    result_refuse(result, "Refused: it is larger than %d MB", (int)(COPY_SIZE_MAX >> 20));
}

static int megabytes(int64_t bytes)
{
    return (int)((bytes + (1 << 20) - 1) >> 20);
}

void refusal_room(struct result *result, int64_t size)
{
    result->import.passes = true;
    result_refuse(result,
                  "Refused: the state folder has no room for its %d MB: it is taken once %d MB are "
                  "free there, of which %d MB are kept for recordings",
                  megabytes(size), megabytes(size + COPY_RESERVE), megabytes(COPY_RESERVE));
}

void refusal_name(const struct folder_file *file, char ret[SHA256_TEXT_MAX])
{
    uint64_t looks = folder_file_key(file->runner, file->name, file->size, file->mtime_nsec);
    uint8_t bytes[SHA256_BYTES];
    struct sha256 sha;

    sha256_init(&sha);
    sha256_add(&sha, &looks, sizeof(looks));
    sha256_end(&sha, bytes);
    sha256_text(bytes, ret);
}
