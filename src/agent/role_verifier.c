/* The verifier judges what others hand in: canned outputs by their kind, real texts by what they say. */
#include <math.h>

#include "agent/minds.h"
#include "agent/policies.h"
#include "agent/roles.h"

static const double NOISE = 0.1, STRICTNESS = 0.5, LEAST_QUALITY = 0.6, REJECTED = -1;
static const double SUFFICIENT_COVERAGE = 0.5, UNKNOWN_COVERAGE = 0.5;
enum { SHORT_TEXT = 10, LONG_TEXT = 500 };

/* NaN: there is no canned text, and this role cannot judge it. */
static const double base_quality[CIV_OUTPUT_KINDS] = {
  [CIV_OUTPUT_NONE] = NAN,    [CIV_OUTPUT_HONEST] = 0.85,  [CIV_OUTPUT_STANDARD] = 0.75,    [CIV_OUTPUT_CAREFUL] = 0.80,
  [CIV_OUTPUT_FLAWED] = 0.60, [CIV_OUTPUT_MINIMAL] = 0.50, [CIV_OUTPUT_ADVERSARIAL] = 0.30,
};

static double clamp(double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

double civ_verifier_threshold(double strictness)
{
  return LEAST_QUALITY * (1 + 0.5 * clamp(strictness));
}

/* Whether one of the requirement's blank-separated words occurs in the content. */
static bool covered(civ_text content, civ_text requirement)
{
  uint32_t at = 0;
  while (at < requirement.length) {
    char word[128];
    uint32_t length = 0;
    for (; at < requirement.length && requirement.data[at] != ' '; at++)
      if (length + 1 < sizeof word) {
        word[length++] = civ_text_lower(requirement.data[at]);
      }
    at++;
    word[length] = '\0';
    if (length > 0 && civ_text_holds(content, word))
      return true;
  }
  return false;
}

civ_verification civ_verify(civ_text content, const civ_text *requirements, uint32_t n, double strictness, double noise)
{
  static const char *const unfinished[] = { "[", "]", "todo", "fixme", "placeholder" };
  const uint32_t length = civ_text_characters(content);
  uint32_t issues = length < SHORT_TEXT, met = 0;
  for (size_t k = 0; k < sizeof unfinished / sizeof *unfinished; k++)
    issues += civ_text_holds(content, unfinished[k]);
  for (uint32_t k = 0; k < n; k++)
    met += covered(content, requirements[k]);
  const double coverage = n ? (double)met / n : UNKNOWN_COVERAGE;
  issues += coverage < SUFFICIENT_COVERAGE;
  const double size = length < LONG_TEXT ? (double)length / LONG_TEXT : 1;
  const double quality = clamp(0.5 + 0.2 * size + 0.4 * coverage - 0.1 * issues + noise);
  return (civ_verification){ .quality = quality,
                             .approved = quality >= civ_verifier_threshold(strictness) && issues == 0,
                             .issues = issues };
}

typedef struct verifier_row {
  double quality;     /* of this turn's verification, until `done` */
  double quality_sum; /* of all */
  uint32_t verified, approved;
} verifier_row;

typedef struct verifier {
  civ_minds minds;
} verifier;

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_minds_create(host, "verifier role", sizeof(verifier), sizeof(verifier_row), 0, self, err);
}

/* Oldest output handed in by somebody else that it can judge. */
static bool find_output(const civ_view *view, civ_task_view *task)
{
  const civ_task_service *tasks = view->tasks;
  for (uint32_t id = tasks->next_submitted(tasks->self, 0); id != CIV_NONE;
       id = tasks->next_submitted(tasks->self, id + 1)) {
    tasks->task(tasks->self, id, task);
    if (task->last_output_by != view->self && !isnan(base_quality[task->last_output_kind % CIV_OUTPUT_KINDS]))
      return true;
  }
  return false;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  verifier *v = self;
  civ_task_view task;
  if (!find_output(view, &task))
    return CIV_PASS;
  const double quality =
      clamp(base_quality[task.last_output_kind % CIV_OUTPUT_KINDS] + civ_draw_between(draws, -NOISE, NOISE));
  verifier_row *row = civ_minds_row_of(&v->minds, view->self);
  row->quality = quality;
  *out = civ_action_make(CIV_ACTION_VERIFY_OUTPUT);
  out->target = task.task;
  out->amount = quality >= civ_verifier_threshold(STRICTNESS) ? quality : REJECTED;
  return CIV_ACT;
}

static void done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  verifier *v = self;
  verifier_row *row = civ_minds_row_of(&v->minds, a);
  if (!ok)
    return;
  row->verified++;
  row->approved += action->amount >= 0;
  row->quality_sum += row->quality;
  civ_minds_learned(&v->minds, (uint64_t)a << 32 | action->target, civ_real_bits(row->quality_sum));
}

static civ_status save(void *self, civ_bytes *out)
{
  const verifier *v = self;
  civ_bytes_put_u64(out, v->minds.digest);
  for (uint32_t slot = 0; slot < v->minds.n; slot++) {
    const verifier_row *row = civ_minds_row(&v->minds, slot);
    civ_bytes_put_real(out, row->quality_sum);
    civ_bytes_put_u32(out, row->verified);
    civ_bytes_put_u32(out, row->approved);
  }
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  verifier *v = self;
  (void)err;
  v->minds.digest = civ_bytes_u64(in);
  for (uint32_t slot = 0; slot < v->minds.n; slot++) {
    verifier_row *row = civ_minds_row(&v->minds, slot);
    row->quality_sum = civ_bytes_real(in);
    row->verified = civ_bytes_u32(in);
    row->approved = civ_bytes_u32(in);
  }
  return CIV_OK;
}

void civ_verifier_history(const void *self, civ_agent a, uint32_t *verified, double *approval_rate,
                          double *mean_quality)
{
  const verifier *v = self;
  const verifier_row *row = civ_minds_row_of(&v->minds, a);
  *verified = row->verified;
  *approval_rate = row->verified ? (double)row->approved / row->verified : 0;
  *mean_quality = row->verified ? row->quality_sum / row->verified : 0;
}

const civ_policy civ_role_verifier = { .version = CIV_PART_VERSION,
                                       .name = "verifier",
                                       .doc = "Verifies the oldest output that somebody else has handed in.",
                                       .agent_type = CIV_AGENT_TYPES,
                                       .create = create,
                                       .destroy = civ_minds_destroy,
                                       .enrol = civ_minds_enrol,
                                       .act = act,
                                       .done = done,
                                       .digest = civ_minds_digest,
                                       .save = save,
                                       .load = load };
