// SPDX-License-Identifier: GPL-2.0-or-later
/* Doctor's report as JSON (protocol.h). */
#include <stdlib.h>
#include <string.h>

#include "agent/sessions/doctor.h"
#include "agent/show_name.h"

/* Names of NICs and programs are any bytes to the kernel, and JSON is UTF-8. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy, *p;

	if (json)
		return json;
	copy = strdup(text);
	for (p = copy; p && *p; p++)
		if (*p & 0x80)
			*p = '?';
	json = copy ? json_string(copy) : NULL;
	free(copy);
	return json;
}

static json_t *finding_json(const struct finding *finding)
{
	json_t *said = json_array(), *remedies = json_array();
	size_t i;

	for (i = 0; i < finding->n_evidence; i++)
		json_array_append_new(said, text_json(finding->evidence[i]));
	for (i = 0; i < finding->n_remedies; i++)
		json_array_append_new(remedies, text_json(finding->remedy[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", finding->id, "severity",
			 severity_name(finding->severity), "title", text_json(finding->title),
			 "evidence", said, "remedy", remedies);
}

static json_t *reassembly_json(const struct facts *facts)
{
	static const char *const answers[] = {
		[ANSWER_UNKNOWN] = "unknown", [ANSWER_NO] = "no", [ANSWER_YES] = "yes"
	};
	const struct fact_counters *counters = &facts->counters;
	json_t *by = json_array();
	size_t i;

	for (i = 0; i < facts->defrag.n_by; i++)
		json_array_append_new(by, text_json(facts->defrag.by[i]));
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "before_routing",
			 answers[facts->defrag.before_routing], "asked_by", by, "requests",
			 (json_int_t)counters->reasm_reqds, "oks", (json_int_t)counters->reasm_oks,
			 "fails", (json_int_t)counters->reasm_fails, "timeouts",
			 (json_int_t)counters->reasm_timeout, "overlaps",
			 (json_int_t)counters->reasm_overlaps, "waiting",
			 (json_int_t)facts->queues.after, "memory_peak",
			 (json_int_t)facts->queues.memory_peak, "memory_limit",
			 (json_int_t)facts->sysctls.ipfrag_high_thresh);
}

static json_t *watched_json(const struct facts *facts)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < facts->n_links; i++)
		if (facts->links[i].watched)
			json_array_append_new(array, show_name(facts->links[i].name));
	return array;
}

static json_t *segments_json(const struct facts *facts)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < facts->n_segments; i++) {
		const struct segment_pair *pair = &facts->segments[i];

		json_array_append_new(array,
				      json_pack("[o, o]", show_name(facts_name(facts, pair->from)),
						show_name(facts_name(facts, pair->to))));
	}
	return array;
}

json_t *doctor_json(const struct facts *facts, const struct findings *findings,
		    const struct doctor_sums *sums)
{
	json_t *object = json_object(), *array = json_array(), *notes = json_array();
	size_t i;

	for (i = 0; i < findings->n; i++)
		json_array_append_new(array, finding_json(&findings->finding[i]));
	for (i = 0; i < facts->n_notes; i++)
		json_array_append_new(notes, text_json(facts->notes[i]));
	json_object_set_new(object, "findings", array);
	json_object_set_new(object, "left_out", json_integer(findings->left_out));
	json_object_set_new(object, "sampled", json_real(facts->seconds));
	json_object_set_new(object, "watched", watched_json(facts));
	json_object_set_new(object, "fragments", json_integer(sums->fragments));
	json_object_set_new(object, "on_two_nics", json_integer(sums->twins));
	json_object_set_new(object, "reassembly", reassembly_json(facts));
	json_object_set_new(object, "probed", json_boolean(facts->probed));
	json_object_set_new(object, "segments", segments_json(facts));
	json_object_set_new(object, "notes", notes);
	return object;
}
