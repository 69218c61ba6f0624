// SPDX-License-Identifier: GPL-2.0-or-later
/* The desired state on disk. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/log.h"
#include "agent/runtime.h"

#define FILE_MAX_LEN (64U << 20) /* 262,144 statements of 250 bytes */

static void run_path(const struct agent_options *options, const char *name, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", options->run_dir, name);
}

/* A whole file, NUL-terminated; the caller frees it. */
static int read_file(const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got = 0;
	int err = 0;

	if (fd < 0)
		return -errno;
	*text = NULL;
	*len = 0;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (st.st_size > FILE_MAX_LEN)
		err = -EFBIG;
	if (!err && !(*text = malloc(st.st_size + 1)))
		err = -ENOMEM;
	while (!err && *len < (size_t)st.st_size) {
		got = read(fd, *text + *len, st.st_size - *len);
		if (got <= 0) {
			err = got < 0 && errno != EINTR ? -errno : 0;
			if (!got)
				break;
			continue;
		}
		*len += got;
	}
	close(fd);
	if (err) {
		free(*text);
		return err;
	}
	(*text)[*len] = '\0';
	return 0;
}

/* The line that ties state.conf to the configuration file that it started from. */
static void origin_line(const struct agent_options *options, char *line, size_t len)
{
	struct stat st;

	if (stat(options->config, &st) < 0)
		snprintf(line, len, "# changed at run time; started without %s\n", options->config);
	else
		snprintf(line, len,
			 "# changed at run time; started from %s, %lld bytes, %lld.%09ld\n",
			 options->config, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			 st.st_mtim.tv_nsec);
}

static int load_file(const char *path, struct config *config, struct report *rep)
{
	char *text;
	size_t len;
	int err;

	err = read_file(path, &text, &len);
	if (err)
		return report_failed(rep, err, path, "cannot read %s: %s", path, strerror(-err));
	err = config_parse(config, text, len, rep);
	free(text);
	return err;
}

int runtime_load_config(const struct agent_options *options, struct config *config,
			struct report *rep)
{
	int err = load_file(options->config, config, rep);

	if (err == -ENOENT && access(options->config, F_OK)) {
		memset(rep, 0, sizeof(*rep));
		return 0;
	}
	return err;
}

static bool still_holds(const struct agent_options *options, const char *text)
{
	char line[PATH_MAX + 128];

	origin_line(options, line, sizeof(line));
	return !strncmp(text, line, strlen(line));
}

int runtime_load(const struct agent_options *options, struct config *config, bool *from_runtime,
		 struct report *rep)
{
	char path[PATH_MAX], *text = NULL;
	size_t len;

	*from_runtime = false;
	run_path(options, "state.conf", path);
	if (read_file(path, &text, &len))
		return runtime_load_config(options, config, rep);
	if (!still_holds(options, text)) {
		log_notice("%s has changed since: runtime changes of before are dropped",
			   options->config);
	} else if (config_parse(config, text, len, rep)) {
		log_warning("%s:%u: %s; going back to %s", path, rep->line, rep->message,
			    options->config);
		memset(rep, 0, sizeof(*rep));
		config_free(config);
		config_init(config);
	} else {
		*from_runtime = true;
	}
	free(text);
	return *from_runtime ? 0 : runtime_load_config(options, config, rep);
}

int runtime_prepare(const struct agent_options *options, const struct config *config,
		    struct report *rep)
{
	char path[PATH_MAX], line[PATH_MAX + 128];
	FILE *file;
	int err = 0;

	run_path(options, "state.conf.new", path);
	file = fopen(path, "we");
	if (!file) {
		err = -errno;
	} else {
		origin_line(options, line, sizeof(line));
		fputs(line, file);
		err = config_print(config, file);
		if (fclose(file) && !err)
			err = -errno;
	}
	if (err) {
		unlink(path);
		return report_failed(rep, err, "", "cannot keep the change in %s: %s", path,
				     strerror(-err));
	}
	return 0;
}

int runtime_commit(const struct agent_options *options)
{
	char from[PATH_MAX], to[PATH_MAX];

	run_path(options, "state.conf.new", from);
	run_path(options, "state.conf", to);
	return rename(from, to) < 0 ? -errno : 0;
}

void runtime_discard(const struct agent_options *options)
{
	char path[PATH_MAX];

	run_path(options, "state.conf.new", path);
	unlink(path);
}

void runtime_remove(const struct agent_options *options)
{
	char path[PATH_MAX];

	run_path(options, "state.conf", path);
	unlink(path);
}
