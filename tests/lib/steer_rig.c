// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads one steer program for tests and benchmarks, and feeds its maps by hand. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/steer.h"
#include "steer_rig.h"
#include "steer.skel.h" /* needs the types of include/xdpfrag */

static size_t page_round(size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (len + page - 1) / page * page;
}

static void *map_memory(struct bpf_map *map, size_t *len)
{
	void *at;

	/* The kernel rounds a value up to 8 bytes; all of ours are multiples already. */
	*len = page_round((size_t)bpf_map__value_size(map) * bpf_map__max_entries(map));
	at = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	return at == MAP_FAILED ? NULL : at;
}

static struct steer_bpf *open_sized(const struct rig_sizes *sizes)
{
	const struct plane_shape shape = { .bits4 = sizes->bits4,
					   .bits6 = sizes->bits6,
					   .rows = sizes->rows,
					   .scope_all = sizes->scope_all,
					   .capture = !!sizes->capture };

	return steer_open(&shape, sizes->link_slot, sizes->capture);
}

/* Warnings only, and not that libxdp's section is none of libbpf's. */
static int print_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level != LIBBPF_WARN || strstr(format, "skipping unrecognized data section"))
		return 0;
	return vfprintf(stderr, format, args);
}

int rig_open(struct rig *rig, const struct rig_sizes *sizes)
{
	int err, cpus = libbpf_num_possible_cpus();

	memset(rig, 0, sizeof(*rig));
	rig->socket_fd = -1;
	if (cpus < 0)
		return cpus;
	rig->cpus = cpus;
	if (sizes)
		rig->sizes = *sizes;
	if (!rig->sizes.bits4)
		rig->sizes.bits4 = TABLE_BITS_MIN;
	if (!rig->sizes.bits6)
		rig->sizes.bits6 = TABLE_BITS_MIN;
	if (!rig->sizes.rows)
		rig->sizes.rows = 64;

	libbpf_set_print(print_warning);
	rig->skel = open_sized(&rig->sizes);
	if (!rig->skel)
		return -errno;
	err = rig->sizes.hooked ? steer_hook(rig->skel, -1) : 0;
	if (!err)
		err = steer_bpf__load(rig->skel);
	if (err)
		return err;
	rig->prog = bpf_program__fd(steer_program(rig->skel));
	rig->hook_fd = bpf_map__fd(rig->skel->maps.xdpcap_hook);
	rig->events_fd = bpf_map__fd(rig->skel->maps.events);
	rig->state = &rig->skel->data_state->state;
	rig->groups4 = map_memory(rig->skel->maps.groups4, &rig->groups4_len);
	rig->groups6 = map_memory(rig->skel->maps.groups6, &rig->groups6_len);
	rig->counters = map_memory(rig->skel->maps.counters, &rig->counters_len);
	rig->sockets_fd = bpf_map__fd(rig->skel->maps.sockets);
	rig->credits_fd = bpf_map__fd(rig->skel->maps.credits);
	rig->credits = map_memory(rig->skel->maps.credits, &rig->credits_len);
	if (!rig->groups4 || !rig->groups6 || !rig->counters || !rig->credits)
		return -ENOMEM;
	return rig_commit(rig, 0, 0);
}

void rig_close(struct rig *rig)
{
	if (rig->groups4)
		munmap(rig->groups4, rig->groups4_len);
	if (rig->groups6)
		munmap(rig->groups6, rig->groups6_len);
	if (rig->counters)
		munmap(rig->counters, rig->counters_len);
	if (rig->credits)
		munmap(rig->credits, rig->credits_len);
	if (rig->socket_fd >= 0)
		close(rig->socket_fd);
	steer_bpf__destroy(rig->skel);
	policy_set_free(&rig->set);
	memset(rig, 0, sizeof(*rig));
}

struct rig_policy rig_policy(const char *group, const char *source, uint64_t allowed, uint8_t wrong,
			     uint32_t row)
{
	struct rig_policy made = { .policy = { .flags = XDPFRAG_F_POLICY,
					       .wrong = wrong,
					       .row = row,
					       .allowed = allowed } };
	const char *slash = strchr(group, '/');
	size_t len = slash ? (size_t)(slash - group) : strlen(group);
	char address[INET6_ADDRSTRLEN];

	if (len >= sizeof(address))
		return made;
	memcpy(address, group, len);
	address[len] = '\0';
	made.family = strchr(group, ':') ? AF_INET6 : AF_INET;
	made.policy.len = slash ? atoi(slash + 1) : made.family == AF_INET ? 32 : 128;
	if (inet_pton(made.family, address, made.group) != 1 ||
	    (source && inet_pton(made.family, source, made.source) != 1))
		made.family = 0;
	return made;
}

/* Room for one more element; arrays double. */
static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	void *larger;

	if (n < *room)
		return array;
	larger = realloc(array, (n ? 2 * n : 64) * size);
	if (larger)
		*room = n ? 2 * n : 64;
	return larger;
}

int rig_add(struct rig *rig, const struct rig_policy *policy)
{
	struct policy_set *set = &rig->set;
	struct xdpfrag_group4 *groups4;
	struct xdpfrag_group6 *groups6;

	switch (policy->family) {
	case AF_INET:
		groups4 = grow(set->groups4, set->n4, &rig->room4, sizeof(*groups4));
		if (!groups4)
			return -ENOMEM;
		set->groups4 = groups4;
		groups4 += set->n4++;
		memset(groups4, 0, sizeof(*groups4));
		memcpy(&groups4->group, policy->group, 4);
		memcpy(&groups4->source, policy->source, 4);
		groups4->policy = policy->policy;
		return 0;
	case AF_INET6:
		groups6 = grow(set->groups6, set->n6, &rig->room6, sizeof(*groups6));
		if (!groups6)
			return -ENOMEM;
		set->groups6 = groups6;
		groups6 += set->n6++;
		memset(groups6, 0, sizeof(*groups6));
		memcpy(groups6->group, policy->group, 16);
		memcpy(groups6->source, policy->source, 16);
		groups6->policy = policy->policy;
		return 0;
	default:
		return -EINVAL;
	}
}

void rig_clear(struct rig *rig)
{
	rig->set.n4 = 0;
	rig->set.n6 = 0;
}

int rig_commit(struct rig *rig, int half, uint64_t links)
{
	size_t slots4 = table_slots(rig->sizes.bits4), slots6 = table_slots(rig->sizes.bits6);
	struct table table;
	int err;

	rig->set.links = links;
	err = table_build(&table, &rig->set, rig->sizes.bits4, rig->sizes.bits6);
	if (err)
		return err;
	rig->state->half[half] = table.half;
	memcpy(rig->groups4 + half * slots4, table.groups4, slots4 * sizeof(*table.groups4));
	memcpy(rig->groups6 + half * slots6, table.groups6, slots6 * sizeof(*table.groups6));
	table_free(&table);
	return 0;
}

void rig_activate(struct rig *rig, int half)
{
	__atomic_store_n(&rig->state->active, half, __ATOMIC_RELEASE);
}

int rig_run(struct rig *rig, const void *frame, size_t len)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = len);
	int err = bpf_prog_test_run_opts(rig->prog, &opts);

	return err ? err : (int)opts.retval;
}

int rig_run_out(struct rig *rig, const void *frame, size_t len, void *out)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = len, .data_out = out,
		    .data_size_out = len);
	int err = bpf_prog_test_run_opts(rig->prog, &opts);

	if (err)
		return err;
	return opts.data_size_out == len ? (int)opts.retval : -EMSGSIZE;
}

uint64_t rig_count(const struct rig *rig, uint32_t row, enum xdpfrag_verdict verdict)
{
	uint64_t sum = 0;
	unsigned int cpu;

	for (cpu = 0; cpu <= rig->cpus; cpu++)
		sum += rig->counters[cpu * rig->sizes.rows + row].packets[verdict];
	return sum;
}

uint64_t rig_reason(const struct rig *rig, enum xdpfrag_reason reason)
{
	struct xdpfrag_reasons records[rig->cpus];
	uint64_t sum = 0;
	uint32_t key = 0;
	unsigned int cpu;

	if (bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.reasons), &key, records))
		return UINT64_MAX;
	for (cpu = 0; cpu < rig->cpus; cpu++)
		sum += records[cpu].packets[reason];
	return sum;
}

void rig_reset_counts(struct rig *rig)
{
	struct xdpfrag_reasons records[rig->cpus];
	uint32_t key = 0;

	memset(records, 0, sizeof(records));
	bpf_map_update_elem(bpf_map__fd(rig->skel->maps.reasons), &key, records, BPF_ANY);
	memset(rig->counters, 0, rig->counters_len);
}

int rig_socket(struct rig *rig)
{
	uint32_t key = XDPFRAG_SOCKET(rig->sizes.link_slot, 0);
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	/* An entry goes when its socket does. */
	err = bpf_map_update_elem(rig->sockets_fd, &key, &fd, BPF_ANY) < 0 ? -errno : 0;
	if (err)
		close(fd);
	else
		rig->socket_fd = fd;
	return err;
}

struct xdpfrag_credit *rig_credit(const struct rig *rig)
{
	return &rig->credits[XDPFRAG_SOCKET(rig->sizes.link_slot, 0)];
}

struct xdpfrag_credit *rig_worker(const struct rig *rig)
{
	return &rig->credits[XDPFRAG_WORKER];
}

int rig_redirect(struct rig *rig, uint32_t key, uint32_t ifindex)
{
	int fd = bpf_map__fd(rig->skel->maps.redirects), err;

	err = ifindex ? bpf_map_update_elem(fd, &key, &ifindex, BPF_ANY)
		      : bpf_map_delete_elem(fd, &key);
	return err < 0 ? -errno : 0;
}
