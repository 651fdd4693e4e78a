/* SPDX-License-Identifier: MIT */
#include "daemon/broker/topics_own.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/broker/topic.h"

static int add_text(char ***texts, size_t *n, const char *text)
{
    char **grown = realloc(*texts, (*n + 2) * sizeof(char *));
    if (!grown)
        return -ENOMEM;
    *texts = grown;
    grown[*n] = strdup(text);
    if (!grown[*n])
        return -ENOMEM;
    grown[++*n] = NULL;
    return 0;
}

/* `status` and `info` are always in the registry; all else retained may have lost its subject. */
int topics_own_init(struct topics_own *own, const char *root, const char *gateway)
{
    char filter[TOPIC_MAX];
    int r = 0;
    for (int i = 0; i < TOPIC_COUNT && r >= 0; i++) {
        if (!topics_table[i].retained || !strchr(topics_table[i].pattern, '<'))
            continue;
        r = topics_format(filter, root, gateway, (enum topic)i, "+", "+");
        r = r < 0 ? r : add_text(&own->filters, &own->n_filters, filter);
    }
    return r;
}

int topics_own_add(struct topics_own *own, const char *filter, const char *prefix)
{
    for (size_t i = 0; i < own->n_prefixes; i++)
        if (strcmp(own->prefixes[i], prefix) == 0)
            return 0;
    int r = add_text(&own->filters, &own->n_filters, filter);
    return r < 0 ? r : add_text(&own->prefixes, &own->n_prefixes, prefix);
}

bool topics_own_is_read(const struct topics_own *own, const char *path)
{
    for (size_t i = 0; i < own->n_filters; i++)
        if (topic_filter_matches(own->filters[i], path))
            return true;
    return false;
}

const char *const *topics_own_path_filters(const struct topics_own *own)
{
    return (const char *const *)own->filters + (own->n_filters - own->n_prefixes);
}

bool topics_own_has_path(const struct topics_own *own, const char *path)
{
    const char *const *filters = topics_own_path_filters(own);
    for (size_t i = 0; i < own->n_prefixes; i++)
        if (topic_filter_matches(filters[i], path) &&
            strncmp(path, own->prefixes[i], strlen(own->prefixes[i])) == 0)
            return true;
    return false;
}

bool topics_own_has(const struct topics_own *own, const char *path)
{
    for (size_t i = 0; i < own->n_filters - own->n_prefixes; i++)
        if (topic_filter_matches(own->filters[i], path))
            return true;
    return topics_own_has_path(own, path);
}

void topics_own_done(struct topics_own *own)
{
    for (size_t i = 0; i < own->n_filters; i++)
        free(own->filters[i]);
    for (size_t i = 0; i < own->n_prefixes; i++)
        free(own->prefixes[i]);
    free(own->filters);
    free(own->prefixes);
}
