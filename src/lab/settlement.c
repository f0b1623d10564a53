#include "lab/settlement.h"

#include <string.h>

#include "base/json.h"
#include "world/market_world.h"

bool civ_settlement_of(const civ_event *event, const civ_config *config, civ_interaction *out)
{
  const civ_payoff_config *payoff = civ_config_section(config, "payoff");
  if (event->form == NULL || strcmp(event->form->name, "escrow_released") != 0 || event->values[0].text == NULL ||
      event->initiator == CIV_NOBODY || event->counterparty == CIV_NOBODY)
    return false;
  json_t *payload = json_loads(event->values[0].text, 0, NULL);
  *out = (civ_interaction){
    .initiator = event->initiator, .counterparty = event->counterparty, .epoch = event->epoch, .step = event->step
  };
  civ_settled_record(out, civ_json_real(payload, "quality_score", 0), civ_json_real(payload, "amount", 0));
  json_decref(payload);
  if (payoff->reputation_in_payoff)
    out->r_a = out->p - 0.5; /* as the lever takes it */
  return true;
}
