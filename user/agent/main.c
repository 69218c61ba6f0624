// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdpfragd: start, main loop, end. Everything that happens while it runs is a
 * request, a link event, a signal or the timer, and each ends in a reconcile.
 */
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/change.h"
#include "agent/control.h"
#include "agent/found.h"
#include "agent/locks.h"
#include "agent/log.h"
#include "agent/reconcile.h"
#include "agent/runtime.h"
#include "agent/sessions/doctor.h"
#include "agent/sessions/trace.h"
#include "agent/show/metrics.h"
#include "datapath/bpffs.h"
#include "datapath/fds.h"
#include "datapath/libs.h"
#include "netstate/monitor.h"
#include "protocol/protocol.h"

#define SETTLE_MS	  20 /* link events come in flocks */
#define RECONCILE_SECONDS 10 /* without any event */

struct daemon {
	struct agent agent;
	struct nl_sock *monitor;
	struct control *control;
	struct evhttp *metrics;
	struct event *link_event, *timer;
	struct event *terminate, *interrupt, *reload;
	struct locks locks;
	bool bad_config; /* the reason why it did not start */
};

static void usage(FILE *to)
{
	fputs("Usage: xdpfragd [-f CONFIG] [-s SOCKET] [-r RUN_DIR] [-p PIN_DIR] "
	      "[--metrics ADDR:PORT] [-d]\n"
	      "  -f CONFIG   statements to start from (/etc/xdpfrag.conf)\n"
	      "  -s SOCKET   control socket (" PROTOCOL_SOCKET ")\n"
	      "  -r RUN_DIR  where runtime changes are kept (/run/xdpfrag)\n"
	      "  -p PIN_DIR  where programs and maps are pinned (" BPFFS_MOUNT "/xdpfrag)\n"
	      "  --metrics ADDR:PORT  serve the counters over HTTP, GET /metrics\n"
	      "  -d          what libbpf and libxdp have to say, on stderr\n"
	      "  -V          version\n",
	      to);
}

/* Returns -1 to go on, or the exit status. */
static int read_options(struct agent_options *options, int argc, char **argv)
{
	static const struct option longs[] = { { "metrics", required_argument, NULL, 'm' },
					       { "help", no_argument, NULL, 'h' },
					       { "version", no_argument, NULL, 'V' },
					       {} };
	int c;

	*options = (struct agent_options){ .config = "/etc/xdpfrag.conf",
					   .socket = PROTOCOL_SOCKET,
					   .run_dir = "/run/xdpfrag",
					   .pin_dir = BPFFS_MOUNT "/xdpfrag" };
	while ((c = getopt_long(argc, argv, "f:s:r:p:dhV", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			options->config = optarg;
			break;
		case 's':
			options->socket = optarg;
			break;
		case 'r':
			options->run_dir = optarg;
			break;
		case 'p':
			options->pin_dir = optarg;
			break;
		case 'm':
			options->metrics = optarg;
			break;
		case 'd':
			options->debug = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'V':
			puts("xdpfragd " VERSION);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "xdpfragd: unexpected word \"%s\"\n", argv[optind]);
		usage(stderr);
		return 2;
	}
	return -1;
}

static int make_run_dir(const char *path)
{
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static void on_settled(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	reconcile(&((struct daemon *)arg)->agent, NULL, NULL);
}

static void on_link_event(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	monitor_drain(daemon->monitor);
	reconcile_soon(&daemon->agent, SETTLE_MS);
}

static void on_end(evutil_socket_t signal, short what, void *arg)
{
	(void)signal;
	(void)what;
	event_base_loopbreak(((struct daemon *)arg)->agent.base);
}

static void on_reload(evutil_socket_t signal, short what, void *arg)
{
	struct daemon *daemon = arg;
	struct report rep = {};

	(void)signal;
	(void)what;
	sd_notify(0, "RELOADING=1");
	if (change_reload(&daemon->agent, &rep))
		log_warning("%s:%u: %s; the state stays as it was", daemon->agent.options.config,
			    rep.line, rep.message);
	else
		log_notice("%s: in force", daemon->agent.options.config);
	sd_notify(0, "READY=1");
}

static int add_events(struct daemon *daemon)
{
	static const struct timeval every = { .tv_sec = RECONCILE_SECONDS };
	struct event_base *base = daemon->agent.base;

	daemon->agent.settle = evtimer_new(base, on_settled, daemon);
	daemon->timer = event_new(base, -1, EV_PERSIST, on_settled, daemon);
	daemon->link_event = event_new(base, monitor_fd(daemon->monitor), EV_READ | EV_PERSIST,
				       on_link_event, daemon);
	daemon->terminate = evsignal_new(base, SIGTERM, on_end, daemon);
	daemon->interrupt = evsignal_new(base, SIGINT, on_end, daemon);
	daemon->reload = evsignal_new(base, SIGHUP, on_reload, daemon);
	if (!daemon->agent.settle || !daemon->timer || !daemon->link_event || !daemon->terminate ||
	    !daemon->interrupt || !daemon->reload)
		return -ENOMEM;
	if (event_add(daemon->link_event, NULL) || event_add(daemon->timer, &every) ||
	    event_add(daemon->terminate, NULL) || event_add(daemon->interrupt, NULL) ||
	    event_add(daemon->reload, NULL))
		return -ENOMEM;
	return 0;
}

static int fail(const char *what, const char *object, int err)
{
	log_warning("%s%s: %s%s", what, object, strerror(-err),
		    err == -EPERM || err == -EACCES ? "; it needs root's rights" : "");
	return err;
}

static int refuse(const char *what, const char *object, int err)
{
	log_warning("%s%s", what, object);
	return err;
}

static const int link_groups[] = { RTNLGRP_LINK, 0 };

/* Everything that must be there before the first reconcile. */
static int prepare(struct daemon *daemon)
{
	struct agent *agent = &daemon->agent;
	const char *folder;
	int err;

	err = locks_take_namespace(&daemon->locks);
	if (err == -EWOULDBLOCK)
		return refuse("another xdpfragd runs in this network namespace", "", err);
	if (err)
		return fail("cannot lock the network namespace", "", err);
	err = make_run_dir(agent->options.run_dir);
	if (err)
		return fail("cannot make ", agent->options.run_dir, err);
	if (!bpffs_dir_is_ours(agent->options.pin_dir))
		return refuse("the pin folder must be the agent's own, not ",
			      agent->options.pin_dir, -EINVAL);
	err = bpffs_prepare(agent->options.pin_dir);
	if (err)
		return fail("cannot use the BPF file system at ", agent->options.pin_dir, err);
	err = locks_take_folders(&daemon->locks, agent->options.run_dir, agent->options.pin_dir,
				 &folder);
	if (err == -EWOULDBLOCK)
		return refuse("another xdpfragd uses ", folder, err);
	if (err)
		return fail("cannot lock ", folder, err);
	agent->base = event_base_new();
	if (!agent->base)
		return -ENOMEM;
	err = found_open(&agent->found, agent->options.run_dir);
	if (err)
		return err;
	err = monitor_open(&daemon->monitor, link_groups);
	if (err)
		return fail("cannot listen to link events", "", err);
	err = add_events(daemon);
	if (!err)
		err = learn_start(agent);
	if (!err)
		err = routes_start(agent);
	return err;
}

static int load(struct daemon *daemon)
{
	struct agent *agent = &daemon->agent;
	struct report rep = {};
	int err = runtime_load(&agent->options, &agent->config, &agent->from_runtime, &rep);

	if (err) {
		if (rep.line)
			log_warning("%s:%u: %s", agent->options.config, rep.line, rep.message);
		else
			log_warning("%s", rep.message);
		daemon->bad_config = true;
	}
	return err;
}

static int start(struct daemon *daemon)
{
	struct agent *agent = &daemon->agent;
	int err;

	err = load(daemon);
	if (err)
		return err;
	/* Before anything is attached: where this fails, everything stays as it was found. */
	err = control_open(&daemon->control, agent);
	if (err)
		return fail("cannot listen on ", agent->options.socket, err);
	if (agent->options.metrics) {
		err = metrics_open(&daemon->metrics, agent);
		if (err)
			return fail("cannot serve metrics on ", agent->options.metrics, err);
	}
	err = adopt(agent);
	if (err)
		return fail("cannot look for an earlier agent's programs", "", err);
	err = reconcile(agent, NULL, NULL);
	if (err)
		return err;
	log_notice("%zu groups from %s", agent->config.n_groups,
		   agent->from_runtime ? "the run folder" : agent->options.config);
	sd_notify(0, "READY=1");
	return 0;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void end(struct daemon *daemon)
{
	metrics_close(daemon->metrics);
	control_close(daemon->control);
	learn_end(&daemon->agent);
	settings_end(&daemon->agent);
	routes_end(&daemon->agent);
	free_event(daemon->agent.settle);
	free_event(daemon->timer);
	free_event(daemon->link_event);
	free_event(daemon->terminate);
	free_event(daemon->interrupt);
	free_event(daemon->reload);
	monitor_close(daemon->monitor);
	if (daemon->agent.base)
		event_base_free(daemon->agent.base);
	config_free(&daemon->agent.config);
	found_close(daemon->agent.found);
	locks_release(&daemon->locks);
}

/*
 * At their bounds, 128 clients, 256 sockets of reassembly and three maps for each of 64 links, and
 * for a moment all that libbpf and libxdp open: the limit at start may be lower. Not above FDS_MAX,
 * where fds_close_new() would not find what libxdp leaves open.
 */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < FDS_MAX ? limit.rlim_max : FDS_MAX;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	static struct daemon daemon = { .locks = LOCKS_INIT };
	struct timespec now;
	int status = read_options(&daemon.agent.options, argc, argv);
	int err;

	if (status >= 0)
		return status;
	raise_file_limit();
	setvbuf(stderr, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	libs_quiet(daemon.agent.options.debug);
	clock_gettime(CLOCK_MONOTONIC, &now);
	daemon.agent.started = now.tv_sec;
	config_init(&daemon.agent.config);
	daemon.agent.policy = &daemon.agent.config;
	err = prepare(&daemon);
	if (!err)
		err = start(&daemon);
	if (!err)
		err = event_base_dispatch(daemon.agent.base) < 0 ? -EIO : 0;
	capture_end(&daemon.agent);
	doctor_end(&daemon.agent);
	trace_end_all(&daemon.agent);
	if (!err) {
		sd_notify(0, "STOPPING=1");
		withdraw(&daemon.agent);
	} else {
		/* What an earlier agent put in force stays; an empty folder was made here. */
		bpffs_remove_empty(daemon.agent.options.pin_dir);
	}
	end(&daemon);
	if (daemon.bad_config)
		return EX_CONFIG;
	return err ? 1 : 0;
}
