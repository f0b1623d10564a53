/* node.h - a value as somebody wrote it, with its place: what YAML text becomes before any table looks at it. */
#ifndef CIV_BASE_NODE_H
#define CIV_BASE_NODE_H

#include "base/arena.h"
#include "base/buffer.h"

typedef enum civ_node_kind {
  CIV_NODE_NULL,
  CIV_NODE_BOOLEAN,
  CIV_NODE_INTEGER, /* fits int64_t */
  CIV_NODE_REAL,    /* also .inf, .nan and integers that do not fit */
  CIV_NODE_TEXT,
  CIV_NODE_LIST,
  CIV_NODE_MAP
} civ_node_kind;

typedef struct civ_key {
  const char *text;
  uint32_t length, line, column;
} civ_key;

typedef struct civ_node {
  uint8_t kind;          /* civ_node_kind */
  uint32_t line, column; /* 1-based; 0 = not from a file */
  uint32_t n;            /* items of a list or map */
  uint32_t length;
  const char *text; /* of scalars, as written, terminated */
  union {
    bool boolean;
    int64_t integer;
    double real;
    struct {
      struct civ_node *items;
      civ_key *keys; /* of a map, beside items */
    };
  };
} civ_node;

/* Types a scalar by the YAML 1.2 core schema (quoted = not plain: always text). Integers have no leading zeros.
 * `text` is borrowed and must be terminated. */
civ_node civ_node_scalar(const char *text, size_t length, bool plain);

/* Member of a map, NULL = none. */
const civ_node *civ_node_member(const civ_node *map, const char *key);

/* "'yes'", "a list", "2.5", "null": how messages call a value; cut to fit. */
void civ_node_describe(const civ_node *node, char *out, size_t size);

/* Canonical JSON (ASCII; separators ", " and ": "); non-finite numbers are null. */
void civ_node_json(civ_buffer *out, const civ_node *node);

/* A text as YAML scalar: plain where that reads back as the same text, else in double quotes. */
void civ_yaml_text(civ_buffer *out, const char *text, size_t length);
/* JSON text (as civ_node_json makes) as YAML flow text. */
void civ_yaml_from_json(civ_buffer *out, const char *json);

#endif
