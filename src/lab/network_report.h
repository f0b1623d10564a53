/* network_report.h - the network of a logged run: its first edges drawn again from the configuration and seed that the log
 * carries, then every interaction and every epoch followed. */
#ifndef CIV_LAB_NETWORK_REPORT_H
#define CIV_LAB_NETWORK_REPORT_H

#include "civitas/config.h"
#include "civitas/sink.h"
#include "world/network_report.h"

/* An epoch's end. */
typedef struct civ_network_epoch {
  uint32_t epoch;
  uint64_t n_edges, pruned, disconnected;
  civ_weights weights;
} civ_network_epoch;

typedef struct civ_network_story {
  civ_network *net; /* as it is now: at first, and after so much of the log as was followed */
  civ_network_totals totals;
  char **names; /* of the agents, in order; one block */
  const char **types;
  uint32_t n_agents;
  civ_network_epoch *epochs;
  size_t n_epochs, room_epochs;
  /* its own */
  const civ_config *config;
  double *reputation;
  uint64_t version;
  uint32_t changed_in; /* epoch of the last change of the topology */
  uint32_t edges_column;
} civ_network_story;

/* Before the first step. The config must outlive the story and has the seed of the run. CIV_E_STATE for a run without a
 * network; what generating can fail with. */
CIV_MUST_CHECK civ_status civ_network_story_begin(const civ_config *config, civ_network_story *out, civ_error *err);
void civ_network_story_free(civ_network_story *s);
/* To attach to a replay, with the story as self. CIV_E_DIVERGED where the log counts other edges than following it gives. */
extern const civ_sink civ_network_story_sink;

/* Metrics as the run reported them last. O(agents + edges), path lengths as configured. */
CIV_MUST_CHECK civ_status civ_network_story_measure(const civ_network_story *s, civ_network_metrics *out,
                                                    civ_error *err);

/* {"network": {...} as in the run's own reports, "network_epochs": [...]}; malloc memory. */
CIV_MUST_CHECK civ_status civ_network_story_json(const civ_network_story *s, char **text, size_t *length,
                                                 civ_error *err);

/* The strongest edges, strongest first (of a complete graph those that were used): at most `most` into out; how many. */
typedef struct civ_tie {
  civ_agent a, b;
  double weight;
} civ_tie;
uint32_t civ_network_strongest(const civ_network *net, civ_tie *out, uint32_t most);

/* GraphML, or DOT, with names and types of the agents and weights of the edges. CIV_E_IO, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_network_story_write(const civ_network_story *s, const char *path, bool dot,
                                                  civ_error *err);

#endif
