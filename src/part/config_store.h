/* config_store.h - how a config is kept: blocks of values beside their tables, each value with its origin.
 * Floor 5 sees civitas/config.h only; the loader (src/scenario) fills configs through this header. */
#ifndef CIV_PART_CONFIG_STORE_H
#define CIV_PART_CONFIG_STORE_H

#include "base/field.h"
#include "civitas/config.h"

/* The values of one table. */
typedef struct civ_block {
  const civ_section *table;
  void *values;        /* a struct of table->size bytes */
  civ_origin *origins; /* one per field */
  uint32_t line;       /* where the section stands in its file; 0 = nowhere */
  bool given;          /* the file or an override gave it */
} civ_block;

CIV_MUST_CHECK civ_status civ_block_init(civ_block *block, const civ_section *table, civ_arena *arena);
/* Checks and stores one field; the block is unchanged on failure. */
CIV_MUST_CHECK civ_status civ_block_set(civ_block *block, const civ_field *field, const civ_node *node,
                                        civ_origin origin, civ_arena *arena, civ_complaint *complaint);
CIV_MUST_CHECK bool civ_block_copy(civ_block *to, const civ_block *from, civ_arena *arena);

/* A type of agent that may stand in `agents`: a registered policy, or one that is known but not built. */
typedef struct civ_agent_kind {
  const char *name;
  uint8_t agent_type;        /* civ_agent_type it is recorded as */
  const civ_section *config; /* of its `config:` map; NULL = no keys */
  const civ_policy *policy;  /* NULL = not built */
} civ_agent_kind;

/* One entry of `agents` as it is written (fields: civ_agent_section). */
typedef struct civ_agent_values {
  const char *type;
  int64_t count;
  const char *id_prefix;
  int32_t role; /* civ_role; used where `roles` is empty */
  civ_text_list roles;
  civ_text_list capabilities;
  civ_opt_real initial_reputation, initial_resources;
  const char *entity;
  int32_t proof_of_personhood; /* 0 not said, 1 true, 2 false */
  int64_t puppets;
  civ_tree llm;
} civ_agent_values;

typedef struct civ_agent_block {
  civ_block self, config;
} civ_agent_block; /* config.table NULL = the kind has none */

/* What a config is made of. The arrays are copied, the tables must outlive it. */
typedef struct civ_schema {
  const civ_section *const *sections; /* the one named "" is the top level */
  uint32_t n_sections;
  const civ_section *agent; /* over civ_agent_values */
  const civ_agent_kind *kinds;
  uint32_t n_kinds;
} civ_schema;

struct civ_config {
  const civ_registry *registry;
  civ_arena arena;
  civ_block *blocks;
  uint32_t n_blocks;
  const civ_section *agent_table;
  civ_agent_kind *kinds;
  uint32_t n_kinds;
  civ_agent_entry *entries; /* what others see, made from ... */
  civ_agent_block *agents;  /* ... these */
  size_t n_agents, entries_capacity, agents_capacity;
  civ_criterion *criteria;
  size_t n_criteria, criteria_capacity;
};

/* Everything at its default, no agents. allocator NULL = malloc. */
CIV_MUST_CHECK civ_status civ_config_build(const civ_registry *registry, const civ_schema *schema,
                                           const civ_allocator *allocator, civ_config **out, civ_error *err);

/* Block of a section by name, NULL = none. */
civ_block *civ_config_block(const civ_config *config, const char *name);
/* Last part of a section's name if it stands directly below `parent` ("" = the top), else NULL. */
const char *civ_config_name_below(const char *name, const char *parent);
const civ_agent_kind *civ_config_kind(const civ_config *config, const char *name);

/* A new entry at its defaults, of no kind yet. NULL: no memory. */
civ_agent_block *civ_config_add_agent(civ_config *config, uint32_t line);
/* Gives entry k the table of its kind (its config at defaults). CIV_E_KEY for a type that is none. */
CIV_MUST_CHECK civ_status civ_config_set_kind(civ_config *config, size_t k, const civ_agent_kind *kind);
/* Makes what others see of entry k from its values; after every change of them. */
CIV_MUST_CHECK civ_status civ_config_derive_agent(civ_config *config, size_t k);
CIV_MUST_CHECK civ_status civ_config_add_criterion(civ_config *config, const char *name, double bound, uint32_t line);
/* Whether all agents would have names of their own; CIV_E_KEY with where = "agents[k].id_prefix". */
CIV_MUST_CHECK civ_status civ_config_check_names(const civ_config *config, civ_error *err);

#endif
