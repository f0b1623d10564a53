/* version.h - the four numbers by which results are told apart. */
#ifndef CIVITAS_VERSION_H
#define CIVITAS_VERSION_H

#include "civitas/export.h"

CIV_BEGIN_DECLS

#define CIV_VERSION           "0.1.0"
#define CIV_RESULTS_VERSION   1 /* changes with any change of a result for equal config and seed */
#define CIV_RNG_VERSION       1 /* changes with streams, keys or how numbers are made */
#define CIV_LOG_FORMAT        1 /* changes with the form of log lines */
#define CIV_CHECKPOINT_FORMAT 2

/* Version of the library that is linked ("0.1.0"). */
CIV_API const char *civ_version(void);

CIV_END_DECLS

#endif
