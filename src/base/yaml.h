/* yaml.h - YAML 1.2 text as a tree of nodes: libfyaml's events, our limits and refusals.
 *
 * Accepted: one document of block and flow collections, all scalar styles, comments, anchors and aliases. Refused, each
 * with its place: tags, merge keys, several documents, keys that are not text, doubled keys (both lines named), bytes that
 * are not UTF-8, control characters, aliases to themselves. Limits: depth 64, 100,000 nodes made by aliases,
 * 2,000,000 keys and values. */
#ifndef CIV_BASE_YAML_H
#define CIV_BASE_YAML_H

#include "base/node.h"

enum { CIV_YAML_DEPTH = 64, CIV_YAML_ALIAS_NODES = 100000 };

/* Told of every problem found; `key` is the dotted path ("agents[0].type"), "" where there is none. */
typedef struct civ_yaml_listener {
  void *self;
  void (*problem)(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text);
} civ_yaml_listener;

/* Reads `text` into a tree that lives in `arena`. CIV_OK with an absent document as a null node of line 0. On failure
 * the problems were told to the listener (NULL = nobody) and the first one's status is returned; out of memory is
 * CIV_E_NOMEM and told to nobody. Linear in the text, times log n for maps with n keys. */
CIV_MUST_CHECK civ_status civ_yaml_read(const char *text, size_t length, civ_arena *arena,
                                        const civ_yaml_listener *listener, civ_node *root);

/* One value as it stands on a command line, so its nodes have no places. The first problem is what `err` says, without a key;
 * out of memory is said as well. */
CIV_MUST_CHECK civ_status civ_yaml_read_value(const char *text, civ_arena *arena, civ_node *value, civ_error *err);

#endif
