/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How settings of the host were before this agent's first touch, so that `unset`
 * can put them back, also when the agent was restarted in between. Pairs of key
 * and value, a line each in RUN_DIR/found: that folder goes with the next boot,
 * and so do the settings. Opened once, used by the agent's one thread.
 */
#ifndef XDPFRAG_FOUND_H
#define XDPFRAG_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#define FOUND_MAX 8192 /* pairs */

struct found;

/* With what an earlier agent kept. What cannot be read of it is told, and left out. -ENOMEM,
 * -ENAMETOOLONG.
 */
int found_open(struct found **found, const char *run_dir);
void found_close(struct found *found);

/* NULL when there is none; good until the next change. */
const char *found_get(const struct found *found, const char *key);
/*
 * In memory; -ENOMEM, -ENOSPC, and -EINVAL for a newline in either, or a tab in a key or no key.
 * What is there already stays: the first was how it was found.
 */
int found_put(struct found *found, const char *key, const char *value);
void found_forget(struct found *found, const char *key);
/*
 * Writes what has changed, atomically. To be called before the host is changed; when it fails,
 * the pairs stay in memory, and the next call tries again. 0 or negative errno.
 */
int found_save(struct found *found);

/* The pair with this number; false behind the last. A put or a forget changes the numbers of those
 * that sort behind it.
 */
bool found_nth(const struct found *found, size_t n, const char **key, const char **value);

#endif
