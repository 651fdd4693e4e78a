/* SPDX-License-Identifier: MIT */
/*
 * Files and names that others leave where we look: settings and their drop-ins, the password, what
 * lies in the folders of imports and recordings, notes beside kept copies, the switches of the radio
 * as the kernel shows them, the machine's id. The input is a list of files:
 *
 *   u8 where (see places[]), if its name is not given: u8 length and the name, u8 length, content
 *
 * What is taken from them is text that can be shown, and names that stay in their folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include "daemon/bluez/rfkill.h"
#include "daemon/config/config.h"
#include "daemon/identity.h"
#include "daemon/import/folder.h"
#include "daemon/import/name.h"
#include "daemon/import/days.h"
#include "daemon/import/said.h"
#include "daemon/log.h"
#include "daemon/recording/disk.h"
#include "daemon/util.h"
#include "lib/bytes.h"
#include "lib/utf8.h"
#include "require.h"

#define HASH      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FILES_MAX 16
#define PATH_SIZE 600

static char base[64];
static char made[FILES_MAX][PATH_SIZE]; /* of this input */
static size_t n_made;

static const struct {
    const char *folder;
    const char *name; /* NULL: the input's */
    bool is_folder;   /* what is made there */
} places[] = {
    { "", "strided.conf", false },
    { "strided.conf.d", "10-a.conf", false },
    { "strided.conf.d", NULL, false },
    { "state", "assigned.conf", false },
    { "state", "machine-id", false },
    { "state/imported", HASH ".discarded", false },
    { "state/imported/anna", NULL, false },
    { "state/imported", NULL, true },
    { "import", NULL, false },
    { "import", NULL, true },
    { "import/anna", NULL, false },
    { "recordings", NULL, false },
    { "", "password", false },
    { "rfkill/rfkill0", "type", false },
    { "rfkill/rfkill0", "soft", false },
    { "rfkill/rfkill0", "hard", false },
    { "state/imported/anna", HASH ".days", false },
};

/* ---- making them ------------------------------------------------------------------------------- */

int __wrap_sd_id128_get_machine_app_specific(sd_id128_t id, sd_id128_t *ret);
int __wrap_sd_id128_get_machine_app_specific(sd_id128_t id, sd_id128_t *ret)
{
    return -ENOENT; /* so it is read from our own folder */
}

static size_t pull_text(struct bytes *bytes, char ret[static 512])
{
    uint8_t length = 0;
    size_t n;

    (void)pull_u8(bytes, &length);
    n = length < bytes->left ? length : bytes->left;
    memcpy(ret, bytes->at, n);
    ret[n] = '\0';
    pull_skip(bytes, n);
    return n;
}

static void write_file(const char *path, const char *text, size_t length, mode_t mode)
{
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);

    if (fd >= 0 && write(fd, text, length) == (ssize_t)length)
        n_made++;
}

static void make_file(struct bytes *bytes)
{
    uint8_t where = 0;
    char name[512], content[512];
    size_t n = 0;

    (void)pull_u8(bytes, &where);
    size_t i = (where & 0x7f) % ELEMENTSOF(places);
    if (!places[i].name && (pull_text(bytes, name) == 0 || strchr(name, '/') || !name[0]))
        return; /* a kernel has no such names */
    if (!places[i].is_folder)
        n = pull_text(bytes, content);
    snprintf(made[n_made], PATH_SIZE, "%s/%s/%s", base, places[i].folder,
             places[i].name ? places[i].name : name);
    if (!places[i].is_folder)
        write_file(made[n_made], content, n, where & 0x80 ? 0644 : 0600);
    else if (mkdir(made[n_made], 0755) == 0)
        n_made++;
}

static void remove_files(void)
{
    while (n_made > 0)
        (void)remove(made[--n_made]);
}

static const char *below(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", base, name);
    return path;
}

/* ---- reading them ------------------------------------------------------------------------------ */

static void check_plain(const char *text)
{
    require(utf8_is_plain(text, strlen(text)));
}

static void check_line(void *userdata, const char *text)
{
    require(utf8_is_valid(text, strlen(text)));
}

static void read_settings(void)
{
    _cleanup_(config_freep) struct config *config = NULL;
    char file[PATH_SIZE], line[CONF_TEXT_MAX + 450], *password;

    snprintf(file, sizeof(file), "%s", below("strided.conf"));
    require(config_load(&config, file, below("state")) == 0);
    for (size_t i = 0; conf_problem_format(&config->problems, i, line, sizeof(line)); i++)
        check_line(NULL, line);
    conf_dump(&config->conf, &config->origins, check_line, NULL);
    snprintf(config->conf.mqtt_username, sizeof(config->conf.mqtt_username), "u");
    require(snprintf(config->conf.mqtt_password_file, sizeof(config->conf.mqtt_password_file), "%s",
                     below("password")) < (int)sizeof(config->conf.mqtt_password_file));
    require(config_read_password(config, &password) == 0);
    require(!password ||
            (password[0] && !strpbrk(password, "\r\n") && strlen(password) <= CONFIG_PASSWORD_MAX));
    config_password_free(password);
}

static void look_at_imports(void)
{
    struct folder_look look = { .n_runners = 1, .inotify_fd = -1 };
    char sentence[PAYLOAD_TEXT_MAX], name[64];

    require(snprintf(look.path, sizeof(look.path), "%s", below("import")) < (int)sizeof(look.path));
    strcpy(look.runners[0], "anna");
    folder_look(&look);
    folder_look_problem(&look, sentence);
    check_plain(sentence);
    require(look.error == 0 && look.n_files <= FOLDER_FILES_MAX);
    for (size_t i = 0; i < look.n_files; i++) {
        const struct folder_file *file = &look.files[i];

        require(file->name[0] && !strchr(file->name, '/') && file->size >= 0);
        require(!file->runner[0] || strcmp(file->runner, "anna") == 0);
        import_name_text(file->name, name, sizeof(name));
        check_plain(name);
        if (import_name_is_route(file->name))
            check_plain(file->name);
    }
    folder_look_done(&look);
}

static void read_notes(void)
{
    static struct said said;
    char words[240];

    said_read(&said, below("state"), HASH, "anna");
    require(said.n_discarded <= ACTIVITY_PARTS_MAX && !strchr(said.keeper, '/'));
    for (size_t i = 0; i < said.n_discarded; i++) {
        require(said.discarded[i].id[0] && said.discarded[i].at_usec >= 0);
        check_plain(said.discarded[i].id);
        require(said_of(&said, said.discarded[i].id) == &said.discarded[i]);
    }
    said_words(&said, words, sizeof(words));
    check_plain(words);
    check_plain(said.keeper);
}

static void read_days(void)
{
    static struct days days;
    int32_t offset_s;
    _cleanup_close_ int fd = open(below("state/imported/anna"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    days_read(&days, fd, HASH);
    require(days.n <= DAYS_MAX && (days.n == 0 || days.error == 0));
    for (size_t i = 0; i < days.n; i++) {
        require(days.of[i].start_usec >= 0 && abs(days.of[i].offset_s) <= 26 * 3600);
        require(days_offset(&days, days.of[i].start_usec, &offset_s));
    }
}

static void list_recordings(void)
{
    _cleanup_free_ char(*ids)[SESSION_ID_MAX] = NULL;
    _cleanup_close_ int fd = recording_folder_open(below("recordings"));
    size_t n = 0;

    require(fd >= 0 && recording_list(fd, &ids, &n) == 0 && n <= n_made);
    for (size_t i = 0; i < n; i++)
        require(recording_id_is_valid(ids[i]) && (i == 0 || strcmp(ids[i - 1], ids[i]) < 0));
}

static void read_identity(void)
{
    char id[40], again[40];

    identity_read(id, sizeof(id), below("state"));
    identity_read(again, sizeof(again), below("state"));
    require(strlen(id) == 32 && id[strspn(id, "0123456789abcdef")] == '\0');
    require(strcmp(id, again) == 0); /* it is kept */
}

/* ---- the target -------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    return remove(path);
}

static void remove_all(void)
{
    (void)nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void begin(void)
{
    static const char *const folders[] = {
        "strided.conf.d", "state",  "state/imported", "state/imported/anna", "import",
        "import/anna",    "rfkill", "rfkill/rfkill0", "recordings",
    };

    log_set_max_level(LOG_EMERG);
    snprintf(base, sizeof(base), "/dev/shm/strided-fuzz-XXXXXX"); /* memory, where there is such */
    if (!mkdtemp(base)) {
        snprintf(base, sizeof(base), "/tmp/strided-fuzz-XXXXXX");
        require(mkdtemp(base));
    }
    for (size_t i = 0; i < ELEMENTSOF(folders); i++)
        require(mkdir(below(folders[i]), 0700) == 0);
    atexit(remove_all);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct bytes bytes = bytes_of(at, length);

    if (!base[0])
        begin();
    while (bytes.left > 0 && n_made < FILES_MAX)
        make_file(&bytes);
    read_settings();
    look_at_imports();
    read_notes();
    read_days();
    list_recordings();
    read_identity();
    (void)rfkill_blocks_bluetooth(below("rfkill"));
    (void)unlink(below("state/machine-id"));
    remove_files();
    return 0;
}
