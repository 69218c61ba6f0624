// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/filter.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "capture_rig.h"

void capture_rig_make(struct capture_rig *capture, const char *expression, bool decap)
{
	char why[PCAP_FILTER_WHY];
	size_t at;

	memset(capture, 0, sizeof(*capture));
	capture->capture = (struct steer_capture){ .snaplen = XDPFRAG_CAPTURED_MAX,
						   .verdicts = ~0U,
						   .decap = decap };
	if (!pcap_filter_compile(&capture->filter, expression, true, why))
		fail_msg("%s: %s", expression, why);
	assert_int_equal(steer_capture_make(&capture->capture, capture->filter.insns,
					    capture->filter.n, &at),
			 0);
}

static int on_record(void *arg, void *data, size_t len)
{
	struct capture_rig *capture = arg;

	if (len < sizeof(capture->head))
		return -1;
	memcpy(&capture->head, data, sizeof(capture->head));
	if (capture->head.caplen > len - sizeof(capture->head) ||
	    capture->head.caplen > sizeof(capture->bytes))
		return -1;
	memcpy(capture->bytes, (uint8_t *)data + sizeof(capture->head), capture->head.caplen);
	capture->n++;
	return 0;
}

void capture_rig_attach(struct capture_rig *capture, const struct rig *rig)
{
	capture->counts = bpf_map__fd(steer_map(rig->skel, PLANE_CAPTURE_COUNTS));
	capture->ring = ring_buffer__new(bpf_map__fd(steer_map(rig->skel, PLANE_CAPTURED)),
					 on_record, capture, NULL);
	assert_non_null(capture->ring);
}

void capture_rig_close(struct capture_rig *capture)
{
	ring_buffer__free(capture->ring);
	image_free(&capture->capture.image);
	pcap_filter_free(&capture->filter);
	memset(capture, 0, sizeof(*capture));
}

unsigned int capture_rig_read(struct capture_rig *capture)
{
	int n;

	capture->n = 0;
	n = ring_buffer__consume(capture->ring);
	assert_int_equal(n, capture->n);
	return capture->n;
}

static uint64_t now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

const char *capture_rig_fault(struct capture_rig *capture, const struct xdpfrag_captured *want,
			      const void *frame, size_t len)
{
	const struct xdpfrag_captured *head = &capture->head;
	size_t wanted = (size_t)capture->capture.snaplen + want->inner;

	if (wanted > len)
		wanted = len;
	if (wanted > XDPFRAG_CAPTURED_MAX)
		wanted = XDPFRAG_CAPTURED_MAX;
	if (capture_rig_read(capture) != 1)
		return "not one record";
	/* Within the last second, and on the link of a test run. */
	if (head->time > now() || now() - head->time > 1000000000ULL)
		return "time";
	if (head->ifindex != if_nametoindex("lo") || head->queue || head->slot != want->slot)
		return "link or queue";
	if (head->len != len || head->caplen != wanted)
		return "length";
	if (memcmp(capture->bytes, frame, wanted))
		return "bytes";
	if (head->inner != want->inner || head->inner_proto != want->inner_proto)
		return "inner";
	if (head->verdict != want->verdict || head->reason != want->reason)
		return "verdict or reason";
	if (head->policy_family != want->policy_family || head->policy_len != want->policy_len ||
	    memcmp(head->policy_group, want->policy_group, 16) ||
	    memcmp(head->policy_source, want->policy_source, 16) || head->reserved)
		return "policy";
	return NULL;
}

struct xdpfrag_capture_counts capture_rig_counts(const struct capture_rig *capture, uint32_t slot)
{
	int cpus = libbpf_num_possible_cpus(), i;
	struct xdpfrag_capture_counts each[cpus], sum = {};

	assert_int_equal(bpf_map_lookup_elem(capture->counts, &slot, each), 0);
	for (i = 0; i < cpus; i++) {
		sum.captured += each[i].captured;
		sum.lost += each[i].lost;
	}
	return sum;
}
