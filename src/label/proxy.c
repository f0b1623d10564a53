/* proxy.c - five observables folded into one score, and the score into a label. */
#include <math.h>

#include "civitas/label.h"
#include "label/check.h"

static const civ_field proxy_fields[] = {
  CIV_REAL(civ_proxy_config, sigmoid_k, "2.0", 0, INFINITY, "",
           "Sharpness of the label: p = 1 / (1 + exp(-k * v_hat)). 0 makes every p 0.5; with 2 p stays within [0.119, "
           "0.881]. "
           "payoff.sigmoid_k sets the same value; giving both with different values is an error."),
  CIV_REAL(civ_proxy_config, rework_decay, "0.3", 0, 1, "",
           "How fast rework cycles n turn from good to bad evidence: 2 * decay^n - 1. Smaller is harsher."),
  CIV_REAL(civ_proxy_config, rejection_decay, "0.4", 0, 1, "", "The same for rejections by a verifier."),
  CIV_REAL(civ_proxy_config, misuse_decay, "0.5", 0, 1, "",
           "The same for flags of tool misuse, which share the verifier's weight."),
};
const civ_section civ_proxy_section = {
  .name = "proxy",
  .doc = "How raw signals become a soft label.",
  .chapter = "labels",
  .fields = proxy_fields,
  .n_fields = sizeof proxy_fields / sizeof proxy_fields[0],
  .size = sizeof(civ_proxy_config),
};

static const civ_field weight_fields[] = {
  CIV_REAL(civ_proxy_weights, task_progress, "0.4", -INFINITY, INFINITY, "", "Weight of progress on the task."),
  CIV_REAL(civ_proxy_weights, rework_penalty, "0.2", -INFINITY, INFINITY, "", "Weight of the absence of rework."),
  CIV_REAL(civ_proxy_weights, verifier_penalty, "0.2", -INFINITY, INFINITY, "",
           "Weight of the absence of verifier rejections and tool misuse."),
  CIV_REAL(civ_proxy_weights, engagement_signal, "0.2", -INFINITY, INFINITY, "",
           "Weight of the counterparty's engagement."),
};
const civ_section civ_proxy_weights_section = {
  .name = "proxy.weights",
  .doc = "Weights of the four signals; divided by the sum of their absolute values, all 0.25 if that is 0.",
  .chapter = "labels",
  .fields = weight_fields,
  .n_fields = sizeof weight_fields / sizeof weight_fields[0],
  .size = sizeof(civ_proxy_weights),
};

civ_proxy_config civ_proxy_default(void)
{
  civ_proxy_config config;
  civ_section_fill(&civ_proxy_section, &config);
  return config;
}

civ_proxy_weights civ_proxy_weights_default(void)
{
  civ_proxy_weights weights;
  civ_section_fill(&civ_proxy_weights_section, &weights);
  return weights;
}

static double clamp(double x, double low, double high)
{
  return x < low ? low : x > high ? high : x;
}

civ_proxy_weights civ_proxy_weights_normalise(civ_proxy_weights weights)
{
  double sum = fabs(weights.task_progress) + fabs(weights.rework_penalty) + fabs(weights.verifier_penalty) +
               fabs(weights.engagement_signal);
  if (sum == 0.0)
    return (civ_proxy_weights){ 0.25, 0.25, 0.25, 0.25 };
  if (isinf(sum)) { /* finite weights whose sum is not: halving exponents first loses nothing that counts */
    const double shrink = 0x1p-3;
    weights.task_progress *= shrink;
    weights.rework_penalty *= shrink;
    weights.verifier_penalty *= shrink;
    weights.engagement_signal *= shrink;
    sum = fabs(weights.task_progress) + fabs(weights.rework_penalty) + fabs(weights.verifier_penalty) +
          fabs(weights.engagement_signal);
  }
  return (civ_proxy_weights){ weights.task_progress / sum, weights.rework_penalty / sum, weights.verifier_penalty / sum,
                              weights.engagement_signal / sum };
}

/* d^n by squaring: the C library's pow may round differently from one processor to the next. */
static double power(double d, uint32_t n)
{
  double result = 1.0;
  for (; n != 0; n >>= 1, d *= d)
    if (n & 1u)
      result *= d;
  return result;
}

/* 1 without any such event, falling towards -1 with each: g(n, d) = 2 d^n - 1. */
static double count_signal(int32_t n, double decay)
{
  return n <= 0 ? 1.0 : 2.0 * power(decay, (uint32_t)n) - 1.0;
}

civ_status civ_proxy_init(const civ_proxy_config *config, const civ_proxy_weights *weights, civ_proxy *proxy,
                          civ_error *err)
{
  civ_status status = civ_section_check_reals(&civ_proxy_section, config, err);
  if (status == CIV_OK)
    status = civ_section_check_reals(&civ_proxy_weights_section, weights, err);
  if (status != CIV_OK)
    return status;
  proxy->config = *config;
  proxy->weights = civ_proxy_weights_normalise(*weights);
  for (int32_t n = 0; n < CIV_PROXY_TABLE; ++n) {
    proxy->rework[n] = count_signal(n, config->rework_decay);
    proxy->rejection[n] = count_signal(n, config->rejection_decay);
    proxy->misuse[n] = count_signal(n, config->misuse_decay);
  }
  return CIV_OK;
}

static double tabulated(const double table[CIV_PROXY_TABLE], int32_t n, double decay)
{
  return CIV_LIKELY((uint32_t)n < CIV_PROXY_TABLE) ? table[n] : count_signal(n, decay);
}

void civ_proxy_label(const civ_proxy *proxy, const civ_observables *o, double *v_hat, double *p)
{
  const civ_proxy_weights *w = &proxy->weights;
  double progress = clamp(o->task_progress_delta, -1.0, 1.0);
  double rework = tabulated(proxy->rework, o->rework_count, proxy->config.rework_decay);
  double rejection = tabulated(proxy->rejection, o->verifier_rejections, proxy->config.rejection_decay);
  double misuse = tabulated(proxy->misuse, o->tool_misuse_flags, proxy->config.misuse_decay);
  double verifier = (rejection + misuse) / 2.0;
  double engagement = clamp(o->counterparty_engagement_delta, -1.0, 1.0);
  double sum = w->task_progress * progress + w->rework_penalty * rework + w->verifier_penalty * verifier +
               w->engagement_signal * engagement;
  *v_hat = clamp(sum, -1.0, 1.0);
  *p = civ_sigmoid(*v_hat, proxy->config.sigmoid_k);
}
