/* SPDX-License-Identifier: MIT */
/*
 * A payload in a line that two of them can be compared by: one "key=value" for each key of the contract
 * that is not null. What the tests' recordings come to is held against <recording>.expected in this form.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "daemon/replay/print.h"
#include "lib/contract.h"

static void print_row(FILE *out, const struct contract_row *row, const char *value)
{
    switch (row->type) {
    case CONTRACT_NUMBER: {
        double number;

        memcpy(&number, value + row->offset, sizeof(number));
        if (!isnan(number))
            fprintf(out, " %s=%.*f", row->path, row->decimals, contract_round(row, number));
        break;
    }
    case CONTRACT_NUMBERS:
        for (size_t i = 0; i < row->count; i++) {
            double number;

            memcpy(&number, value + row->offset + i * sizeof(double), sizeof(number));
            if (!isnan(number))
                fprintf(out, " %s[%zu]=%.*f", row->path, i, row->decimals,
                        contract_round(row, number));
        }
        break;
    case CONTRACT_STRING:
    case CONTRACT_WORD:
        if (value[row->offset])
            fprintf(out, " %s=%s", row->path, value + row->offset);
        break;
    case CONTRACT_BOOL:
        fprintf(out, " %s=%s", row->path, value[row->offset] ? "yes" : "no");
        break;
    case CONTRACT_ENUM: {
        int number;

        memcpy(&number, value + row->offset, sizeof(number));
        fprintf(out, " %s=%s", row->path, row->name(number));
        break;
    }
    case CONTRACT_TIME_S:
    case CONTRACT_TIME_MS: {
        int64_t usec;

        memcpy(&usec, value + row->offset, sizeof(usec));
        if (usec)
            fprintf(out, " %s=%" PRId64, row->path, usec / 1000000);
        break;
    }
    case CONTRACT_GROUP:
    case CONTRACT_NESTED:
    case CONTRACT_STRINGS:
    case CONTRACT_NUMBER_MAP:
    case CONTRACT_OBJECTS:
    case CONTRACT_OBJECT:
        break; /* none of those has any */
    }
}

static void print_payload(FILE *out, enum contract_kind kind, const void *payload)
{
    size_t n;
    const struct contract_row *rows = contract_rows(kind, &n);

    fprintf(out, "%s", contract_kind_name(kind));
    for (size_t i = 0; i < n; i++)
        print_row(out, &rows[i], payload);
    fprintf(out, "\n");
}

void print_text_live(FILE *out, const struct payload_live *live)
{
    print_payload(out, CONTRACT_LIVE, live);
}

void print_text_session(FILE *out, const struct payload_session *session)
{
    print_payload(out, CONTRACT_SESSION, session);
}

void print_text_sensor(FILE *out, const struct payload_sensor *sensor)
{
    print_payload(out, CONTRACT_SENSOR, sensor);
}
