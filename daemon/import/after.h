/* SPDX-License-Identifier: MIT */
#pragma once
/* What becomes of a file once its import is on the disk: After=move or delete. */
#include "daemon/import/folder.h"
#include "daemon/worker.h"

/* On the worker, and forgotten: what fails is logged, and the file stays where it is. */
int after_import(struct worker *worker, const char *path, const struct folder_file *file,
                 const char *hash, enum conf_after after);
