/* SPDX-License-Identifier: MIT */
/* Writes the schema of each payload into a folder, as <kind>.schema.json; run by the build. */
#include <stdio.h>
#include "daemon/broker/schema.h"
#include "daemon/util.h"

static int write_schema(const char *folder, enum contract_kind kind)
{
    _cleanup_free_ char *text = schema_payload(kind), *path = NULL;
    FILE *file;

    if (!text || asprintf(&path, "%s/%s.schema.json", folder, contract_kind_name(kind)) < 0)
        return -1;
    file = fopen(path, "we");
    if (!file) {
        perror(path);
        return -1;
    }
    fprintf(file, "%s\n", text);
    return fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: strided-schema FOLDER\n");
        return 2;
    }
    for (enum contract_kind kind = 0; kind < CONTRACT_KINDS; kind++)
        if (write_schema(argv[1], kind) != 0)
            return 1;
    return 0;
}
