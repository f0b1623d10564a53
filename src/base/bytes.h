/* bytes.h - state as bytes; the public header is the whole room's. */
#ifndef CIV_BASE_BYTES_H
#define CIV_BASE_BYTES_H

#include "civitas/bytes.h"

#endif
