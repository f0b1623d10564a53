/* security_naive.h - the analysis of security as it is defined, from the whole list of interactions, with loops within loops. */
#ifndef CIV_TESTS_SECURITY_NAIVE_H
#define CIV_TESTS_SECURITY_NAIVE_H

#include "metric/security.h"

enum { NAIVE_AGENTS = 12, NAIVE_MOST = 400, NAIVE_PATHS = NAIVE_AGENTS * NAIVE_AGENTS };

typedef struct naive_path {
  uint32_t source, destination, n_between;
  uint32_t between[NAIVE_AGENTS];
  double gain;
} naive_path;

typedef struct naive_pattern {
  uint32_t manipulator;
  bool victim[NAIVE_AGENTS];
  double rate, influence;
  int technique;
} naive_pattern;

typedef struct naive_report {
  double scores[NAIVE_AGENTS], level;
  uint32_t injections, exfiltrations, n_patterns, n_paths, n_chains, flagged, depth;
  naive_pattern patterns[NAIVE_AGENTS];
  naive_path paths[NAIVE_PATHS];
  civ_chain chains[NAIVE_MOST];
} naive_report;

void naive_analyse(const civ_security_rules *rules, uint32_t agents, uint32_t listed, const civ_interaction *records,
                   const double *seconds, uint32_t n, const double *trust, naive_report *out);

#endif
