// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks that are full, readers that go away or fall behind, and texts of any length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/pcapng_read.h"
#include "capture/pcapng.h"

static const struct pcapng_about about = { .application = "xdpfragctl 0.1" };

static void add_packet(struct pcapng *png, uint32_t id, uint32_t len, int wanted)
{
	static const uint8_t bytes[BLOCKS_SIZE];
	struct xdpfrag_captured record = { .len = len, .caplen = len };
	struct view view;

	view_make(&view, &record, bytes, 0);
	assert_int_equal(pcapng_packet(png, id, 0, &record, &view), wanted);
}

static void a_full_disk_is_told(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct pcapng png;
	uint32_t id;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(pcapng_open(&png, fd, &about), 0);
	assert_int_equal(pcapng_nic(&png, "eth0", NULL, &id), 0);
	assert_int_equal(pcapng_flush(&png), -ENOSPC);
	/* And by the packet that has no room in memory any more, without being asked. */
	add_packet(&png, id, BLOCKS_SIZE - 2000, 0);
	add_packet(&png, id, 2000, -ENOSPC);
	pcapng_close(&png);
	close(fd);
}

static void a_reader_that_went_away_is_told(void **state)
{
	struct pcapng png;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pcapng_open(&png, fds[1], &about), 0);
	close(fds[0]);
	assert_int_equal(pcapng_flush(&png), -EPIPE);
	assert_int_equal(pcapng_flush(&png), -EPIPE);
	pcapng_close(&png);
	close(fds[1]);
}

/* Reads what there is, up to `room` bytes. */
static size_t drain(int fd, uint8_t *to, size_t room)
{
	ssize_t n = read(fd, to, room);

	if (n < 0)
		assert_int_equal(errno, EAGAIN);
	return n < 0 ? 0 : n;
}

static size_t drain_all(int fd, uint8_t *to, size_t room)
{
	size_t used = 0, n;

	while ((n = drain(fd, to + used, room - used)))
		used += n;
	return used;
}

/* The pipe takes no more in the middle of a block: each byte comes once, whatever was refused. */
static void a_reader_that_falls_behind_misses_nothing(void **state)
{
	const size_t room = 1 << 20;
	uint8_t *got = malloc(room);
	const uint8_t *at = got;
	size_t used = 0, packets = 0;
	struct pcapng png;
	int fds[2], err;
	uint32_t id;

	(void)state;
	assert_non_null(got);
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(pcapng_open(&png, fds[1], &about), 0);
	assert_int_equal(pcapng_nic(&png, "eth0", NULL, &id), 0);
	for (packets = 0; packets < 100; packets++)
		add_packet(&png, id, 2001, 0);
	assert_int_equal(pcapng_flush(&png), -EAGAIN);
	add_packet(&png, id, 60000, -EAGAIN);
	add_packet(&png, id, 100, 0);
	do {
		used += drain(fds[0], got + used, 3000);
		err = pcapng_flush(&png);
	} while (err == -EAGAIN);
	assert_int_equal(err, 0);
	used += drain_all(fds[0], got + used, room - used);
	add_packet(&png, id, 60000, 0);
	assert_int_equal(pcapng_flush(&png), 0);
	used += drain_all(fds[0], got + used, room - used);
	assert_int_equal(pcapng_block(&at, &used).type, 0x0a0d0d0a);
	assert_int_equal(pcapng_block(&at, &used).type, 1);
	for (packets = 0; used; packets++)
		assert_int_equal(pcapng_u32(pcapng_block(&at, &used).body + 12),
				 packets < 100	  ? 2001
				 : packets == 100 ? 100
						  : 60000);
	assert_int_equal(packets, 102);
	pcapng_close(&png);
	free(got);
	close(fds[0]);
	close(fds[1]);
}

/* A flush leaves the reader at a block's end. */
static void what_is_flushed_can_be_read(void **state)
{
	static uint8_t got[65536];
	const uint8_t *at = got;
	struct pcapng png;
	int fds[2];
	uint32_t id;
	size_t n;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(pcapng_open(&png, fds[1], &about), 0);
	assert_int_equal(pcapng_nic(&png, "eth0", NULL, &id), 0);
	add_packet(&png, id, 77, 0);
	assert_int_equal(drain(fds[0], got, sizeof(got)), 0);
	assert_int_equal(pcapng_flush(&png), 0);
	n = drain(fds[0], got, sizeof(got));
	pcapng_block(&at, &n);
	pcapng_block(&at, &n);
	assert_int_equal(pcapng_u32(pcapng_block(&at, &n).body + 12), 77);
	assert_int_equal(n, 0);
	pcapng_close(&png);
	close(fds[0]);
	close(fds[1]);
}

static void texts_of_the_greatest_length(void **state)
{
	static char text[PCAPNG_TEXT + 2];
	struct pcapng_about how = about;
	struct pcapng_option options[8];
	struct pcapng_block block;
	static uint8_t got[4 * PCAPNG_TEXT];
	const uint8_t *at = got;
	struct pcapng png;
	int fds[2];
	uint32_t id;
	size_t used, n;

	(void)state;
	memset(text, 'x', PCAPNG_TEXT + 1);
	how.filter = text;
	assert_int_equal(pcapng_open(&png, 1, &how), -E2BIG);
	pcapng_close(&png);
	how.filter = NULL;
	how.application = text;
	assert_int_equal(pcapng_open(&png, 1, &how), -E2BIG);
	pcapng_close(&png);
	how.application = how.filter = text + 1;
	assert_int_equal(pipe(fds), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) > 0);
	assert_int_equal(pcapng_open(&png, fds[1], &how), 0);
	assert_int_equal(pcapng_nic(&png, "eth0", text, &id), -E2BIG);
	assert_int_equal(pcapng_nic(&png, "eth0", text + 1, &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(pcapng_flush(&png), 0);
	used = drain(fds[0], got, sizeof(got));
	pcapng_block(&at, &used);
	block = pcapng_block(&at, &used);
	n = pcapng_options(&block, 8, options, 8);
	assert_int_equal(pcapng_find(options, n, 11)->len, PCAPNG_TEXT + 1);
	assert_int_equal(pcapng_find(options, n, 3)->len, PCAPNG_TEXT);
	pcapng_close(&png);
	close(fds[0]);
	close(fds[1]);
}

static void a_packet_beyond_all_bounds_is_refused(void **state)
{
	struct pcapng png;
	uint32_t id;

	(void)state;
	assert_int_equal(pcapng_open(&png, -1, &about), 0);
	assert_int_equal(pcapng_nic(&png, "eth0", NULL, &id), 0);
	add_packet(&png, id, XDPFRAG_CAPTURED_MAX, 0);
	add_packet(&png, id, BLOCKS_SIZE - 100, -EMSGSIZE);
	assert_int_equal(pcapng_flush(&png), -EBADF);
	pcapng_close(&png);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(a_reader_that_went_away_is_told),
		cmocka_unit_test(a_reader_that_falls_behind_misses_nothing),
		cmocka_unit_test(what_is_flushed_can_be_read),
		cmocka_unit_test(texts_of_the_greatest_length),
		cmocka_unit_test(a_packet_beyond_all_bounds_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
