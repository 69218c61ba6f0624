// SPDX-License-Identifier: GPL-2.0-or-later
/* One link's counters, summed over their stripes. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datapath/counters.h"
#include "datapath/map.h"

static size_t counts_len(const struct counters *counters)
{
	return (size_t)counters->stripes * counters->rows * sizeof(*counters->counts);
}

void counters_init(struct counters *counters)
{
	memset(counters, 0, sizeof(*counters));
	counters->fd = counters->reasons_fd = -1;
}

int counters_open(struct counters *counters, int fd, int reasons_fd, uint32_t rows)
{
	struct bpf_map_info info;
	int err;

	counters->fd = fd;
	counters->reasons_fd = reasons_fd;
	counters->rows = rows;
	counters->stripes = libbpf_num_possible_cpus() + 1;
	err = map_info(fd, &info);
	if (!err && (info.max_entries != counters->stripes * rows ||
		     info.value_size != sizeof(*counters->counts)))
		err = -ENOENT;
	if (!err) {
		counters->counts = map_memory(fd, counts_len(counters));
		if (!counters->counts)
			err = -errno;
	}
	if (err)
		counters_close(counters);
	return err;
}

void counters_close(struct counters *counters)
{
	map_unmap(counters->counts, counts_len(counters));
	if (counters->fd >= 0)
		close(counters->fd);
	if (counters->reasons_fd >= 0)
		close(counters->reasons_fd);
	counters_init(counters);
}

static struct xdpfrag_counts *record(const struct counters *counters, uint32_t stripe, uint32_t row)
{
	return &counters->counts[(size_t)stripe * counters->rows + row];
}

static void add(struct xdpfrag_counts *sum, const struct xdpfrag_counts *more)
{
	int i;

	for (i = 0; i < XDPFRAG_VERDICTS; i++)
		sum->packets[i] += __atomic_load_n(&more->packets[i], __ATOMIC_RELAXED);
}

struct xdpfrag_counts counters_row(const struct counters *counters, uint32_t row)
{
	struct xdpfrag_counts sum = {};
	uint32_t stripe;

	if (!counters->counts || row >= counters->rows)
		return sum;
	for (stripe = 0; stripe < counters->stripes; stripe++)
		add(&sum, record(counters, stripe, row));
	return sum;
}

struct xdpfrag_counts counters_total(const struct counters *counters)
{
	struct xdpfrag_counts sum = {};
	size_t i;

	if (!counters->counts)
		return sum;
	for (i = 0; i < (size_t)counters->stripes * counters->rows; i++)
		add(&sum, &counters->counts[i]);
	return sum;
}

struct xdpfrag_reasons counters_reasons(const struct counters *counters)
{
	int cpu, i, cpus = libbpf_num_possible_cpus();
	struct xdpfrag_reasons *each, sum = {};
	__u32 key = 0;

	each = counters->reasons_fd >= 0 && cpus > 0 ? calloc(cpus, sizeof(*each)) : NULL;
	if (!each)
		return sum;
	if (!bpf_map_lookup_elem(counters->reasons_fd, &key, each))
		for (cpu = 0; cpu < cpus; cpu++)
			for (i = 0; i < XDPFRAG_REASONS; i++)
				sum.packets[i] += each[cpu].packets[i];
	free(each);
	return sum;
}

void counters_retire(struct counters *counters, uint32_t row)
{
	struct xdpfrag_counts sum = counters_row(counters, row);
	uint32_t stripe;

	if (!counters->counts || row >= counters->rows || row == XDPFRAG_ROW_DELETED)
		return;
	add(record(counters, counters->stripes - 1, XDPFRAG_ROW_DELETED), &sum);
	for (stripe = 0; stripe < counters->stripes; stripe++)
		memset(record(counters, stripe, row), 0, sizeof(struct xdpfrag_counts));
}

void counters_carry(struct counters *to, const struct counters *old)
{
	uint32_t row;

	if (!to->counts || !old->counts)
		return;
	for (row = 0; row < old->rows && row < to->rows; row++) {
		struct xdpfrag_counts sum = counters_row(old, row);

		add(record(to, to->stripes - 1, row), &sum);
	}
}
