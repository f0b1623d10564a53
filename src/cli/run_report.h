/* run_report.h - a run, or many, as people read them. */
#ifndef CIV_CLI_RUN_REPORT_H
#define CIV_CLI_RUN_REPORT_H

#include <stdio.h>

#include "civitas/experiment.h"

/* What is about to run: scenario, seed(s), size, who takes part. n_seeds = 1: one run. */
void civ_report_head(FILE *out, const civ_config *config, uint64_t first_seed, uint64_t n_seeds);
/* Epochs, agents, totals, criteria. false: no memory. */
bool civ_report_run(FILE *out, const civ_run_record *record);
/* Mean, spread and quantiles of the totals people look at first, then the criteria over all runs. */
bool civ_report_experiment(FILE *out, const civ_experiment *experiment);

#endif
