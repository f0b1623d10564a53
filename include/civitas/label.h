/* label.h - soft labels: five observables -> proxy score v_hat in [-1, 1] -> p = P(v = +1) in [0, 1].
 * Pure functions; no memory, no clock, no files. */
#ifndef CIVITAS_LABEL_H
#define CIVITAS_LABEL_H

#include "civitas/draws.h"
#include "civitas/field.h"

CIV_BEGIN_DECLS

/* What type an agent is recorded as; selects its observable profile. Order is the order of every per-type report. */
typedef enum civ_agent_type {
  CIV_HONEST,
  CIV_OPPORTUNISTIC,
  CIV_DECEPTIVE,
  CIV_ADVERSARIAL,
  CIV_AGENT_TYPES
} civ_agent_type;

/* "honest", ...; NULL-terminated, indexed by civ_agent_type. */
CIV_API extern const char *const civ_agent_type_names[CIV_AGENT_TYPES + 1];

/* Raw signals of one interaction. Counts are >= 0; deltas are finite. */
typedef struct civ_observables {
  double task_progress_delta;
  double counterparty_engagement_delta;
  int32_t rework_count;
  int32_t verifier_rejections;
  int32_t tool_misuse_flags;
} civ_observables;

/* --- sigmoid utilities ------------------------------------------------------------------------------------------- */

/* e^x by our own arithmetic (+ - * / only, so every build gives the same bits); within 1 ulp of the true value;
 * 0 below -745.2, infinity above 709.79, NaN for NaN. */
CIV_API double civ_exp(double x);

/* 1 / (1 + exp(-k * clamp(v, -10, 10))). k = 0 gives 0.5; k < 0 mirrors the curve. Never fails. */
CIV_API double civ_sigmoid(double v, double k);

/* k * s * (1 - s) with s = civ_sigmoid(v, k). */
CIV_API double civ_sigmoid_derivative(double v, double k);

/* -ln((1 - p) / p) / k. CIV_E_RANGE for p outside (0, 1) or k = 0. */
CIV_API CIV_MUST_CHECK civ_status civ_sigmoid_inverse(double p, double k, double *v, civ_error *err);

/* (sigmoid(-1), sigmoid(1)): the range of p for a valid v_hat. */
CIV_API void civ_sigmoid_bounds(double k, double *p_min, double *p_max);

/* The v_hat interval where |p - 0.5| < t: (inverse(0.5 - t), inverse(0.5 + t)). CIV_E_RANGE for t < 0, t >= 0.5, k = 0. */
CIV_API CIV_MUST_CHECK civ_status civ_uncertainty_band(double k, double t, double *v_min, double *v_max,
                                                       civ_error *err);

/* --- proxy ------------------------------------------------------------------------------------------------------- */

typedef struct civ_proxy_weights {
  double task_progress, rework_penalty, verifier_penalty, engagement_signal;
} civ_proxy_weights;

/* Section `proxy` without its subsection `proxy.weights` (fields: civ_proxy_section, civ_proxy_weights_section). */
typedef struct civ_proxy_config {
  double sigmoid_k, rework_decay, rejection_decay, misuse_decay;
} civ_proxy_config;

CIV_API extern const civ_section civ_proxy_section;
CIV_API extern const civ_section civ_proxy_weights_section;

/* The defaults of both sections, for programs without a config. */
CIV_API civ_proxy_config civ_proxy_default(void);
CIV_API civ_proxy_weights civ_proxy_weights_default(void);

enum { CIV_PROXY_TABLE = 16 };

/* A proxy ready to use: weights normalised, count signals g(n, d) tabulated for n < CIV_PROXY_TABLE. */
typedef struct civ_proxy {
  civ_proxy_weights weights;
  civ_proxy_config config;
  double rework[CIV_PROXY_TABLE], rejection[CIV_PROXY_TABLE], misuse[CIV_PROXY_TABLE];
} civ_proxy;

/* Divides each weight by the sum of absolute values (signs survive); all 0.25 if that sum is 0. */
CIV_API civ_proxy_weights civ_proxy_weights_normalise(civ_proxy_weights weights);

/* Prepares a proxy. CIV_E_RANGE names the key ("proxy.rework_decay") of a value outside its range. */
CIV_API CIV_MUST_CHECK civ_status civ_proxy_init(const civ_proxy_config *config, const civ_proxy_weights *weights,
                                                 civ_proxy *proxy, civ_error *err);

/* v_hat and p of one set of observables (counts >= 0). Sum in the order progress, rework, verifier, engagement. O(1). */
CIV_API void civ_proxy_label(const civ_proxy *proxy, const civ_observables *o, double *v_hat, double *p);

/* --- observable profiles ----------------------------------------------------------------------------------------- */

/* Draws the five raw signals of a profile, unscaled. Each signal has a fixed place in the next four numbers of `draws` (one
 * block of a fresh stream), used or not, so that profiles do not shift each other's numbers. */
CIV_API civ_observables civ_profile_draw(civ_agent_type type, civ_draws *draws);

/* Scales progress and engagement by 0.75 + 0.25 * clamp(reputation, -1, 1); a refused interaction's engagement is at
 * most 0. */
CIV_API civ_observables civ_observables_settle(civ_observables base, double reputation, bool accepted);

CIV_END_DECLS

#endif
