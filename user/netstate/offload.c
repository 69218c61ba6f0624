// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offloads, by ioctl: ETHTOOL_GFEATURES and ETHTOOL_SFEATURES know what is fixed,
 * what is asked for and what is on. Features have names that stay and numbers that
 * differ from kernel to kernel.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "netstate/nic.h"

#define STRINGS_MAX 256 /* features that a kernel may have; there were 66 in 6.18 */
#define BLOCKS_MAX  (STRINGS_MAX / 32)

/* tx-tcp-accecn-segmentation came with Linux 6.15. */
static const char *const names[NIC_FEATURES] = {
	[NIC_GRO] = "rx-gro",
	[NIC_LRO] = "rx-lro",
	[NIC_GSO] = "tx-generic-segmentation",
	[NIC_TSO4] = "tx-tcp-segmentation",
	[NIC_TSO_ECN] = "tx-tcp-ecn-segmentation",
	[NIC_TSO_ACCECN] = "tx-tcp-accecn-segmentation",
	[NIC_TSO_MANGLEID] = "tx-tcp-mangleid-segmentation",
	[NIC_TSO6] = "tx-tcp6-segmentation",
};

/* As in linux/ethtool.h, with room for what follows there. */
struct sset_info {
	uint32_t cmd, reserved;
	uint64_t sset_mask;
	uint32_t count;
};

struct get_features {
	uint32_t cmd, size;
	struct ethtool_get_features_block block[BLOCKS_MAX];
};

struct set_features {
	uint32_t cmd, size;
	struct ethtool_set_features_block block[BLOCKS_MAX];
};

/* The kernel's answer, 0 or more, or negative errno. */
static int ask(const struct nic_access *access, const struct link *link, void *command)
{
	struct ifreq request = {};
	int got;

	/* An ioctl knows a NIC by its name, which another may have by now. */
	memcpy(request.ifr_name, link->name, IFNAMSIZ);
	if (ioctl(access->sock, SIOCGIFINDEX, &request) < 0 ||
	    (uint32_t)request.ifr_ifindex != link->ifindex)
		return -ENODEV;
	request.ifr_data = command;
	got = ioctl(access->sock, SIOCETHTOOL, &request);
	return got < 0 ? -errno : got;
}

static void find_bits(struct nic_access *access, const struct ethtool_gstrings *strings)
{
	uint32_t bit;
	int i;

	for (i = 0; i < NIC_FEATURES; i++) {
		access->bits[i] = -1;
		for (bit = 0; bit < strings->len; bit++)
			if (!strncmp((const char *)strings->data + bit * ETH_GSTRING_LEN, names[i],
				     ETH_GSTRING_LEN))
				access->bits[i] = bit;
	}
	access->n_blocks = (strings->len + 31) / 32;
}

/* Once: they are the kernel's, not the NIC's. */
static int read_names(struct nic_access *access, const struct link *link)
{
	struct sset_info set = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1U << ETH_SS_FEATURES };
	struct ethtool_gstrings *strings;
	int err;

	err = ask(access, link, &set);
	if (err < 0)
		return err;
	if (!set.sset_mask || !set.count || set.count > STRINGS_MAX)
		return -EOPNOTSUPP;
	strings = calloc(1, sizeof(*strings) + set.count * ETH_GSTRING_LEN);
	if (!strings)
		return -ENOMEM;
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_FEATURES;
	strings->len = set.count;
	err = ask(access, link, strings);
	if (err >= 0)
		find_bits(access, strings);
	free(strings);
	return err < 0 ? err : 0;
}

int nic_get_features(struct nic_access *access, const struct link *link,
		     struct nic_features *features)
{
	struct get_features get = { .cmd = ETHTOOL_GFEATURES };
	int i, err;

	memset(features, 0, sizeof(*features));
	err = access->n_blocks ? 0 : read_names(access, link);
	if (err)
		return err;
	get.size = access->n_blocks;
	err = ask(access, link, &get);
	if (err < 0)
		return err;
	for (i = 0; i < NIC_FEATURES; i++) {
		const struct ethtool_get_features_block *block;
		uint32_t bit;

		if (access->bits[i] < 0)
			continue;
		block = &get.block[access->bits[i] / 32];
		bit = 1U << access->bits[i] % 32;
		features->changeable |=
			(uint32_t) !!(block->available & ~block->never_changed & bit) << i;
		features->requested |= (uint32_t) !!(block->requested & bit) << i;
		features->active |= (uint32_t) !!(block->active & bit) << i;
	}
	return 0;
}

int nic_set_features(struct nic_access *access, const struct link *link, uint32_t mask,
		     uint32_t requested)
{
	struct set_features set = { .cmd = ETHTOOL_SFEATURES };
	int i, err;

	err = access->n_blocks ? 0 : read_names(access, link);
	if (err)
		return err;
	set.size = access->n_blocks;
	for (i = 0; i < NIC_FEATURES; i++) {
		struct ethtool_set_features_block *block;
		uint32_t bit;

		if (access->bits[i] < 0 || !(mask >> i & 1))
			continue;
		block = &set.block[access->bits[i] / 32];
		bit = 1U << access->bits[i] % 32;
		block->valid |= bit;
		if (requested >> i & 1)
			block->requested |= bit;
	}
	/* More than 0: not all of it came about (ETHTOOL_F_WISH); reading tells what did. */
	err = ask(access, link, &set);
	return err < 0 ? err : 0;
}
