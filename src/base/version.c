#include "civitas/version.h"

#include <stdlib.h>

#include "civitas/allocator.h"

const char *civ_version(void)
{
  return CIV_VERSION;
}

void civ_free(void *block)
{
  free(block);
}
