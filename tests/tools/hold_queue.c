// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hold_queue: binds an AF_XDP socket to a NIC's queue, as any AF_XDP program would,
 * and holds it until a signal ends it. "ready" when it has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/xsk.h>

#define FRAMES 64

int main(int argc, char **argv)
{
	struct xsk_socket_config config = {
		.rx_size = FRAMES,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_COPY,
	};
	struct xsk_ring_prod fill;
	struct xsk_ring_cons completion, receive;
	struct xsk_socket *socket;
	struct xsk_umem *umem;
	void *area;
	int err;

	if (argc != 3) {
		fputs("Usage: hold_queue NIC QUEUE\n", stderr);
		return 2;
	}
	area = mmap(NULL, FRAMES * XSK_UMEM__DEFAULT_FRAME_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		perror("hold_queue: mmap");
		return 1;
	}
	err = xsk_umem__create(&umem, area, FRAMES * XSK_UMEM__DEFAULT_FRAME_SIZE, &fill,
			       &completion, NULL);
	if (!err)
		err = xsk_socket__create(&socket, argv[1], atoi(argv[2]), umem, &receive, NULL,
					 &config);
	if (err) {
		fprintf(stderr, "hold_queue: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
