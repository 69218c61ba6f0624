// SPDX-License-Identifier: GPL-2.0-or-later
/* The program `drops` and its ring (fates.h). */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "datapath/fates.h"
#include "drops.skel.h"

/* A ring holds no more records than this (8 bytes: BPF_RINGBUF_HDR_SZ). */
#define RING_RECORDS (XDPFRAG_FATES_SIZE / (sizeof(struct xdpfrag_fate) + 8))

struct fates {
	struct drops_bpf *programs;
	struct ring_buffer *ring;
	fate_fn fn;
	void *arg;
	size_t n; /* records of the call that is under way */
};

static int on_record(void *arg, void *data, size_t len)
{
	struct fates *fates = arg;

	if (len < sizeof(struct xdpfrag_fate))
		return -EBADMSG;
	fates->fn(data, fates->arg);
	/* The kernel may write as fast as this reads: libbpf alone would never end. */
	return ++fates->n < RING_RECORDS ? 0 : -EAGAIN;
}

static int set_constants(struct drops_bpf *programs, const struct fates_wanted *wanted)
{
	struct drops_bpf__rodata *constants = programs->rodata;
	struct stat st;

	if (stat("/proc/self/ns/net", &st))
		return -errno;
	constants->netns = st.st_ino;
	constants->wanted_family = wanted->family;
	memcpy((void *)constants->wanted, wanted->group, sizeof(wanted->group));
	memcpy((void *)constants->wanted_mask, wanted->mask, sizeof(wanted->mask));
	return 0;
}

/*
 * What is delivered: put into a socket's buffer, where the kernel says so (6.3 and later), and
 * handed to a program. Before, UDP frees a datagram as soon as it is read, and by the reader;
 * with 6.18 that comes later, and by anybody.
 */
static void choose_programs(struct drops_bpf *programs)
{
	bool says_queued = libbpf_find_vmlinux_btf_id("sk_data_ready", BPF_TRACE_RAW_TP) > 0;

	bpf_program__set_autoload(programs->progs.xdpfrag_queued, says_queued);
	bpf_program__set_autoload(programs->progs.xdpfrag_copied, says_queued);
	bpf_program__set_autoload(programs->progs.xdpfrag_consumed, !says_queued);
}

static int load(struct fates *fates, const struct fates_wanted *wanted)
{
	int err;

	fates->programs = drops_bpf__open();
	if (!fates->programs)
		return -errno;
	choose_programs(fates->programs);
	err = set_constants(fates->programs, wanted);
	if (!err)
		err = drops_bpf__load(fates->programs);
	if (err)
		return err;
	/* Before anything is written. */
	fates->ring =
		ring_buffer__new(bpf_map__fd(fates->programs->maps.fates), on_record, fates, NULL);
	if (!fates->ring)
		return -errno;
	return drops_bpf__attach(fates->programs);
}

int fates_open(struct fates **out, const struct fates_wanted *wanted, fate_fn fn, void *arg)
{
	struct fates *fates = calloc(1, sizeof(*fates));
	int err;

	if (!fates)
		return -ENOMEM;
	fates->fn = fn;
	fates->arg = arg;
	err = load(fates, wanted);
	if (err) {
		fates_close(fates);
		return err;
	}
	*out = fates;
	return 0;
}

int fates_fd(const struct fates *fates)
{
	return ring_buffer__epoll_fd(fates->ring);
}

int fates_read(struct fates *fates)
{
	int err;

	fates->n = 0;
	err = ring_buffer__consume(fates->ring);
	return err < 0 && err != -EAGAIN ? err : 0;
}

uint64_t fates_lost(const struct fates *fates)
{
	return __atomic_load_n(&fates->programs->bss->lost, __ATOMIC_RELAXED);
}

void fates_close(struct fates *fates)
{
	if (!fates)
		return;
	ring_buffer__free(fates->ring);
	drops_bpf__destroy(fates->programs);
	free(fates);
}
