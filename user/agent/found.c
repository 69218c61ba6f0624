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
	struct pair *pairs; /* sorted by key */
	size_t n, room;
	bool changed; /* since it was written */
};

/* The first place whose key does not come before this one; is it there? */
static bool find_place(const struct found *found, const char *key, size_t *place)
{
	size_t low = 0, high = found->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(found->pairs[middle].key, key);

		if (order == 0) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

const char *found_get(const struct found *found, const char *key)
{
	size_t place;

	return find_place(found, key, &place) ? found->pairs[place].value : NULL;
}

int found_put(struct found *found, const char *key, const char *value)
{
	size_t key_len = strlen(key) + 1, value_len = strlen(value) + 1;
	struct pair *pair;
	size_t place;
	char *text;

	/* The file would hold another pair than this one. */
	if (!key[0] || strpbrk(key, "\t\n") || strchr(value, '\n'))
		return -EINVAL;
	if (find_place(found, key, &place))
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
	pair = &found->pairs[place];
	memmove(pair + 1, pair, (found->n - place) * sizeof(*pair));
	*pair = (struct pair){ text, text + key_len };
	found->n++;
	found->changed = true;
	return 0;
}

void found_forget(struct found *found, const char *key)
{
	struct pair *pair;
	size_t place;

	if (!find_place(found, key, &place))
		return;
	pair = &found->pairs[place];
	free(pair->key);
	found->n--;
	memmove(pair, pair + 1, (found->n - place) * sizeof(*pair));
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

/*
 * Cuts a line of the file into key and value; false: found_save() never wrote it.
 * A line without an end may have lost digits of its value.
 */
static bool cut_pair(char *line, size_t len, char **value)
{
	char *tab = memchr(line, '\t', len);

	if (line[len - 1] != '\n' || strlen(line) != len || !tab || tab == line)
		return false;
	line[len - 1] = '\0';
	*tab = '\0';
	*value = tab + 1;
	return true;
}

/* What can be read of the file, and how many lines could not. */
static int read_pairs(struct found *found, size_t *bad_lines)
{
	FILE *file = fopen(found->path, "re");
	char *line = NULL, *value;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	errno = 0;
	while (!err && (len = getline(&line, &room, file)) > 0) {
		if (cut_pair(line, len, &value))
			err = found_put(found, line, value);
		else
			++*bad_lines;
		errno = 0;
	}
	if (!err && !feof(file))
		err = errno ? -errno : -EIO;
	free(line);
	fclose(file);
	found->changed = false;
	return err;
}

int found_open(struct found **out, const char *run_dir)
{
	struct found *found = calloc(1, sizeof(*found));
	size_t bad_lines = 0;
	int err;

	if (!found)
		return -ENOMEM;
	if (snprintf(found->path, sizeof(found->path), "%s/found", run_dir) >=
	    (int)sizeof(found->path)) {
		free(found);
		return -ENAMETOOLONG;
	}
	err = read_pairs(found, &bad_lines);
	if (err)
		log_warning("cannot read all of %s: %s; settings that an agent before changed may "
			    "not be put back",
			    found->path, strerror(-err));
	if (bad_lines)
		log_warning("%s: %zu lines make no sense; the settings that they were about are "
			    "not put back",
			    found->path, bad_lines);
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
