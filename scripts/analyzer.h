/* analyzer.h - included in front of every file by scripts/lint: what the analyzers, looking at one file at a time and not at
 * the libraries, cannot know. */
#ifdef __cppcheck__
#define json_object_foreach(object, key, value) for (key = "", value = 0; key; key++)
#define json_array_foreach(array, index, value) for (index = 0, value = 0; index < 1; index++)
#else
#include "civitas/status.h"

/* civ_fail returns the code it was given. Without this every refused call would seem able to succeed. */
#define civ_fail(err, code, ...) (civ_fail(err, code, __VA_ARGS__), (code))
#endif
