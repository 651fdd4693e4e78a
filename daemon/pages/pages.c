/* SPDX-License-Identifier: MIT */
/* Writes the man pages and the completion of the shells into a folder; run by the build. */
#include "daemon/pages/pages.h"

#include <string.h>
#include "daemon/util.h"

#define MARK "@ROWS@\n"

static const struct page pages[] = {
    { "strided.8", man_write_strided },
    { "stridectl.1", man_write_stridectl },
    { "strided-replay.1", man_write_replay },
    { "strided.conf.5", man_write_conf },
};

/* A shell's file: what stands in the template, with rows in the place of its mark. */
static const struct completion {
    const char *file, *template;
    void (*write)(FILE *to);
} completions[] = {
    { "stridectl", "stridectl.bash", completion_write_stridectl_bash },
    { "strided", "strided.bash", completion_write_strided_bash },
    { "_stridectl", "stridectl.zsh", completion_write_stridectl_zsh },
    { "_strided", "strided.zsh", completion_write_strided_zsh },
};

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
    _cleanup_free_ char *path = NULL;
    FILE *file;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return NULL;
    file = fopen(path, mode);
    if (!file)
        perror(path);
    return file;
}

static int write_page(const char *folder, const struct page *page)
{
    struct troff troff = { .to = open_in(folder, page->file, "we") };

    if (!troff.to)
        return -1;
    page->write(&troff);
    return fclose(troff.to);
}

static int write_completion(const char *templates, const char *folder,
                            const struct completion *completion)
{
    FILE *from = open_in(templates, completion->template, "re"), *to = NULL;
    char line[1000];
    int marks = 0;

    if (from)
        to = open_in(folder, completion->file, "we");
    while (to && fgets(line, sizeof(line), from)) {
        if (strcmp(line, MARK) == 0) {
            completion->write(to);
            marks++;
        } else {
            fputs(line, to);
        }
    }
    if (from)
        fclose(from);
    return to && fclose(to) == 0 && marks == 1 ? 0 : -1;
}

int main(int argc, char **argv)
{
    int r = 0;

    if (argc != 3) {
        fprintf(stderr, "usage: strided-pages TEMPLATES FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < ELEMENTSOF(pages); i++)
        r |= write_page(argv[2], &pages[i]);
    for (size_t i = 0; i < ELEMENTSOF(completions); i++)
        r |= write_completion(argv[1], argv[2], &completions[i]);
    return r ? 1 : 0;
}
