/* Drawing a scenario. Every key is left out now and then, so that defaults are met as well. */
#include <stdarg.h>
#include <stdio.h>

#include "society.h"

enum { STREAM_SHAPE = 1000, STREAM_AGENTS, STREAM_SIMULATION };

bool society_fail(society *s, const char *fmt, ...)
{
  va_list args;
  if (s->failed)
    return false;
  s->failed = true;
  va_start(args, fmt);
  vsnprintf(s->complaint, sizeof s->complaint, fmt, args);
  va_end(args);
  return false;
}

civ_draws society_draws(const society *s, uint32_t purpose)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = purpose };
  return civ_draws_open(s->seed, &key);
}

/* --- lines --------------------------------------------------------------------------------------------------------------- */

bool draw_maybe(civ_draws *d, double probability)
{
  return civ_draw_chance(d, probability);
}

/* A number that people would write, one at the very edge, or any. */
static double draw_real(civ_draws *d, double low, double high)
{
  switch (civ_draw_index(d, 8)) {
  case 0:
    return low;
  case 1:
    return high;
  case 2:
    return low + (high - low) * 0.25 * (1 + civ_draw_index(d, 3));
  default:
    return civ_draw_between(d, low, high);
  }
}

void put_real(civ_buffer *out, civ_draws *d, const char *key, double low, double high)
{
  civ_buffer_format(out, "  %s: ", key);
  civ_buffer_real(out, draw_real(d, low, high));
  civ_buffer_text(out, "\n");
}

void put_integer(civ_buffer *out, civ_draws *d, const char *key, uint32_t low, uint32_t high)
{
  civ_buffer_format(out, "  %s: %u\n", key, low + civ_draw_index(d, high - low + 1));
}

void put_limit(civ_buffer *out, civ_draws *d, const char *key, uint32_t low, uint32_t high)
{
  if (draw_maybe(d, 0.2))
    civ_buffer_format(out, "  %s: null\n", key);
  else
    put_integer(out, d, key, low, high);
}

void put_boolean(civ_buffer *out, civ_draws *d, const char *key)
{
  civ_buffer_format(out, "  %s: %s\n", key, draw_maybe(d, 0.5) ? "true" : "false");
}

void put_choice(civ_buffer *out, civ_draws *d, const char *key, const char *const *choices)
{
  uint32_t n = 0;
  while (choices[n])
    n++;
  civ_buffer_format(out, "  %s: %s\n", key, choices[civ_draw_index(d, n)]);
}

/* --- agents -------------------------------------------------------------------------------------------------------------- */

/* How large a society is: mostly small; a crowd now and then, large enough for several threads to share a step. */
typedef struct shape {
  uint32_t entries, most_per_entry, epochs, steps;
} shape;

static shape draw_shape(civ_draws *d)
{
  const double u = civ_draw_uniform(d);
  if (u < 0.02)
    return (shape){ 2, 650, 2, 2 };
  if (u < 0.06)
    return (shape){ 3, 100, 3, 3 };
  if (u < 0.10)
    return (shape){ 1 + civ_draw_index(d, 3), 2, 6, 8 };
  if (u < 0.22)
    return (shape){ 3 + civ_draw_index(d, 4), 2, 5, 40 }; /* long enough for teams to do their tasks */
  return (shape){ 1 + civ_draw_index(d, 5), 2 + civ_draw_index(d, 9), 1 + civ_draw_index(d, 6),
                  1 + civ_draw_index(d, 8) };
}

static void draw_roles(civ_draws *d, civ_buffer *out)
{
  civ_buffer_text(out, "    roles: [");
  const uint32_t first = civ_draw_index(d, CIV_ROLES), n = 1 + civ_draw_index(d, 3);
  for (uint32_t k = 0; k < n; k++)
    civ_buffer_format(out, "%s%s", k ? ", " : "", civ_role_names[(first + 2 * k) % CIV_ROLES]);
  civ_buffer_text(out, "]\n");
}

static void draw_entry(society *s, civ_draws *d, const shape *size, uint32_t number)
{
  uint32_t kinds = 0;
  while (society_policies[kinds].type)
    kinds++;
  const society_policy *policy = &society_policies[civ_draw_index(d, kinds)];
  const uint32_t count = draw_maybe(d, 0.04) ? 0 : 1 + civ_draw_index(d, size->most_per_entry);
  s->agents += count;
  civ_buffer_format(&s->yaml, "  - type: %s\n    count: %u\n", policy->type, count);
  if (draw_maybe(d, 0.2))
    civ_buffer_format(&s->yaml, "    id_prefix: g%u\n", number);
  if (draw_maybe(d, 0.4))
    draw_roles(d, &s->yaml);
  if (draw_maybe(d, 0.8))
    draw_capabilities(d, &s->yaml);
  if (draw_maybe(d, 0.3)) {
    civ_buffer_text(&s->yaml, "  ");
    put_real(&s->yaml, d, "initial_reputation", -3, 3);
  }
  if (draw_maybe(d, 0.3)) {
    civ_buffer_text(&s->yaml, "  ");
    put_real(&s->yaml, d, "initial_resources", 0, 150);
  }
  if (policy->draw && draw_maybe(d, 0.7)) {
    const size_t before = s->yaml.length;
    civ_buffer_text(&s->yaml, "    config:\n");
    const size_t head = s->yaml.length;
    policy->draw(d, &s->yaml);
    if (s->yaml.length == head)
      s->yaml.length = before;
  }
}

/* --- the whole ------------------------------------------------------------------------------------------------------------- */

static void draw_simulation(society *s, const shape *size)
{
  static const char *const schedules[] = { "round_robin", "random", "priority", NULL };
  static const char *const turns[] = { "sequential", "simultaneous", NULL };
  static const char *const switches[] = { "enable_rate_limits",   "enable_kill_switch", "roles_enabled",
                                          "payoffs_to_resources", "dead_bounties",      "task_progress",
                                          "deceptive_learning",   "enable_transfers" };
  civ_draws d = society_draws(s, STREAM_SIMULATION);
  civ_buffer *out = &s->yaml;
  civ_buffer_text(out, "simulation:\n");
  civ_buffer_format(out, "  seed: %llu\n", (unsigned long long)(civ_draw_bits(&d) >> 1));
  put_integer(out, &d, "n_epochs", draw_maybe(&d, 0.04) ? 0 : 1 + size->epochs / 3, size->epochs);
  put_integer(out, &d, "steps_per_epoch", draw_maybe(&d, 0.04) ? 0 : 1 + size->steps / 2, size->steps);
  if (draw_maybe(&d, 0.7))
    put_choice(out, &d, "schedule_mode", schedules);
  if (draw_maybe(&d, 0.7))
    put_choice(out, &d, "turn_mode", turns);
  if (draw_maybe(&d, 0.2))
    put_limit(out, &d, "max_actions_per_step", 0, 30);
  if (draw_maybe(&d, 0.2))
    put_integer(out, &d, "max_content_length", 1, 60);
  if (draw_maybe(&d, 0.3))
    put_real(out, &d, "seconds_per_step", 0, 100000);
  for (size_t k = 0; k < sizeof switches / sizeof *switches; k++)
    if (draw_maybe(&d, 0.6))
      put_boolean(out, &d, switches[k]);
}

void society_draw(society *s)
{
  civ_draws d = society_draws(s, STREAM_SHAPE), agents = society_draws(s, STREAM_AGENTS);
  const shape size = draw_shape(&d);
  civ_buffer_format(&s->yaml, "scenario_id: society-%llu\n", (unsigned long long)s->seed);
  draw_simulation(s, &size);
  for (uint32_t k = 0; society_worlds[k].name; k++) {
    civ_draws own = society_draws(s, k);
    if (society_worlds[k].draw)
      society_worlds[k].draw(&own, &s->yaml);
  }
  civ_buffer_text(&s->yaml, "agents:\n");
  for (uint32_t k = 0; k < size.entries; k++)
    draw_entry(s, &agents, &size, k);
}
