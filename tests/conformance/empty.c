/* empty.c - empty tables for the adapter files that are not there yet; a real table of the same name wins at link time. */
#include "conformance.h"

#define EMPTY(name) __attribute__((weak)) const conformance_adapter name[] = { { NULL, NULL } }
EMPTY(conformance_label);
EMPTY(conformance_log);
EMPTY(conformance_policy);
EMPTY(conformance_world);
EMPTY(conformance_run);
EMPTY(conformance_scenario);
EMPTY(conformance_analysis);
