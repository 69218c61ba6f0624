// SPDX-License-Identifier: GPL-2.0-or-later
/* How settings of the host were before this agent's first touch. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/found.h"
#include "agent/log.h"

struct pair {
	char *key; /* and behind its NUL the value: one allocation */
	const char *value;
};

struct found {
	char path[PATH_MAX];
	struct pair *pairs;
	size_t n, room;
	bool changed; /* since it was written */
};

static struct pair *find(const struct found *found, const char *key)
{
	size_t i;

	for (i = 0; i < found->n; i++)
		if (!strcmp(found->pairs[i].key, key))
			return &found->pairs[i];
	return NULL;
}

const char *found_get(const struct found *found, const char *key)
{
	const struct pair *pair = find(found, key);

	return pair ? pair->value : NULL;
}

int found_put(struct found *found, const char *key, const char *value)
{
	size_t key_len = strlen(key) + 1, value_len = strlen(value) + 1;
	struct pair *pair;
	char *text;

	if (find(found, key))
		return 0;
	if (found->n == FOUND_MAX)
		return -ENOSPC;
	if (found->n == found->room) {
		size_t room = found->room ? 2 * found->room : 16;

		pair = reallocarray(found->pairs, room, sizeof(*pair));
		if (!pair)
			return -ENOMEM;
		found->pairs = pair;
		found->room = room;
	}
	text = malloc(key_len + value_len);
	if (!text)
		return -ENOMEM;
	memcpy(text, key, key_len);
	memcpy(text + key_len, value, value_len);
	found->pairs[found->n++] = (struct pair){ text, text + key_len };
	found->changed = true;
	return 0;
}

void found_forget(struct found *found, const char *key)
{
	struct pair *pair = find(found, key);

	if (!pair)
		return;
	free(pair->key);
	*pair = found->pairs[--found->n];
	found->changed = true;
}

bool found_nth(const struct found *found, size_t n, const char **key, const char **value)
{
	if (n >= found->n)
		return false;
	*key = found->pairs[n].key;
	*value = found->pairs[n].value;
	return true;
}

static int write_pairs(const struct found *found, const char *path)
{
	FILE *file = fopen(path, "we");
	size_t i;
	int err = 0;

	if (!file)
		return -errno;
	for (i = 0; i < found->n; i++)
		fprintf(file, "%s\t%s\n", found->pairs[i].key, found->pairs[i].value);
	if (fflush(file) || ferror(file))
		err = -EIO;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

int found_save(struct found *found)
{
	char path[PATH_MAX + 8];
	int err;

	if (!found->changed)
		return 0;
	snprintf(path, sizeof(path), "%s.new", found->path);
	err = write_pairs(found, path);
	if (!err && rename(path, found->path) < 0)
		err = -errno;
	if (err) {
		unlink(path);
		return err;
	}
	found->changed = false;
	return 0;
}

static int read_pairs(struct found *found)
{
	FILE *file = fopen(found->path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (len = getline(&line, &room, file)) > 0) {
		char *tab = strchr(line, '\t');

		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (!tab)
			continue;
		*tab = '\0';
		err = found_put(found, line, tab + 1);
	}
	free(line);
	fclose(file);
	found->changed = false;
	return err;
}

int found_open(struct found **out, const char *run_dir)
{
	struct found *found = calloc(1, sizeof(*found));
	int err;

	if (!found)
		return -ENOMEM;
	snprintf(found->path, sizeof(found->path), "%s/found", run_dir);
	err = read_pairs(found);
	if (err)
		log_warning("cannot read %s: %s; what was changed before is not put back",
			    found->path, strerror(-err));
	*out = found;
	return 0;
}

void found_close(struct found *found)
{
	size_t i;

	if (!found)
		return;
	for (i = 0; i < found->n; i++)
		free(found->pairs[i].key);
	free(found->pairs);
	free(found);
}
