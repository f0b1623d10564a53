#include "selfplay/search_files.h"

#include "selfplay/artifacts.h"

static json_t *programmes_json(const civ_programme programmes[CIV_SEARCHERS])
{
  json_t *list = json_array();
  for (int k = 0; k < CIV_SEARCHERS; k++) {
    civ_buffer text = { 0 };
    civ_programme_write(&text, &programmes[k]);
    json_array_append_new(list, text.failed ? NULL : json_loadb(text.data, text.length, 0, NULL));
    civ_buffer_free(&text);
  }
  return list;
}

static json_t *damage_json(const civ_damage *d)
{
  return json_pack("{s:f, s:f, s:f, s:f}", "taken", d->taken, "silenced", d->silenced, "offices", d->offices, "damage",
                   d->damage);
}

static json_t *unexplained_json(const civ_unexplained *u)
{
  if (!u->met)
    return json_null();
  return json_pack("{s:I, s:I, s:i, s:o, s:o}", "episodes", (json_int_t)u->episodes, "seed", (json_int_t)u->seed,
                   "severity", (int)u->severity, "worst", damage_json(&u->worst), "programmes",
                   programmes_json(u->programmes));
}

json_t *civ_search_json(const civ_search_findings *findings)
{
  const civ_search_result *r = &findings->result;
  json_t *best = json_array(), *repertoires = json_object();
  for (uint32_t k = 0; k < findings->n_rivals; k++)
    json_object_set_new(repertoires, findings->rivals[k].matchup, damage_json(&findings->rivals[k].damage));
  for (uint32_t k = 0; k < r->generations; k++)
    json_array_append_new(best, json_real(r->best[k]));
  return json_pack("{s:o, s:f, s:o, s:f, s:f, s:o, s:o, s:i, s:I, s:o}", "programmes", programmes_json(r->programmes),
                   "fitness", r->fitness, "fresh", damage_json(&r->fresh), "governance_score", r->governance_score,
                   "found", r->found, "unexplained", unexplained_json(&r->unexplained), "best", best, "restart",
                   (int)r->restart, "episodes", (json_int_t)r->played, "repertoires", repertoires);
}

civ_status civ_search_save(const char *folder, const civ_search_findings *findings, civ_error *err)
{
  return civ_artifact_json(civ_artifact_path(folder, "search.json"), civ_search_json(findings), err);
}
