/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of one NIC of this network namespace: MTU, administrative flags and
 * offloads, read and written; and which NIC it is. MTU and flags are read with
 * the links (netstate/links.h).
 *
 * A zeroed struct nic_access is closed; it is opened when first needed and holds
 * two descriptors until nic_close().
 */
#ifndef XDPFRAG_NIC_H
#define XDPFRAG_NIC_H

#include "netstate/links.h"

/* The offloads that are known here, as bits. */
enum nic_feature {
	NIC_GRO,
	NIC_LRO,
	NIC_GSO,
	NIC_TSO4,
	NIC_TSO_ECN,
	NIC_TSO_ACCECN,
	NIC_TSO_MANGLEID,
	NIC_TSO6,
	NIC_FEATURES,
};

struct nic_features {
	uint32_t changeable; /* bit n: enum nic_feature n can be turned on and off */
	uint32_t requested;  /* somebody wants it on */
	uint32_t active;     /* it is on; one on which it depends may keep it off */
};

struct nic_access {
	bool open;
	int sock;  /* for ioctl() */
	int sysfs; /* this namespace's sysfs, mounted nowhere; -1: not to be had */
	/* Number of each feature in the kernel, -1: this kernel does not have it. */
	int bits[NIC_FEATURES];
	uint32_t n_blocks; /* of 32 bits, in which the kernel keeps them; 0: not asked yet */
};

int nic_open(struct nic_access *access); /* 0 or negative errno; nothing when it is open */
void nic_close(struct nic_access *access);

/*
 * A number that this NIC has for as long as it lives, whatever it is called, and
 * that no other has after it: never 0. -ENODEV: the link of the dump is not the
 * one that has its name now.
 */
int nic_identify(const struct nic_access *access, const struct link *link, uint64_t *id);
/*
 * Could nic_identify() give this number now? Where this namespace's sysfs cannot be
 * had, identities are made of ifindex and address instead, and the two do not mix.
 */
bool nic_same_kind(const struct nic_access *access, uint64_t id);

/* All return 0 or negative errno; -ENODEV as above. */
int nic_get_features(struct nic_access *access, const struct link *link,
		     struct nic_features *features);
/* Asks for the bits of `mask` as they are in `requested`. What became of it is to be read. */
int nic_set_features(struct nic_access *access, const struct link *link, uint32_t mask,
		     uint32_t requested);

/* The kernel's own words for a refusal; "" when it had none. */
#define NIC_REASON 96
int nic_set_mtu(const struct link *link, uint32_t mtu, char reason[NIC_REASON]);
/* IFF_PROMISC or IFF_ALLMULTI, as `ip link set` sets it. */
int nic_set_flag(const struct link *link, uint32_t flag, bool on, char reason[NIC_REASON]);

#endif
