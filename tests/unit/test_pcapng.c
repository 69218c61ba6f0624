// SPDX-License-Identifier: GPL-2.0-or-later
/* What the writer of pcapng leaves in a file, read back by tests/lib/pcapng_read.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../lib/pcapng_read.h"
#include "capture/pcapng.h"
#include "xdpfrag/event.h"
#include "xdpfrag/verdict.h"

#define OPTIONS	  16
#define SOME_TIME 0x17979cfe362a0001ULL

static const struct pcapng_about about = { .application = "xdpfragctl 0.1", .snaplen = 262144 };

/* A file being written, and after file_read() its bytes. */
struct file {
	struct pcapng png;
	int fd;
	uint8_t *bytes;
	const uint8_t *at; /* the next block */
	size_t left;
};

static void file_begin(struct file *file, const struct pcapng_about *how)
{
	file->fd = memfd_create("pcapng", 0);
	assert_true(file->fd >= 0);
	assert_int_equal(pcapng_open(&file->png, file->fd, how), 0);
}

static struct pcapng_block file_next(struct file *file, uint32_t type)
{
	struct pcapng_block block = pcapng_block(&file->at, &file->left);

	assert_int_equal(block.type, type);
	return block;
}

/* Ends the writing; the section header, which every file has, is left behind. */
static void file_read(struct file *file)
{
	struct stat stat;

	assert_int_equal(pcapng_flush(&file->png), 0);
	pcapng_close(&file->png);
	assert_int_equal(fstat(file->fd, &stat), 0);
	file->bytes = malloc(stat.st_size);
	assert_non_null(file->bytes);
	assert_int_equal(pread(file->fd, file->bytes, stat.st_size, 0), stat.st_size);
	file->at = file->bytes;
	file->left = stat.st_size;
	file_next(file, 0x0a0d0d0a);
}

static void file_end(struct file *file)
{
	assert_int_equal(file->left, 0);
	free(file->bytes);
	close(file->fd);
}

static void assert_value(const struct pcapng_option *options, size_t n, uint16_t code,
			 const void *value, size_t len)
{
	const struct pcapng_option *option = pcapng_find(options, n, code);

	assert_non_null(option);
	assert_int_equal(option->len, len);
	assert_memory_equal(option->value, value, len);
}

static void assert_text(const struct pcapng_option *options, size_t n, uint16_t code,
			const char *text)
{
	assert_value(options, n, code, text, strlen(text));
}

/* --- the section and its interfaces --- */

static void the_section_says_what_wrote_it(void **state)
{
	struct pcapng_option options[OPTIONS];
	struct pcapng_block block;
	struct utsname host;
	struct file file;
	char os[160];
	size_t n;

	(void)state;
	file_begin(&file, &about);
	file_read(&file);
	file.left += file.at - file.bytes;
	file.at = file.bytes;
	block = file_next(&file, 0x0a0d0d0a);
	assert_int_equal(pcapng_u32(block.body), 0x1a2b3c4d);
	assert_int_equal(pcapng_u32(block.body + 4), 1); /* 1.0 on a little-endian host */
	assert_true(pcapng_u64(block.body + 8) == UINT64_MAX);
	n = pcapng_options(&block, 16, options, OPTIONS);
	assert_int_equal(n, 3);
	assert_int_equal(uname(&host), 0);
	snprintf(os, sizeof(os), "%s %s", host.sysname, host.release);
	assert_text(options, n, 2, host.machine);
	assert_text(options, n, 3, os);
	assert_text(options, n, 4, "xdpfragctl 0.1");
	file_end(&file);
}

static size_t nic_options(struct file *file, struct pcapng_option options[OPTIONS],
			  uint32_t snaplen)
{
	struct pcapng_block block = file_next(file, 1);

	assert_int_equal(pcapng_u32(block.body), 1); /* LINKTYPE_ETHERNET, reserved */
	assert_int_equal(pcapng_u32(block.body + 4), snaplen);
	return pcapng_options(&block, 8, options, OPTIONS);
}

static void a_nic_is_an_interface_with_its_filter(void **state)
{
	struct pcapng_about how = about;
	struct pcapng_option options[OPTIONS];
	struct file file;
	uint32_t id;
	size_t n;

	(void)state;
	how.filter = "udp port 1067";
	how.snaplen = 96;
	file_begin(&file, &how);
	assert_int_equal(pcapng_nic(&file.png, "eth0", "the wrong one", &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(pcapng_nic(&file.png, "\x1b[2J\xff", NULL, &id), 0);
	assert_int_equal(id, 1);
	file_read(&file);
	n = nic_options(&file, options, 96);
	assert_int_equal(n, 5);
	assert_text(options, n, 2, "eth0");
	assert_text(options, n, 3, "the wrong one");
	assert_value(options, n, 9, "\x09", 1);
	assert_value(options, n, 11, "\0udp port 1067", 14);
	assert_int_equal(pcapng_find(options, n, 12)->len, strlen(file.png.os));
	n = nic_options(&file, options, 96);
	assert_int_equal(n, 4);
	assert_text(options, n, 2, "\\x1b[2J\\xff");
	file_end(&file);
}

static void without_a_filter_none_is_named(void **state)
{
	struct pcapng_option options[OPTIONS];
	struct pcapng_about how = about;
	struct file file;
	uint32_t id;
	size_t n;

	(void)state;
	how.filter = "";
	file_begin(&file, &how);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	file_read(&file);
	n = nic_options(&file, options, 262144);
	assert_null(pcapng_find(options, n, 11));
	assert_null(pcapng_find(options, n, 3));
	file_end(&file);
}

/* --- packets --- */

static const uint8_t to_group[] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x0f };

/* Checks the next block, whose view is `bytes`, and reads its options. */
static size_t packet_options(struct file *file, struct pcapng_option options[OPTIONS], uint32_t id,
			     const uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	struct pcapng_block block = file_next(file, 6);
	uint32_t at = 20 + caplen;

	assert_int_equal(pcapng_u32(block.body), id);
	assert_true(pcapng_time(block.body + 4) == SOME_TIME + caplen);
	assert_int_equal(pcapng_u32(block.body + 12), caplen);
	assert_int_equal(pcapng_u32(block.body + 16), len);
	assert_memory_equal(block.body + 20, bytes, caplen);
	for (; at % 4; at++)
		assert_int_equal(block.body[at], 0);
	return pcapng_options(&block, at, options, OPTIONS);
}

static void packets_of_every_length(void **state)
{
	struct xdpfrag_captured record = { .queue = 0x01020304,
					   .verdict = XDPFRAG_DROPPED,
					   .reason = XDPFRAG_NO_REASON,
					   .policy_family = AF_INET,
					   .policy_len = 32,
					   .policy_group = { 239, 0, 0, 15 } };
	struct pcapng_option options[OPTIONS];
	uint8_t bytes[70];
	struct view view;
	struct file file;
	uint32_t id, i, flags;
	size_t n;

	(void)state;
	memset(bytes, 0xa5, sizeof(bytes));
	memcpy(bytes, to_group, sizeof(to_group));
	file_begin(&file, &about);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	for (i = 0; i <= sizeof(bytes); i++) {
		record.caplen = i;
		record.len = i + 1000;
		view_make(&view, &record, bytes, 0);
		assert_int_equal(pcapng_packet(&file.png, id, SOME_TIME + i, &record, &view), 0);
	}
	file_read(&file);
	file_next(&file, 1);
	for (i = 0; i <= sizeof(bytes); i++) {
		n = packet_options(&file, options, 0, bytes, i, i + 1000);
		assert_int_equal(n, 4);
		assert_text(options, n, 1, "dropped: 239.0.0.15");
		flags = i < 6 ? 1 : 1 | 2 << 2;
		assert_value(options, n, 2, &flags, 4);
		assert_value(options, n, 6, &record.queue, 4);
		assert_value(options, n, 7, "\2\1\0\0\0\0\0\0\0", 9);
	}
	file_end(&file);
}

static void a_packet_within_a_tunnel_is_written_as_it_is_seen(void **state)
{
	struct xdpfrag_captured record = {
		.len = 60, .caplen = 53, .inner = 34, .inner_proto = 0x86dd
	};
	struct pcapng_option options[OPTIONS];
	uint8_t frame[53], wanted[14 + 19];
	struct view view;
	struct file file;
	uint32_t id, i;

	(void)state;
	for (i = 0; i < sizeof(frame); i++)
		frame[i] = i;
	memcpy(wanted, frame, 12);
	memcpy(wanted + 12, "\x86\xdd", 2);
	memcpy(wanted + 14, frame + 34, 19);
	file_begin(&file, &about);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	view_make(&view, &record, frame, 0);
	assert_int_equal(pcapng_packet(&file.png, id, SOME_TIME + 33, &record, &view), 0);
	file_read(&file);
	file_next(&file, 1);
	packet_options(&file, options, 0, wanted, 33, 40);
	file_end(&file);
}

static void assert_verdict(uint8_t verdict, uint8_t action, const uint8_t to[6], uint32_t flags)
{
	struct xdpfrag_captured record = { .len = 6, .caplen = 6, .verdict = verdict };
	struct pcapng_option options[OPTIONS];
	uint8_t wanted[9] = { 2 };
	uint64_t value = action;
	struct view view;
	struct file file;
	uint32_t id;
	size_t n;

	memcpy(wanted + 1, &value, sizeof(value));
	file_begin(&file, &about);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	view_make(&view, &record, to, 0);
	assert_int_equal(pcapng_packet(&file.png, id, SOME_TIME + 6, &record, &view), 0);
	file_read(&file);
	file_next(&file, 1);
	n = packet_options(&file, options, 0, to, 6, 6);
	assert_value(options, n, 7, wanted, sizeof(wanted));
	assert_value(options, n, 2, &flags, sizeof(flags));
	file_end(&file);
}

static void every_verdict_is_an_action_of_xdp(void **state)
{
	static const uint8_t unicast[6] = { 0x02 };
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	assert_verdict(XDPFRAG_PASSED, 2, unicast, 1 | 1 << 2);
	assert_verdict(XDPFRAG_DROPPED, 1, to_group, 1 | 2 << 2);
	assert_verdict(XDPFRAG_OBSERVED, 2, broadcast, 1 | 3 << 2);
	assert_verdict(XDPFRAG_REDIRECTED, 4, to_group, 1 | 2 << 2);
	assert_verdict(XDPFRAG_REASSEMBLED, 4, to_group, 1 | 2 << 2);
	assert_verdict(XDPFRAG_NO_VERDICT, 2, to_group, 1 | 2 << 2);
}

/* Many policies by turns, each with two verdicts: no packet has another one's comment. */
static void each_packet_has_its_own_comment(void **state)
{
	struct xdpfrag_captured record = { .policy_family = AF_INET, .policy_len = 32 };
	struct pcapng_option options[OPTIONS];
	struct view view = { .data = to_group };
	char comment[80];
	struct file file;
	uint32_t id, i;
	size_t n;

	(void)state;
	record.reason = XDPFRAG_NO_REASON;
	file_begin(&file, &about);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	for (i = 0; i < 2000; i++) {
		record.verdict = i % 2 ? XDPFRAG_DROPPED : XDPFRAG_PASSED;
		record.queue = i;
		memcpy(record.policy_group, (uint8_t[]){ 239, 0, 0, i % 200 / 2 }, 4);
		assert_int_equal(pcapng_packet(&file.png, id, SOME_TIME, &record, &view), 0);
	}
	file_read(&file);
	file_next(&file, 1);
	for (i = 0; i < 2000; i++) {
		n = packet_options(&file, options, 0, to_group, 0, 0);
		snprintf(comment, sizeof(comment), "%s: 239.0.0.%u", i % 2 ? "dropped" : "passed",
			 i % 200 / 2);
		assert_text(options, n, 1, comment);
	}
	file_end(&file);
}

/* More than the writer holds at once, with a NIC that shows late. */
static void a_long_file_is_whole(void **state)
{
	struct xdpfrag_captured record = { 0 };
	struct pcapng_option options[OPTIONS];
	uint8_t bytes[1500];
	struct view view;
	struct file file;
	uint32_t id, late, i;

	(void)state;
	file_begin(&file, &about);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	for (i = 0; i <= sizeof(bytes); i++) {
		memset(bytes, i, sizeof(bytes));
		record.len = record.caplen = i;
		view_make(&view, &record, bytes, 0);
		if (i == 1000)
			assert_int_equal(pcapng_nic(&file.png, "eth1", NULL, &late), 0);
		assert_int_equal(pcapng_packet(&file.png, i < 1000 ? id : late, SOME_TIME + i,
					       &record, &view),
				 0);
	}
	file_read(&file);
	file_next(&file, 1);
	for (i = 0; i <= sizeof(bytes); i++) {
		memset(bytes, i, sizeof(bytes));
		if (i == 1000)
			file_next(&file, 1);
		packet_options(&file, options, i >= 1000, bytes, i, i);
	}
	file_end(&file);
}

/* --- statistics --- */

static void statistics_leave_out_what_is_not_known(void **state)
{
	struct pcapng_statistics counts = { .time = SOME_TIME + 9,
					    .start = SOME_TIME,
					    .end = SOME_TIME + 5,
					    .received = PCAPNG_UNKNOWN,
					    .lost = 0x100000002,
					    .captured = 0 };
	uint32_t start[2] = { SOME_TIME >> 32, (uint32_t)SOME_TIME };
	uint32_t end[2] = { SOME_TIME >> 32, (uint32_t)SOME_TIME + 5 };
	struct pcapng_option options[OPTIONS];
	struct pcapng_block block;
	struct file file;
	uint32_t id;
	size_t n;

	(void)state;
	file_begin(&file, &about);
	assert_int_equal(pcapng_nic(&file.png, "eth0", NULL, &id), 0);
	assert_int_equal(pcapng_nic(&file.png, "eth1", NULL, &id), 0);
	assert_int_equal(pcapng_statistics(&file.png, id, &counts), 0);
	counts.received = 77;
	assert_int_equal(pcapng_statistics(&file.png, id, &counts), 0);
	file_read(&file);
	file_next(&file, 1);
	file_next(&file, 1);
	block = file_next(&file, 5);
	assert_int_equal(pcapng_u32(block.body), 1);
	assert_true(pcapng_time(block.body + 4) == counts.time);
	n = pcapng_options(&block, 12, options, OPTIONS);
	assert_int_equal(n, 4);
	assert_value(options, n, 2, start, 8);
	assert_value(options, n, 3, end, 8);
	assert_value(options, n, 5, &counts.lost, 8);
	assert_value(options, n, 8, &counts.captured, 8);
	block = file_next(&file, 5);
	n = pcapng_options(&block, 12, options, OPTIONS);
	assert_int_equal(n, 5);
	assert_value(options, n, 4, &counts.received, 8);
	file_end(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_section_says_what_wrote_it),
		cmocka_unit_test(a_nic_is_an_interface_with_its_filter),
		cmocka_unit_test(without_a_filter_none_is_named),
		cmocka_unit_test(packets_of_every_length),
		cmocka_unit_test(a_packet_within_a_tunnel_is_written_as_it_is_seen),
		cmocka_unit_test(every_verdict_is_an_action_of_xdp),
		cmocka_unit_test(each_packet_has_its_own_comment),
		cmocka_unit_test(a_long_file_is_whole),
		cmocka_unit_test(statistics_leave_out_what_is_not_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
