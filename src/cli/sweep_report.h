/* sweep_report.h - what a sweep found, as people read it. */
#ifndef CIV_CLI_SWEEP_REPORT_H
#define CIV_CLI_SWEEP_REPORT_H

#include <stdio.h>

#include "lab/sweep_summary.h"

/* What is about to run: scenario, what varies, runs, seeds. false: no memory. */
bool civ_sweep_report_head(FILE *out, const civ_sweep_plan *plan);
/* One line per configuration with means and half-widths, then the differences from the baseline that are sure, then indices. */
bool civ_sweep_report(FILE *out, const civ_sweep_summary *summary);
/* The same as Markdown. */
bool civ_sweep_markdown(civ_buffer *out, const civ_sweep_summary *summary);

#endif
