// SPDX-License-Identifier: GPL-2.0-or-later
/* A NIC's settings and identity, on the loopback of a network namespace of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "netstate/nic.h"

static int enter_namespace(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNET);
}

static struct link loopback(void)
{
	struct links links;
	struct link lo;

	assert_int_equal(links_dump(&links), 0);
	assert_non_null(links_by_name(&links, "lo"));
	lo = *links_by_name(&links, "lo");
	links_free(&links);
	return lo;
}

static void mtu_and_flags_are_set(void **state)
{
	char reason[NIC_REASON];
	struct link lo = loopback();

	(void)state;
	assert_int_equal(nic_set_mtu(&lo, 9000, reason), 0);
	assert_int_equal(nic_set_flag(&lo, IFF_PROMISC, true, reason), 0);
	assert_int_equal(nic_set_flag(&lo, IFF_ALLMULTI, true, reason), 0);
	lo = loopback();
	assert_int_equal(lo.mtu, 9000);
	assert_int_equal(lo.flags & (IFF_PROMISC | IFF_ALLMULTI), IFF_PROMISC | IFF_ALLMULTI);
	assert_int_equal(nic_set_flag(&lo, IFF_PROMISC, false, reason), 0);
	lo = loopback();
	assert_int_equal(lo.flags & (IFF_PROMISC | IFF_ALLMULTI), IFF_ALLMULTI);
}

static void a_refusal_has_the_kernels_number_and_words(void **state)
{
	char reason[NIC_REASON] = "of before";
	struct link nobody = { .ifindex = 4711, .name = "nobody" };
	struct link lo = loopback();
	struct nic_access access = {};
	struct nic_features features;
	uint64_t id;

	(void)state;
	assert_int_equal(nic_set_mtu(&lo, UINT32_MAX, reason), -EINVAL);
	assert_string_not_equal(reason, "");
	assert_string_not_equal(reason, "of before");
	assert_int_equal(nic_set_mtu(&nobody, 1500, reason), -ENODEV);
	assert_int_equal(nic_open(&access), 0);
	assert_int_equal(nic_identify(&access, &nobody, &id), -ENODEV);
	assert_int_equal(nic_get_features(&access, &nobody, &features), -ENODEV);
	/* The name has gone over to another NIC. */
	lo.ifindex = 4711;
	assert_int_equal(nic_identify(&access, &lo, &id), -ENODEV);
	assert_int_equal(nic_get_features(&access, &lo, &features), -ENODEV);
	nic_close(&access);
}

static void offloads_are_read_and_set(void **state)
{
	struct link lo = loopback();
	struct nic_access access = {};
	struct nic_features features;
	uint32_t tso = 1U << NIC_TSO4;

	(void)state;
	assert_int_equal(nic_open(&access), 0);
	assert_int_equal(nic_get_features(&access, &lo, &features), 0);
	assert_true(features.changeable & tso && features.active & tso);
	assert_int_equal(nic_set_features(&access, &lo, tso, 0), 0);
	assert_int_equal(nic_get_features(&access, &lo, &features), 0);
	assert_false(features.active & tso || features.requested & tso);
	/* Only what the mask names is touched. */
	assert_true(features.active & 1U << NIC_TSO6);
	assert_int_equal(nic_set_features(&access, &lo, tso, UINT32_MAX), 0);
	assert_int_equal(nic_get_features(&access, &lo, &features), 0);
	assert_true(features.active & tso);
	nic_close(&access);
}

/* The same NIC has the same number whatever is done to it; the other namespace's has another. */
static void a_NIC_is_told_from_another_with_its_name_and_ifindex(void **state)
{
	struct nic_access access = {}, again = {};
	char reason[NIC_REASON];
	struct link lo = loopback();
	uint64_t id, later, other;

	(void)state;
	assert_int_equal(nic_open(&access), 0);
	assert_true(access.sysfs >= 0);
	assert_int_equal(nic_identify(&access, &lo, &id), 0);
	assert_int_not_equal(id, 0);
	assert_true(nic_same_kind(&access, id));
	assert_int_equal(nic_set_mtu(&lo, 1500, reason), 0);
	assert_int_equal(nic_identify(&access, &lo, &later), 0);
	assert_int_equal(later, id);
	nic_close(&access);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(nic_open(&again), 0);
	assert_int_equal(loopback().ifindex, lo.ifindex);
	assert_int_equal(nic_identify(&again, &lo, &other), 0);
	assert_int_not_equal(other, id);
	nic_close(&again);
}

static void without_sysfs_the_address_identifies(void **state)
{
	struct nic_access access = {};
	struct link lo = loopback();
	uint64_t inode, id, later;

	(void)state;
	assert_int_equal(nic_open(&access), 0);
	assert_int_equal(nic_identify(&access, &lo, &inode), 0);
	close(access.sysfs);
	access.sysfs = -1;
	assert_int_equal(nic_identify(&access, &lo, &id), 0);
	assert_int_equal(nic_identify(&access, &lo, &later), 0);
	assert_int_equal(later, id);
	/* The two kinds are never taken for each other. */
	assert_true(nic_same_kind(&access, id));
	assert_false(nic_same_kind(&access, inode));
	lo.ifindex++;
	assert_int_equal(nic_identify(&access, &lo, &later), 0);
	assert_int_not_equal(later, id);
	nic_close(&access);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mtu_and_flags_are_set),
		cmocka_unit_test(a_refusal_has_the_kernels_number_and_words),
		cmocka_unit_test(offloads_are_read_and_set),
		cmocka_unit_test(a_NIC_is_told_from_another_with_its_name_and_ifindex),
		cmocka_unit_test(without_sysfs_the_address_identifies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
