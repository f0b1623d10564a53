#include "selfplay/detect.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "selfplay/detect_inside.h"

const char *const civ_exploit_category_names[] = { "capture", "drain", "entrench", "suppress", NULL };

struct civ_detect_scratch {
  civ_docket docket; /* its lists keep their memory */
};

civ_detect_scratch *civ_detect_scratch_create(void)
{
  return calloc(1, sizeof(civ_detect_scratch));
}

static void drop_list(civ_deed_list *list)
{
  civ_drop(&civ_allocator_malloc, (void **)&list->at, &list->capacity, sizeof *list->at);
}

static void release(civ_docket *d)
{
  civ_drop(&civ_allocator_malloc, (void **)&d->cases, &d->cases_capacity, sizeof *d->cases);
  civ_drop(&civ_allocator_malloc, (void **)&d->votes, &d->votes_capacity, sizeof *d->votes);
  civ_drop(&civ_allocator_malloc, (void **)&d->takings, &d->takings_capacity, sizeof *d->takings);
  drop_list(&d->counts);
  drop_list(&d->amendments);
  drop_list(&d->silencings);
  drop_list(&d->transfers);
  drop_list(&d->breaches);
}

void civ_detect_scratch_destroy(civ_detect_scratch *s)
{
  if (s == NULL)
    return;
  release(&s->docket);
  free(s);
}

/* --- the docket ------------------------------------------------------------------------------------------------------------ */

const civ_case *civ_docket_case(const civ_docket *d, int32_t proposal)
{
  /* Ids count from 1 in a log of ours; a hand-made one may leave some out. */
  if (proposal >= 1 && (uint32_t)proposal <= d->n_cases && d->cases[proposal - 1].id == proposal)
    return &d->cases[proposal - 1];
  for (uint32_t k = 0; k < d->n_cases; k++)
    if (d->cases[k].id == proposal)
      return &d->cases[k];
  return NULL;
}

int64_t civ_docket_take(const civ_docket *d, civ_citizens group, int32_t first, int32_t last)
{
  int64_t sum = 0;
  for (uint32_t k = 0; k < d->n_takings && d->takings[k].turn <= last; k++)
    if (d->takings[k].turn >= first && (group >> d->takings[k].receiver & 1) != 0)
      sum += d->takings[k].amount;
  return sum;
}

static bool take_down_case(civ_docket *d, const civ_deed *deed, uint32_t at)
{
  const size_t place = (size_t)d->n_cases * d->n;
  if (civ_grow(&civ_allocator_malloc, (void **)&d->cases, &d->cases_capacity, (size_t)d->n_cases + 1,
               sizeof *d->cases) != CIV_OK ||
      civ_grow(&civ_allocator_malloc, (void **)&d->votes, &d->votes_capacity, place + d->n, sizeof *d->votes) != CIV_OK)
    return false;
  d->cases[d->n_cases++] = (civ_case){
    .id = deed->proposal,
    .opened = deed->turn,
    .kind = deed->motion,
    .proposer = deed->citizen,
    .public_spend = deed->motion == CIV_MOTION_SPEND && deed->payload->beneficiary == CIV_PUBLIC,
    .created = at,
    .counted = CIV_NO_DEED,
    .payload = deed->payload,
  };
  memset(d->votes + place, 0xff, d->n * sizeof *d->votes); /* CIV_NO_DEED, CIV_NO_CHOICE */
  return true;
}

static void take_down_vote(civ_docket *d, const civ_deed *deed, uint32_t at)
{
  const civ_case *k = civ_docket_case(d, deed->proposal);
  if (k == NULL || deed->citizen >= d->n)
    return;
  civ_cast *vote = &d->votes[(size_t)(k - d->cases) * d->n + deed->citizen];
  if (vote->deed == CIV_NO_DEED)
    *vote = (civ_cast){ .deed = at, .choice = deed->choice };
}

static bool take_down_payment(civ_docket *d, const civ_deed *deed, uint32_t at)
{
  const bool spend = deed->kind == CIV_DEED_SPEND_PAID;
  if (deed->needy || deed->other >= d->n || deed->actor >= d->n || (!spend && deed->citizen != CIV_TREASURY))
    return true;
  if (civ_grow(&civ_allocator_malloc, (void **)&d->takings, &d->takings_capacity, (size_t)d->n_takings + 1,
               sizeof *d->takings) != CIV_OK)
    return false;
  d->takings[d->n_takings++] = (civ_taking){ .turn = deed->turn,
                                             .giver = deed->actor,
                                             .receiver = deed->other,
                                             .spend = spend,
                                             .amount = deed->amount,
                                             .before = deed->before,
                                             .deed = at };
  d->receivers |= civ_citizen_bit(deed->other);
  d->partners[deed->actor] |= civ_citizen_bit(deed->other);
  d->partners[deed->other] |= civ_citizen_bit(deed->actor);
  return true;
}

static bool list_deed(civ_deed_list *list, uint32_t at)
{
  if (civ_grow(&civ_allocator_malloc, (void **)&list->at, &list->capacity, (size_t)list->n + 1, sizeof *list->at) !=
      CIV_OK)
    return false;
  list->at[list->n++] = at;
  return true;
}

static bool take_down_count(civ_docket *d, const civ_deed *deed, uint32_t at)
{
  const civ_case *k = civ_docket_case(d, deed->proposal);
  if (k != NULL)
    d->cases[k - d->cases].counted = at;
  return list_deed(&d->counts, at);
}

/* False: out of memory. */
static bool take_down_deed(civ_docket *d, const civ_deed *deed, uint32_t at)
{
  switch (deed->kind) {
  case CIV_DEED_VOTE_CAST:
    take_down_vote(d, deed, at);
    return true;
  case CIV_DEED_PROPOSAL_CREATED:
    return take_down_case(d, deed, at);
  case CIV_DEED_PROPOSAL_PASSED:
  case CIV_DEED_PROPOSAL_FAILED:
    return take_down_count(d, deed, at);
  case CIV_DEED_SPEND_PAID:
    return take_down_payment(d, deed, at);
  case CIV_DEED_TRANSFER:
    return take_down_payment(d, deed, at) && list_deed(&d->transfers, at);
  case CIV_DEED_AMENDMENT_APPLIED:
    return list_deed(&d->amendments, at);
  case CIV_DEED_DISENFRANCHISED:
  case CIV_DEED_ENFRANCHISED:
  case CIV_DEED_VOTE_SUSPENDED:
    return list_deed(&d->silencings, at);
  case CIV_DEED_FLOOR_BREACHED:
    return list_deed(&d->breaches, at);
  default:
    return true;
  }
}

/* Reads the log once; what was in the docket is forgotten. False: out of memory. */
static bool take_down(civ_docket *d, const civ_trace *trace, const civ_detect_config *config)
{
  d->trace = trace;
  d->config = config;
  d->n = trace->n_citizens;
  d->n_cases = d->n_takings = 0;
  d->receivers = 0;
  d->counts.n = d->amendments.n = d->silencings.n = d->transfers.n = d->breaches.n = 0;
  for (uint32_t c = 0; c < d->n; c++)
    d->partners[c] = civ_citizen_bit(c);
  bool room = true;
  for (uint32_t at = 0; at < trace->n_deeds && room; at++)
    room = take_down_deed(d, &trace->deeds[at], at);
  return room;
}

/* --- the suite --------------------------------------------------------------------------------------------------------------- */

static const civ_detector_rule rules[CIV_DETECTORS] = {
  [CIV_DETECT_TREASURY_DRAIN] = civ_detect_treasury_drain,
  [CIV_DETECT_SELF_DEALING] = civ_detect_self_dealing,
  [CIV_DETECT_RECIPROCAL_DEALING] = civ_detect_reciprocal_dealing,
  [CIV_DETECT_SALAMI] = civ_detect_salami,
  [CIV_DETECT_THIN_QUORUM] = civ_detect_thin_quorum,
  [CIV_DETECT_GUARD_LOOSENING] = civ_detect_guard_loosening,
  [CIV_DETECT_ENTRENCHMENT] = civ_detect_entrenchment,
  [CIV_DETECT_OFFICE_ACCUMULATION] = civ_detect_office_accumulation,
  [CIV_DETECT_FRANCHISE_SUPPRESSION] = civ_detect_franchise_suppression,
  [CIV_DETECT_REGISTRAR_ABUSE] = civ_detect_registrar_abuse,
  [CIV_DETECT_AGENDA_FLOODING] = civ_detect_agenda_flooding,
  [CIV_DETECT_VOTE_BUYING] = civ_detect_vote_buying,
  [CIV_DETECT_FLOOR_BREACH] = civ_detect_floor_breach,
  [CIV_DETECT_DEADLOCK] = civ_detect_deadlock,
};

static void propose_guard(civ_exploit_finding *f, const civ_detector *detector, const civ_law *law)
{
  for (uint32_t k = 0; k < detector->n_rungs && !f->guarded; k++)
    if (civ_guard_tightens(law, &detector->ladder[k])) {
      f->guard = detector->ladder[k];
      f->guarded = true;
    }
}

static void run_suite(const civ_docket *d, civ_exploit_finding *out, uint32_t *n)
{
  *n = 0;
  for (int k = 0; k < CIV_DETECTORS; k++) {
    civ_exploit_finding *f = &out[*n];
    f->detector = (uint8_t)k;
    f->category = civ_detectors[k].category;
    f->clauses = civ_detectors[k].clauses;
    f->guarded = false;
    f->actors = 0;
    f->n_evidence = 0;
    if (!rules[k](d, f))
      continue;
    propose_guard(f, &civ_detectors[k], &d->trace->kernel->law);
    (*n)++;
  }
}

civ_status civ_detect(const civ_trace *trace, const civ_detect_config *config, civ_detect_scratch *scratch,
                      civ_exploit_finding *out, uint32_t *n, civ_error *err)
{
  civ_docket own = { 0 };
  civ_docket *d = scratch != NULL ? &scratch->docket : &own;
  /* Detectors count turns by snapshots. */
  for (uint32_t k = 0; k < trace->n_snapshots; k++)
    if (trace->snapshots[k].turn != (int32_t)k)
      return civ_fail(err, CIV_E_LIMIT, "trace", "snapshot %u is of turn %d; there must be one for each turn from 0", k,
                      (int)trace->snapshots[k].turn);
  const bool read = take_down(d, trace, config);
  if (read)
    run_suite(d, out, n);
  release(&own);
  return read ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "trace", "out of memory");
}

void civ_finding_add(civ_exploit_finding *f, uint32_t deed)
{
  if (f->n_evidence < CIV_EVIDENCE_MOST)
    f->evidence[f->n_evidence] = deed;
  f->n_evidence++;
}

/* --- fingerprints ------------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void civ_exploit_fingerprint(const civ_exploit_finding *finding, const civ_kernel *kernel, char out[65])
{
  const char *ids[CIV_RULES] = { NULL };
  size_t n = 0;
  for (int r = 0; r < CIV_RULES; r++)
    if ((finding->clauses >> r & 1) != 0)
      ids[n++] = civ_kernel_clause_id(kernel, (civ_rule)r);
  qsort(ids, n, sizeof *ids, by_text);
  civ_buffer b = { 0 };
  civ_buffer_format(&b, "%s|%s|", civ_detectors[finding->detector].name, civ_exploit_category_names[finding->category]);
  for (size_t k = 0; k < n; k++)
    civ_buffer_format(&b, "%s%s", k > 0 ? "," : "", ids[k]);
  civ_sha256_hex(b.data, b.length, out);
  civ_buffer_free(&b);
}
