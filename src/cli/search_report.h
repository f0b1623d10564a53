/* search_report.h - what a searching adversary found, for a reader. */
#ifndef CIV_CLI_SEARCH_REPORT_H
#define CIV_CLI_SEARCH_REPORT_H

#include <stdio.h>

#include "selfplay/search_files.h"

/* false: no memory. */
bool civ_report_search(FILE *out, const civ_search_findings *findings);

#endif
