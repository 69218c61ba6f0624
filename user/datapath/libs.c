// SPDX-License-Identifier: GPL-2.0-or-later
/* What libbpf and libxdp print, listened to. */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "datapath/libs.h"

static char kernel_message[128];
static bool print_all;

/* libbpf prints the extended ACK under this heading (src/nlattr.c). */
static void listen(const char *line)
{
	static const char heading[] = "Kernel error message: ";
	const char *message = strstr(line, heading);

	if (!message)
		return;
	snprintf(kernel_message, sizeof(kernel_message), "%s", message + strlen(heading));
	kernel_message[strcspn(kernel_message, "\n")] = '\0';
}

static void heard(const char *format, va_list args)
{
	char line[512];
	va_list again;

	va_copy(again, args);
	vsnprintf(line, sizeof(line), format, args);
	listen(line);
	/* Not from the line: a verifier's log is long. */
	if (print_all)
		vfprintf(stderr, format, again);
	va_end(again);
}

static int from_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	heard(format, args);
	return 0;
}

static int from_libxdp(enum libxdp_print_level level, const char *format, va_list args)
{
	(void)level;
	heard(format, args);
	return 0;
}

void libs_quiet(bool debug)
{
	print_all = debug;
	libbpf_set_print(from_libbpf);
	libxdp_set_print(from_libxdp);
}

void libs_forget(void)
{
	kernel_message[0] = '\0';
}

const char *libs_kernel_message(void)
{
	return kernel_message;
}
