// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters in programs, and the program that calls them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "datapath/image.h"
#include "filter_rig.h"

struct filter_rig filter_rig;

static const char *const names[] = { "filter_frame", "filter_view", "find_inner" };

/* A file beside the executable. */
static void *read_beside(const char *name, size_t *len)
{
	char path[PATH_MAX];
	ssize_t end = readlink("/proc/self/exe", path, sizeof(path) - 1);
	void *bytes = NULL;
	FILE *file;

	if (end < 0)
		bench_die("/proc/self/exe", errno);
	path[end] = '\0';
	end = strrchr(path, '/') - path;
	snprintf(path + end, sizeof(path) - end, "/%s", name);
	file = fopen(path, "re");
	if (!file || fseek(file, 0, SEEK_END))
		bench_die(path, errno);
	*len = ftell(file);
	rewind(file);
	bytes = malloc(*len);
	if (!bytes || fread(bytes, 1, *len, file) != *len)
		bench_die(path, EIO);
	fclose(file);
	return bytes;
}

/* Since 6.18 a test run takes the end of the first buffer from the context. */
static bool takes_splits(const struct filter_rig *rig)
{
	struct xdp_md context = { .data_end = 20 };
	uint8_t frame[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .ctx_in = &context, .ctx_size_in = sizeof(context));

	return !bpf_prog_test_run_opts(rig->drive, &opts);
}

static void rig_open(struct filter_rig *rig)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int err;

	*rig = (struct filter_rig){};
	bench_namespace();
	rig->driver = bench_object("drive.bpf.o");
	rig->drive = bench_program(rig->driver, "drive");
	rig->programs = bpf_object__find_map_fd_by_name(rig->driver, "programs");
	rig->asked = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
			  bpf_object__find_map_fd_by_name(rig->driver, "asked"), 0);
	if (rig->programs < 0 || rig->asked == MAP_FAILED)
		bench_die("drive.bpf.o's maps", errno);
	err = bpf_xdp_attach(if_nametoindex("bench0"), rig->drive, XDP_FLAGS_DRV_MODE, NULL);
	if (err)
		bench_die("attach", err);
	rig->object = read_beside("filter.bpf.o", &rig->object_len);
	rig->splits = takes_splits(rig);
}

static void rig_close(struct filter_rig *rig)
{
	munmap(rig->asked, sysconf(_SC_PAGESIZE));
	bpf_xdp_detach(if_nametoindex("bench0"), XDP_FLAGS_DRV_MODE, NULL);
	bpf_object__close(rig->driver);
	free(rig->object);
	*rig = (struct filter_rig){};
}

int filter_rig_begin(void **state)
{
	(void)state;
	rig_open(&filter_rig);
	return 0;
}

int filter_rig_end(void **state)
{
	(void)state;
	rig_close(&filter_rig);
	return 0;
}

/* Loads one program of the object and puts it into the next slot. */
static int load(struct filter_rig *rig, const void *bytes, size_t len, const char *name)
{
	struct bpf_object *object = bpf_object__open_mem(bytes, len, NULL);
	struct bpf_program *each;
	int err, fd;

	if (!object)
		return -errno;
	bpf_object__for_each_program(each, object)
		bpf_program__set_autoload(each, !strcmp(bpf_program__name(each), name));
	err = bpf_object__load(object);
	if (!err) {
		fd = bpf_program__fd(bpf_object__find_program_by_name(object, name));
		err = bpf_map_update_elem(rig->programs, &rig->n, &fd, BPF_ANY) ? -errno : 0;
	}
	bpf_object__close(object);
	return err ? err : (int)rig->n++;
}

int filter_rig_load(struct filter_rig *rig, enum filter_program program,
		    const struct pcap_filter *filter, size_t *at)
{
	struct image image;
	int result;

	if (program == FIND_INNER)
		return load(rig, rig->object, rig->object_len, names[program]);
	result = image_make(&image, rig->object, rig->object_len, filter->insns, filter->n,
			    program == FILTER_VIEW, at);
	if (result)
		return result;
	result = load(rig, image.bytes, image.len, names[program]);
	image_free(&image);
	return result;
}

uint32_t filter_rig_run(const struct filter_rig *rig, uint32_t slot, const void *frame, size_t len,
			size_t linear)
{
	struct xdp_md context = { .data_end = linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = len);
	int err;

	if (linear) {
		opts.ctx_in = &context;
		opts.ctx_size_in = sizeof(context);
	}
	*(volatile uint64_t *)rig->asked = slot;
	err = bpf_prog_test_run_opts(rig->drive, &opts);
	if (err)
		bench_die("BPF_PROG_TEST_RUN", err);
	return opts.retval;
}
