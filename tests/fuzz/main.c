/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over files: the corpus, or the one file that crashed it. So the corpus is an
 * ordinary test with any compiler; with clang and -Dfuzz=true libFuzzer brings its own main().
 *
 * Usage: fuzz_<target> FILE-OR-FOLDER...
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int run_file(const char *path, size_t length)
{
    uint8_t *bytes = malloc(length ? length : 1); /* exactly so long: a read past it is seen */
    FILE *file = fopen(path, "re");

    if (!bytes || !file || fread(bytes, 1, length, file) != length) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, length);
    free(bytes);
    return 1;
}

static int run_path(const char *path);

static int run_folder(const char *path)
{
    struct dirent **entries;
    int ran = 0, n = scandir(path, &entries, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        char below[4096];
        snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            ran += run_path(below);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return ran;
}

static int run_path(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    if (S_ISDIR(status.st_mode))
        return run_folder(path);
    return run_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv)
{
    int ran = 0;

    for (int i = 1; i < argc; i++)
        ran += run_path(argv[i]);
    printf("%d inputs\n", ran);
    return ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus tests nothing */
}
