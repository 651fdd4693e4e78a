/* SPDX-License-Identifier: MIT */
/*
 * A recording in front, the published figures behind: `live` each ten seconds of the session, and
 * `session` at its end, one "key=value" for each key of the contract that is not null. The same
 * lib/ code as in the daemon; what it prints is held against <recording>.expected.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/recording/recovery.h"
#include "lib/contract.h"
#include "lib/training/session.h"

#define EVERY_USEC UINT64_C(10000000)

static void print_row(const struct contract_row *row, const char *value)
{
    switch (row->type) {
    case CONTRACT_NUMBER: {
        double number;

        memcpy(&number, value + row->offset, sizeof(number));
        if (!isnan(number))
            printf(" %s=%.*f", row->path, row->decimals, contract_round(row, number));
        break;
    }
    case CONTRACT_NUMBERS:
        for (size_t i = 0; i < row->count; i++) {
            double number;

            memcpy(&number, value + row->offset + i * sizeof(double), sizeof(number));
            if (!isnan(number))
                printf(" %s[%zu]=%.*f", row->path, i, row->decimals, contract_round(row, number));
        }
        break;
    case CONTRACT_STRING:
    case CONTRACT_WORD:
        if (value[row->offset])
            printf(" %s=%s", row->path, value + row->offset);
        break;
    case CONTRACT_BOOL:
        printf(" %s=%s", row->path, value[row->offset] ? "yes" : "no");
        break;
    case CONTRACT_ENUM: {
        int number;

        memcpy(&number, value + row->offset, sizeof(number));
        printf(" %s=%s", row->path, row->name(number));
        break;
    }
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS: {
        int64_t usec;

        memcpy(&usec, value + row->offset, sizeof(usec));
        if (usec)
            printf(" %s=%" PRId64, row->path, usec / 1000000);
        break;
    }
    case CONTRACT_GROUP:
    case CONTRACT_NESTED:
    case CONTRACT_STRINGS:
    case CONTRACT_NUMBER_MAP:
    case CONTRACT_OBJECTS:
    case CONTRACT_OBJECT:
        break; /* neither live nor session has any */
    }
}

static void print_payload(enum contract_kind kind, const void *payload)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);

    printf("%s", contract_kind_name(kind));
    for (size_t i = 0; i < n; i++)
        print_row(&rows[i], payload);
    printf("\n");
}

static void print_live(const struct session *session, uint64_t t_usec)
{
    struct payload_live live;

    session_live(session, t_usec, &live);
    print_payload(CONTRACT_LIVE, &live);
}

/* What holds at the end comes of a reading of its own, as in the daemon. */
static void print_result(const struct recovered *recovered, uint64_t t_usec)
{
    static struct session final;
    struct payload_session summary;
    struct record record;

    session_init_final(&final);
    for (size_t i = 0; i < recovered->n; i++) {
        recovered_get(recovered, i, &record);
        session_apply(&final, &record);
    }
    session_tick(&final, t_usec);
    session_summary(&final, t_usec, &summary);
    print_payload(CONTRACT_SESSION, &summary);
}

static void replay(const struct recovered *recovered)
{
    static struct session session;
    uint64_t next_usec = 0, t_usec = 0;

    session_init(&session);
    for (size_t i = 0; i < recovered->n; i++) {
        struct record record;

        recovered_get(recovered, i, &record);
        if (record.type == RECORD_NOTIFICATION || record.type == RECORD_LINK) {
            t_usec = record.t_usec;
            if (!next_usec)
                next_usec = t_usec + EVERY_USEC;
            for (; t_usec >= next_usec; next_usec += EVERY_USEC) {
                session_tick(&session, next_usec);
                print_live(&session, next_usec);
            }
        }
        session_apply(&session, &record);
    }
    print_result(recovered, t_usec);
}

static char *read_all(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long length;

    if (!file)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (text = malloc((size_t)length + 1)))
        *ret_length = fread(text, 1, (size_t)length, file);
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    struct recovered recovered;
    size_t length = 0;
    char *text;

    if (argc != 2) {
        fprintf(stderr, "Usage: strided-replay RECORDING\n");
        return 2;
    }
    text = read_all(argv[1], &length);
    if (!text || recovered_read(&recovered, text, length) < 0) {
        fprintf(stderr, "strided-replay: %s can't be read\n", argv[1]);
        return 1;
    }
    if (recovered.bad)
        printf("unreadable_lines=%zu\n", recovered.bad);
    replay(&recovered);
    recovered_done(&recovered);
    return 0;
}
