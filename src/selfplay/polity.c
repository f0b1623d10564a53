#include "selfplay/polity.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "selfplay/polity_inside.h"

const char *const civ_motion_kind_names[] = { "spend", "amendment", "disenfranchise", "role_grant", NULL };
const uint8_t civ_rule_of_kind[CIV_MOTION_KINDS] = { CIV_RULE_SPEND, CIV_RULE_AMENDMENT, CIV_RULE_DISENFRANCHISE,
                                                     CIV_RULE_ROLES };
const char *const civ_office_names[] = { "treasurer", "speaker", "registrar", NULL };
const char *const civ_choice_names[] = { "no", "yes", "abstain", NULL };
const char *const civ_act_names[] = { "propose_spend",
                                      "propose_amendment",
                                      "propose_disenfranchise",
                                      "propose_role_grant",
                                      "cast_vote",
                                      "transfer",
                                      "close_vote",
                                      "suspend",
                                      "pass",
                                      NULL };
const char *const civ_deed_names[] = { "proposal_created",
                                       "vote_cast",
                                       "transfer",
                                       "vote_closed",
                                       "vote_suspended",
                                       "action_refused",
                                       "proposal_passed",
                                       "proposal_failed",
                                       "spend_paid",
                                       "amendment_applied",
                                       "amendment_lapsed",
                                       "disenfranchised",
                                       "enfranchised",
                                       "role_granted",
                                       "role_ended",
                                       "breach_recorded",
                                       "floor_top_up",
                                       "floor_breached",
                                       NULL };

/* --- physics ---------------------------------------------------------------------------------------------------------------- */

#define T civ_polity_config
static const civ_field fields[] = {
  CIV_REAL(T, start_balance, "20", 0, 1e6, "credits", "what every citizen begins with"),
  CIV_REAL(T, base_income, "1.2", 0, 1e6, "credits", "income of a turn without public works"),
  CIV_REAL(T, founding_works, "0.8", 0, 1e6, "credits",
           "income the founding works add in the first public_turns turns"),
  CIV_REAL(T, norm_income, "2.0", 0, 1e6, "credits", "income that counts as prosperity", .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, tax, "0.25", 0, 1, "share", "share of income that goes to the treasury"),
  CIV_REAL(T, consumption, "1.5", 0, 1e6, "credits", "what a citizen consumes in a turn, as far as it has it"),
  CIV_REAL(T, public_gain, "1.5", 0, 10, "ratio", "income that a public spend yields, per credit spent"),
  CIV_INTEGER(T, public_turns, "10", 1, 1000, "turns", "how long public works pay"),
  CIV_REAL(T, shock_probability, "0.03", 0, 1, "probability", "chance of a shock, per citizen and turn"),
  CIV_REAL(T, shock_size, "5", 0, 1e6, "credits", "what a shock takes, as far as it is there"),
  CIV_INTEGER(T, actions_per_turn, "3", 0, 1000, "actions", "acts other than votes that a citizen may do in a turn"),
};
#undef T
const civ_section civ_section_polity = { .name = "polity",
                                         .doc = "Money and work in a polity: what its law does not set.",
                                         .chapter = "self-play",
                                         .fields = fields,
                                         .n_fields = sizeof fields / sizeof *fields,
                                         .size = sizeof(civ_polity_config) };

static int64_t millionths(double x)
{
  return llround(x * 1e6);
}

civ_physics civ_physics_of(const civ_polity_config *c)
{
  return (civ_physics){ .start_balance = millionths(c->start_balance),
                        .base_income = millionths(c->base_income),
                        .founding_works = millionths(c->founding_works),
                        .norm_income = millionths(c->norm_income),
                        .tax = millionths(c->tax),
                        .consumption = millionths(c->consumption),
                        .public_gain = millionths(c->public_gain),
                        .shock_size = millionths(c->shock_size),
                        .shock_probability = c->shock_probability,
                        .public_turns = (int32_t)c->public_turns,
                        .actions_per_turn = (uint32_t)c->actions_per_turn };
}

enum { BLANK_DEEDS = 64 };

/* --- founding ---------------------------------------------------------------------------------------------------------------- */

static void *grown(civ_polity *p, void *block, size_t *capacity, size_t need, size_t size)
{
  if (civ_grow(&civ_allocator_malloc, &block, capacity, need, size) != CIV_OK)
    p->failed = true;
  return block;
}

/* Forgets the last polity but keeps the memory of its lists. */
static void clear(civ_polity *p)
{
  const civ_polity kept = *p;
  memset(p, 0, sizeof *p);
  p->motions = kept.motions;
  p->motions_capacity = kept.motions_capacity;
  p->open = kept.open;
  p->open_capacity = kept.open_capacity;
  p->pending = kept.pending;
  p->pending_capacity = kept.pending_capacity;
  p->payments = kept.payments;
  p->payments_capacity = kept.payments_capacity;
  p->gifts = kept.gifts;
  p->gifts_capacity = kept.gifts_capacity;
  p->deeds = kept.deeds;
  p->deeds_capacity = kept.deeds_capacity;
  p->noticeable = kept.noticeable;
  p->noticeable_capacity = kept.noticeable_capacity;
  p->treasury_after = kept.treasury_after;
  p->treasury_capacity = kept.treasury_capacity;
  p->works = kept.works;
  p->works_capacity = kept.works_capacity;
  p->lines = kept.lines;
  p->lines_capacity = kept.lines_capacity;
}

static void settle_turns(civ_polity *p, int32_t turns)
{
  p->n_works = (uint32_t)turns + (uint32_t)p->physics.public_turns + 1;
  p->works = grown(p, p->works, &p->works_capacity, p->n_works, sizeof *p->works);
  p->treasury_after = grown(p, p->treasury_after, &p->treasury_capacity, (size_t)turns + 1, sizeof *p->treasury_after);
  p->deeds = grown(p, p->deeds, &p->deeds_capacity, 256, sizeof *p->deeds);
  p->lines = grown(p, p->lines, &p->lines_capacity, CIV_NUMBER_LINES, sizeof *p->lines);
  if (p->failed)
    return;
  memset(p->lines, 0, CIV_NUMBER_LINES * sizeof *p->lines);
  memset(p->works, 0, p->n_works * sizeof *p->works);
  for (int32_t t = 1; t <= p->physics.public_turns && t <= turns; t++)
    p->works[t] = p->physics.founding_works;
  p->treasury_after[0] = p->treasury;
}

void civ_polity_found(civ_polity *p, const civ_kernel *kernel, const civ_physics *physics, const char *const *names,
                      uint32_t n, int64_t initial_treasury, int32_t turns, uint64_t seed)
{
  clear(p);
  p->kernel = kernel;
  p->law = kernel->law;
  p->physics = *physics;
  p->seed = seed;
  p->n = n;
  p->names = names;
  p->initial_treasury = p->treasury = p->treasury_at_start = initial_treasury;
  p->founding = p->enfranchised = n == CIV_CITIZENS_MOST ? ~UINT64_C(0) : civ_citizen_bit(n) - 1;
  for (uint32_t c = 0; c < n; c++) {
    p->balance[c] = physics->start_balance;
    p->suspended_until[c] = -1;
    p->franchise_returns[c] = p->last_proposed[c] = -1;
  }
  for (int k = 0; k < CIV_PARAMS; k++)
    p->last_failed[k] = -1;
  p->last_suspension = -1;
  for (int k = 0; k < CIV_OFFICES; k++)
    p->office[k] = (civ_officer){ .holder = CIV_NO_CITIZEN, .until = -1 };
  settle_turns(p, turns);
}

void civ_polity_release(civ_polity *p)
{
  civ_drop(&civ_allocator_malloc, (void **)&p->motions, &p->motions_capacity, sizeof *p->motions);
  civ_drop(&civ_allocator_malloc, (void **)&p->open, &p->open_capacity, sizeof *p->open);
  civ_drop(&civ_allocator_malloc, (void **)&p->pending, &p->pending_capacity, sizeof *p->pending);
  civ_drop(&civ_allocator_malloc, (void **)&p->payments, &p->payments_capacity, sizeof *p->payments);
  civ_drop(&civ_allocator_malloc, (void **)&p->gifts, &p->gifts_capacity, sizeof *p->gifts);
  civ_drop(&civ_allocator_malloc, (void **)&p->deeds, &p->deeds_capacity, sizeof *p->deeds);
  civ_drop(&civ_allocator_malloc, (void **)&p->noticeable, &p->noticeable_capacity, sizeof *p->noticeable);
  civ_drop(&civ_allocator_malloc, (void **)&p->treasury_after, &p->treasury_capacity, sizeof *p->treasury_after);
  civ_drop(&civ_allocator_malloc, (void **)&p->works, &p->works_capacity, sizeof *p->works);
  civ_drop(&civ_allocator_malloc, (void **)&p->lines, &p->lines_capacity, sizeof *p->lines);
}

/* Many at a time: clearing them one by one took as long as all the rest of noting. */
static void clear_deeds(civ_polity *p)
{
  const size_t room = p->deeds_capacity - p->n_deeds, n = room < BLANK_DEEDS ? room : BLANK_DEEDS;
  memset(&p->deeds[p->n_deeds], 0, n * sizeof *p->deeds);
  p->n_blank = p->n_deeds + (uint32_t)n;
}

civ_deed *civ_polity_note(civ_polity *p, civ_deed_kind kind, uint8_t actor)
{
  if (p->n_deeds == p->deeds_capacity) {
    p->deeds = grown(p, p->deeds, &p->deeds_capacity, (size_t)p->n_deeds + 1, sizeof *p->deeds);
    if (p->failed)
      p->n_deeds = p->n_blank = 0; /* worth nothing from here on; there is room for one at least */
  }
  if (p->n_deeds >= p->n_blank)
    clear_deeds(p);
  civ_deed *deed = &p->deeds[p->n_deeds++];
  deed->turn = p->turn;
  deed->kind = (uint8_t)kind;
  deed->actor = actor;
  deed->citizen = deed->other = CIV_NO_CITIZEN;
  deed->office = CIV_NO_OFFICE;
  deed->rule = CIV_NO_RULE;
  deed->param = CIV_NO_PARAM;
  return deed;
}

void civ_polity_show(civ_polity *p)
{
  p->noticeable = grown(p, p->noticeable, &p->noticeable_capacity, (size_t)p->n_noticeable + 1, sizeof *p->noticeable);
  if (!p->failed)
    p->noticeable[p->n_noticeable++] = p->n_deeds - 1;
}

/* --- numbers ----------------------------------------------------------------------------------------------------------------- */

civ_numbers civ_polity_numbers(const civ_polity *p, uint32_t entity, civ_polity_draw purpose, uint32_t item,
                               uint32_t turn)
{
  civ_draws draws = civ_polity_draws_at(p, entity, purpose, item, turn);
  civ_numbers numbers;
  for (uint32_t k = 0; k < CIV_NUMBERS; k += 2) {
    const uint64_t bits = civ_draw_bits(&draws);
    numbers.of[k] = (uint32_t)bits;
    numbers.of[k + 1] = (uint32_t)(bits >> 32);
  }
  return numbers;
}

void civ_polity_fill(const civ_polity *p, civ_number_line *line, uint64_t what, uint64_t about)
{
  line->numbers =
      civ_polity_numbers(p, (uint32_t)what, (civ_polity_draw)(what >> 32), (uint32_t)about, (uint32_t)(about >> 32));
  line->what = what;
  line->about = about;
}

civ_citizens civ_polity_drawn(const civ_polity *p, civ_polity_draw purpose, uint32_t item, double q)
{
  const uint64_t limit = (uint64_t)(q * 0x1p32);
  civ_citizens drawn = 0;
  for (uint32_t c = 0; c < p->n; c += CIV_NUMBERS) {
    const civ_numbers numbers = civ_polity_numbers(p, c / CIV_NUMBERS, purpose, item, (uint32_t)p->turn);
    for (uint32_t k = 0; k < CIV_NUMBERS; k++)
      drawn |= (civ_citizens)(numbers.of[k] < limit) << (c + k);
  }
  return drawn; /* places beyond the last citizen mean nothing */
}

/* --- questions ---------------------------------------------------------------------------------------------------------------- */

civ_citizens civ_polity_voters(const civ_polity *p)
{
  civ_citizens voters = p->enfranchised;
  for (civ_citizens left = p->suspended & voters; left != 0; left &= left - 1) {
    const uint32_t c = (uint32_t)__builtin_ctzll(left);
    if (!civ_polity_can_vote(p, c))
      voters &= ~civ_citizen_bit(c);
  }
  return voters;
}

int32_t civ_quorum_need(int64_t fraction, uint32_t base)
{
  const int64_t need = (fraction * base + 999999) / 1000000;
  return need > 1 ? (int32_t)need : 1;
}

int32_t civ_polity_need(const civ_polity *p)
{
  const bool founding = p->law.value[CIV_PARAM_QUORUM_BASE] == 1;
  const uint32_t base = founding ? p->n : (uint32_t)civ_citizens_count(civ_polity_voters(p));
  return civ_quorum_need(p->law.value[CIV_PARAM_QUORUM_FRACTION], base);
}

civ_citizens civ_polity_all_needy(const civ_polity *p)
{
  civ_citizens needy = 0;
  for (uint32_t c = 0; c < p->n; c++)
    needy |= (civ_citizens)civ_polity_needy(p, (uint8_t)c) << c;
  return needy;
}

uint32_t civ_polity_offices(const civ_polity *p, uint32_t c)
{
  uint32_t n = 0;
  if (c < CIV_CITIZENS_MOST && (p->officers >> c & 1) == 0)
    return 0;
  for (int k = 0; k < CIV_OFFICES; k++)
    n += p->office[k].holder == c;
  return n;
}

int64_t civ_polity_works(const civ_polity *p, int32_t t)
{
  return t >= 0 && (uint32_t)t < p->n_works ? p->works[t] : 0;
}

int64_t civ_polity_shortfall(const civ_polity *p)
{
  const int64_t floor_amount = p->law.value[CIV_PARAM_FLOOR_AMOUNT];
  int64_t sum = 0;
  for (uint32_t c = 0; c < p->n; c++)
    sum += p->balance[c] < floor_amount ? floor_amount - p->balance[c] : 0;
  return sum;
}
