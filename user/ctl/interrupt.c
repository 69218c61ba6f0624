// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waiting that SIGINT and SIGTERM end (interrupt.h).
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "interrupt.h"

#define NS_PER_S 1000000000LL

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	(void)number;
	caught = caught + 1;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	/* Without SA_RESTART: a blocking receive is to end as well. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool interrupted(void)
{
	return caught;
}

int interrupts(void)
{
	return caught;
}

int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* One ppoll() with the two signals let in only while it sleeps, so that none is missed before it.
 */
static int poll_once(int fd, int64_t until)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	int64_t left = until == WAIT_FOREVER ? 0 : until - monotonic_ns();
	struct timespec timeout = { 0 };
	sigset_t block, before;
	int ready;

	if (left > 0) {
		timeout.tv_sec = left / NS_PER_S;
		timeout.tv_nsec = left % NS_PER_S;
	}
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	if (caught) {
		ready = -1;
		errno = EINTR;
	} else {
		ready = ppoll(&poll, 1, until == WAIT_FOREVER ? NULL : &timeout, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready < 0 ? -errno : ready;
}

int interrupt_wait(int fd, int64_t until)
{
	int ready;

	do
		ready = poll_once(fd, until);
	while (ready == -EINTR && !caught);
	return ready;
}
