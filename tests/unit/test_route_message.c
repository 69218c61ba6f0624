// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes as messages: read, named, and written again with another MTU. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "agent/routes/route_plan.h"
#include "../lib/routes.h"

static void a_request_differs_in_the_MTU_only(void **state)
{
	const struct given_route given = { .prefix = "10.0.0.0",
					   .len = 8,
					   .via = "10.84.0.1",
					   .dev = 5,
					   .mtu = 1400,
					   .advmss = 900,
					   .locked = true,
					   .expires = 100 };
	struct route before = given_route(&given), after;
	struct nl_msg *request = route_request(&before, 1300, RTM_NEWROUTE, NLM_F_REPLACE);
	struct nlmsghdr *header = nlmsg_hdr(request);
	const struct rtmsg *rtm = nlmsg_data(header);
	struct nlattr *unknown;

	(void)state;
	assert_int_equal(header->nlmsg_flags & NLM_F_REPLACE, NLM_F_REPLACE);
	/* The kernel refuses what a dump says of the link's state. */
	assert_int_equal(rtm->rtm_flags, RTNH_F_ONLINK);
	assert_null(nlmsg_find_attr(header, sizeof(*rtm), RTA_CACHEINFO));
	unknown = nlmsg_find_attr(header, sizeof(*rtm), GIVEN_UNKNOWN);
	assert_non_null(unknown);
	assert_string_equal(nla_get_string(unknown), "of a later kernel");
	assert_int_equal(route_read(&after, header), 0);
	assert_int_equal(after.mtu, 1300);
	assert_true(after.locked);
	assert_string_equal(after.name, before.name);
	assert_true(route_alike(&before, &after));
	nlmsg_free(request);
	route_release(&before);
	route_release(&after);
}

static void alike_sees_every_other_difference(void **state)
{
	static const struct given_route base = { .prefix = "10.0.0.0",
						 .len = 8,
						 .via = "10.84.0.1",
						 .dev = 5,
						 .mtu = 1400,
						 .advmss = 900 };
	struct given_route others[] = { base, base, base, base, base, base };
	struct route one = given_route(&base);
	size_t i;

	(void)state;
	others[0].mtu = 0;
	others[1].advmss = 901;
	others[2].locked = true;
	others[3].via = "10.84.0.2";
	others[4].protocol = RTPROT_BOOT;
	others[5].priority = 1;
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct route other = given_route(&others[i]);

		assert_int_equal(route_alike(&one, &other), i == 0);
		route_release(&other);
	}
	route_release(&one);
}

static void only_the_object_is_said_where_there_is_one(void **state)
{
	const struct given_route given = { .prefix = "10.0.0.0",
					   .len = 8,
					   .via = "10.84.0.1",
					   .dev = 5,
					   .mtu = 1400,
					   .nexthop = 7 };
	struct route one = given_route(&given);
	struct nl_msg *request = route_request(&one, 0, RTM_NEWROUTE, 0);
	struct nlmsghdr *header = nlmsg_hdr(request);
	struct nlattr *metrics = nlmsg_find_attr(header, sizeof(struct rtmsg), RTA_METRICS);

	(void)state;
	assert_null(nlmsg_find_attr(header, sizeof(struct rtmsg), RTA_GATEWAY));
	assert_null(nlmsg_find_attr(header, sizeof(struct rtmsg), RTA_OIF));
	assert_non_null(nlmsg_find_attr(header, sizeof(struct rtmsg), RTA_NH_ID));
	/* Without any, the kernel would take those of another route by the object. */
	assert_non_null(metrics);
	assert_int_equal(nla_len(metrics), 0);
	nlmsg_free(request);
	route_release(&one);
}

/* The state of next hops is not sent back; what stands behind the last one is not read. */
static void next_hops_are_read_to_the_end(void **state)
{
	const struct given_route given = { .prefix = "10.0.0.0", .len = 8, .dev = 0 };
	struct rtnexthop hops[] = {
		{ .rtnh_len = sizeof(*hops),
		  .rtnh_ifindex = 3,
		  .rtnh_hops = 6,
		  .rtnh_flags = RTNH_F_ONLINK | RTNH_F_DEAD | RTNH_F_LINKDOWN },
		{ .rtnh_len = sizeof(*hops), .rtnh_ifindex = 5 },
	};
	size_t cut;

	(void)state;
	for (cut = 0; cut <= sizeof(hops); cut++) {
		struct nl_msg *msg = given_message(&given), *request;
		struct nlattr *multipath;
		struct route read;

		nla_put(msg, RTA_MULTIPATH, sizeof(hops) - cut, hops);
		assert_int_equal(route_read(&read, nlmsg_hdr(msg)), 0);
		nlmsg_free(msg);
		assert_int_equal(read.n_hops, (sizeof(hops) - cut) / sizeof(*hops));
		if (read.n_hops == 2)
			assert_int_equal(read.hops[1].ifindex, 5);
		request = route_request(&read, 0, RTM_NEWROUTE, 0);
		multipath =
			nlmsg_find_attr(nlmsg_hdr(request), sizeof(struct rtmsg), RTA_MULTIPATH);
		assert_int_equal(nla_len(multipath), sizeof(hops) - cut);
		if (read.n_hops) {
			const struct rtnexthop *first = nla_data(multipath);

			assert_int_equal(first->rtnh_flags, RTNH_F_ONLINK);
			assert_int_equal(first->rtnh_hops, 6);
		}
		nlmsg_free(request);
		route_release(&read);
	}
}

static void what_is_no_route_is_refused(void **state)
{
	struct given_route given = { .prefix = "10.0.0.0", .len = 33, .dev = 5 };
	struct nl_msg *msg = given_message(&given);
	struct route read;

	(void)state;
	assert_int_equal(route_read(&read, nlmsg_hdr(msg)), -EINVAL);
	nlmsg_hdr(msg)->nlmsg_type = RTM_NEWLINK;
	assert_int_equal(route_read(&read, nlmsg_hdr(msg)), -EINVAL);
	nlmsg_free(msg);
}

static void a_key_names_its_prefix(void **state)
{
	static const struct given_route all[] = {
		{ .prefix = "0.0.0.0", .via = "10.84.0.1", .dev = 5 },
		{ .prefix = "10.1.2.3", .len = 32, .dev = 5 },
		{ .prefix = "::", .via = "fe80::1", .dev = 5 },
		{ .prefix = "2001:db8::", .len = 32, .dev = 5, .nexthop = 9 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct route one = given_route(&all[i]);
		char *keys[] = { found_key_route(&one),
				 found_key_made(one.family, one.prefix, one.len) };
		uint8_t family, prefix[16], len;
		int k;

		for (k = 0; k < 2; k++) {
			assert_true(found_key_prefix(keys[k], &family, prefix, &len));
			assert_int_equal(family, one.family);
			assert_int_equal(len, one.len);
			assert_memory_equal(prefix, one.prefix, 16);
			free(keys[k]);
		}
		route_release(&one);
	}
	assert_false(found_key_prefix("link eth0 mtu", &(uint8_t){ 0 }, (uint8_t[16]){ 0 },
				      &(uint8_t){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_differs_in_the_MTU_only),
		cmocka_unit_test(alike_sees_every_other_difference),
		cmocka_unit_test(only_the_object_is_said_where_there_is_one),
		cmocka_unit_test(next_hops_are_read_to_the_end),
		cmocka_unit_test(what_is_no_route_is_refused),
		cmocka_unit_test(a_key_names_its_prefix),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
