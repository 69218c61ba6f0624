// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was found before the first touch: kept through restarts, never a wrong
 * value, and a failure to write is an error.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "agent/found.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static char dir[] = "/tmp/xdpfrag-found-XXXXXX", path[64], path_new[64];
static struct found *found;

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/found", dir);
	snprintf(path_new, sizeof(path_new), "%s/found.new", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int set_up(void **state)
{
	(void)state;
	found = NULL;
	return found_open(&found, dir);
}

static int tear_down(void **state)
{
	(void)state;
	found_close(found);
	unlink(path);
	return 0;
}

static void reopen(void)
{
	found_close(found);
	found = NULL;
	assert_int_equal(found_open(&found, dir), 0);
}

static void write_file(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static size_t count(void)
{
	const char *key, *value;
	size_t n = 0;

	while (found_nth(found, n, &key, &value)) {
		assert_string_equal(found_get(found, key), value);
		n++;
	}
	return n;
}

static void nothing_is_found_at_first(void **state)
{
	(void)state;
	assert_null(found_get(found, "mtu eth0"));
	assert_int_equal(count(), 0);
	found_forget(found, "mtu eth0");
	assert_int_equal(found_save(found), 0);
	assert_int_equal(access(path, F_OK), -1); /* nothing has changed */
}

static void the_first_value_stays(void **state)
{
	(void)state;
	assert_int_equal(found_put(found, "mtu", "1500"), 0);
	assert_int_equal(found_put(found, "mtu", "9000"), 0);
	assert_string_equal(found_get(found, "mtu"), "1500");
	assert_null(found_get(found, "mt"));
	assert_null(found_get(found, "mtu "));
	found_forget(found, "mtu");
	assert_null(found_get(found, "mtu"));
	assert_int_equal(found_put(found, "mtu", "9000"), 0);
	assert_string_equal(found_get(found, "mtu"), "9000");
	assert_int_equal(count(), 1);
}

static void pairs_outlive_the_agent(void **state)
{
	static const char *const pairs[][2] = {
		{ "eth0 mtu", "1500" },
		{ " key with blanks ", " value with\tblanks " },
		{ "empty", "" },
		{ "b\xc3\xbcro0", "\xff" },
		{ "route 4 10.0.0.0/8", "0\t" },
		{ "#", "# no comment" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(pairs); i++)
		assert_int_equal(found_put(found, pairs[i][0], pairs[i][1]), 0);
	reopen(); /* not saved */
	assert_int_equal(count(), 0);
	for (size_t i = 0; i < LENGTH(pairs); i++)
		assert_int_equal(found_put(found, pairs[i][0], pairs[i][1]), 0);
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_int_equal(count(), LENGTH(pairs));
	for (size_t i = 0; i < LENGTH(pairs); i++)
		assert_string_equal(found_get(found, pairs[i][0]), pairs[i][1]);
	found_forget(found, pairs[1][0]);
	found_forget(found, pairs[4][0]);
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_int_equal(count(), LENGTH(pairs) - 2);
	for (size_t i = 0; i < LENGTH(pairs); i++)
		found_forget(found, pairs[i][0]);
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_int_equal(count(), 0);
}

static void what_the_file_cannot_hold_is_refused(void **state)
{
	(void)state;
	assert_int_equal(found_put(found, "", "1"), -EINVAL);
	assert_int_equal(found_put(found, "a\tb", "1"), -EINVAL);
	assert_int_equal(found_put(found, "a\nb", "1"), -EINVAL);
	assert_int_equal(found_put(found, "a", "1\n"), -EINVAL);
	assert_int_equal(count(), 0);
}

/* A line that is no pair is left out, and so is one that may be cut short. */
static void only_whole_pairs_are_read(void **state)
{
	static const char text[] = "a\t1\n"
				   "no pair\n"
				   "\n"
				   "\tno key\n"
				   "b\t2\n"
				   "c\t3\0c\t4\n"
				   "d\0\t5\n"
				   "a\t6\n"
				   "e\t15";

	(void)state;
	write_file(text, sizeof(text) - 1);
	reopen();
	assert_int_equal(count(), 2);
	assert_string_equal(found_get(found, "a"), "1");
	assert_string_equal(found_get(found, "b"), "2");
	/* and what follows is the file of an agent again */
	assert_int_equal(found_put(found, "e", "1500"), 0);
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_int_equal(count(), 3);
}

static void long_lines_are_read(void **state)
{
	static char value[100000];

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	assert_int_equal(found_put(found, "long", value), 0);
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_string_equal(found_get(found, "long"), value);
}

static void it_is_full_at_its_bound(void **state)
{
	char key[16], value[16];

	(void)state;
	for (int i = 0; i < FOUND_MAX; i++) {
		snprintf(key, sizeof(key), "key %d", i * 5001 % FOUND_MAX);
		snprintf(value, sizeof(value), "%d", i * 5001 % FOUND_MAX);
		assert_int_equal(found_put(found, key, value), 0);
	}
	assert_int_equal(found_put(found, "more", "1"), -ENOSPC);
	assert_int_equal(found_put(found, "key 17", "1"), 0); /* there already */
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_int_equal(count(), FOUND_MAX);
	for (int i = 0; i < FOUND_MAX; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		snprintf(value, sizeof(value), "%d", i);
		assert_string_equal(found_get(found, key), value);
	}
	found_forget(found, "key 0");
	assert_int_equal(found_put(found, "more", "1"), 0);
	assert_string_equal(found_get(found, "more"), "1");
}

/* Forgetting while walking misses none. */
static void pairs_can_be_forgotten_on_the_way(void **state)
{
	const char *key, *value;
	char name[16];
	size_t i = 0;

	(void)state;
	for (int n = 0; n < 100; n++) {
		snprintf(name, sizeof(name), "key %d", n);
		assert_int_equal(found_put(found, name, n % 3 ? "stays" : "goes"), 0);
	}
	while (found_nth(found, i, &key, &value))
		if (!strcmp(value, "goes"))
			found_forget(found, key);
		else
			i++;
	assert_int_equal(count(), 66);
}

/*
 * Where nothing can be written, that is an error, nothing is lost, and later it
 * works. A folder in the place of the file stops root too.
 */
static void a_failure_to_write_is_told_and_tried_again(void **state)
{
	(void)state;
	assert_int_equal(found_put(found, "a", "1"), 0);
	assert_int_equal(mkdir(path_new, 0700), 0);
	assert_int_equal(found_save(found), -EISDIR);
	assert_int_equal(rmdir(path_new), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(found_save(found), -EISDIR);
	assert_int_equal(access(path_new, F_OK), -1); /* nothing is left lying about */
	assert_string_equal(found_get(found, "a"), "1");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(found_save(found), 0);
	reopen();
	assert_string_equal(found_get(found, "a"), "1");
}

static void a_file_that_cannot_be_read_counts_as_none(void **state)
{
	char longest[PATH_MAX];
	struct found *other = NULL;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0); /* opens, but read() fails */
	reopen();
	assert_int_equal(count(), 0);
	assert_int_equal(rmdir(path), 0);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(found_open(&other, longest), -ENAMETOOLONG);
	assert_null(other);
}

static void a_folder_that_is_not_there_is_an_error_when_saved(void **state)
{
	struct found *other;

	(void)state;
	assert_int_equal(found_open(&other, "/nonexistent/folder"), 0);
	assert_int_equal(found_put(other, "a", "1"), 0);
	assert_int_equal(found_save(other), -ENOENT);
	found_close(other);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_found_at_first),
		TEST(the_first_value_stays),
		TEST(pairs_outlive_the_agent),
		TEST(what_the_file_cannot_hold_is_refused),
		TEST(only_whole_pairs_are_read),
		TEST(long_lines_are_read),
		TEST(it_is_full_at_its_bound),
		TEST(pairs_can_be_forgotten_on_the_way),
		TEST(a_failure_to_write_is_told_and_tried_again),
		TEST(a_file_that_cannot_be_read_counts_as_none),
		TEST(a_folder_that_is_not_there_is_an_error_when_saved),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
