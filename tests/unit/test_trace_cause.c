// SPDX-License-Identifier: GPL-2.0-or-later
/* What drops mean, as kernels with and without reasons of their own say them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include "diagnose/trace_cause.h"

#define FRAGMENT XDPFRAG_FATE_FRAGMENT
#define OURS	 XDPFRAG_FATE_OURS
#define ROUTED	 XDPFRAG_FATE_ROUTED
#define LOCAL	 XDPFRAG_FATE_LOCAL

static const struct {
	uint8_t family, flags;
	const char *reason;
	enum trace_cause cause;
} cases[] = {
	/* Without reassembly before the routes, each fragment meets the look-up. */
	{ AF_INET, FRAGMENT | OURS, "NOT_SPECIFIED", CAUSE_NOT_JOINED },
	{ AF_INET, FRAGMENT | OURS, "", CAUSE_NOT_JOINED },
	{ AF_INET, FRAGMENT | OURS, "NETFILTER_DROP", CAUSE_OTHER },
	{ AF_INET6, FRAGMENT | OURS | ROUTED, "NOT_SPECIFIED", CAUSE_NOT_JOINED },
	/* In reassembly. */
	{ AF_INET, FRAGMENT | OURS | LOCAL, "DUP_FRAG", CAUSE_COPY },
	{ AF_INET, FRAGMENT | LOCAL, "FRAG_REASM_TIMEOUT", CAUSE_TIMEOUT },
	{ AF_INET, FRAGMENT | OURS | LOCAL, "NOT_SPECIFIED", CAUSE_IN_QUEUE },
	{ AF_INET, FRAGMENT | OURS | LOCAL, "FRAG_TOO_FAR", CAUSE_IN_QUEUE },
	{ AF_INET6, FRAGMENT | OURS | LOCAL, "NETFILTER_DROP", CAUSE_IN_QUEUE },
	/* Whole, at the look-up: IPv6 has a route there already. */
	{ AF_INET, OURS, "NOT_SPECIFIED", CAUSE_NOT_JOINED },
	{ AF_INET, OURS, "IP_RPFILTER", CAUSE_OTHER },
	{ AF_INET, OURS | ROUTED, "NOT_SPECIFIED", CAUSE_OTHER },
	{ AF_INET6, OURS | ROUTED, "NOT_SPECIFIED", CAUSE_NOT_JOINED },
	{ AF_INET6, OURS, "NOT_SPECIFIED", CAUSE_NOT_JOINED },
	/* Whole, at the socket. */
	{ AF_INET, OURS | ROUTED | LOCAL, "NOT_SPECIFIED", CAUSE_NO_SOCKET },
	{ AF_INET6, OURS | ROUTED | LOCAL, "NO_SOCKET", CAUSE_NO_SOCKET },
	{ AF_INET, OURS | ROUTED | LOCAL, "SOCKET_RCVBUFF", CAUSE_BUFFER_FULL },
	{ AF_INET, OURS | ROUTED | LOCAL, "UDP_CSUM", CAUSE_OTHER },
	{ AF_INET, LOCAL, "QUEUE_PURGE", CAUSE_CLOSED },
	{ AF_INET, LOCAL, "NOT_SPECIFIED", CAUSE_CLOSED },
	/* No drop of the datagram at all. */
	{ AF_INET, XDPFRAG_FATE_READ | LOCAL | OURS, "", CAUSE_NONE },
	{ AF_INET, XDPFRAG_FATE_QUEUED | LOCAL | OURS, "", CAUSE_NONE },
	{ AF_INET, FRAGMENT | OURS, "PACKET_SOCK_ERROR", CAUSE_NONE },
};

static void a_drop_means_what_its_place_and_reason_say(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct xdpfrag_fate fate = { .family = cases[i].family, .flags = cases[i].flags };

		if (trace_cause(&fate, cases[i].reason) != cases[i].cause)
			fail_msg("case %zu: %u", i, trace_cause(&fate, cases[i].reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drop_means_what_its_place_and_reason_say),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
