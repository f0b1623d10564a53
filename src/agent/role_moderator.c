/* The moderator reviews visible posts, each once and one a turn: flags, warns the author, hides; warned twice, an author is
 * frozen. */
#include "agent/minds.h"
#include "agent/policies.h"
#include "agent/roles.h"
#include "base/idsets.h"
#include "base/pairs.h"

enum { WORST = 5, MANY_MARKS = 3, SHORT_TEXT = 5, WARNINGS_TO_FREEZE = 2 };
enum { HAS_FROZEN = 1 }; /* civ_pair.extra */

const char *const civ_moderation_names[CIV_MODERATIONS + 1] = { "leave", "flag", "warn", "hide", NULL };

uint32_t civ_text_severity(civ_text text)
{
  static const char *const harmful[] = { "attack", "spam", "scam", "exploit" };
  static const char *const threats[] = { "i will", "you must", "destroy", "attack" };
  uint32_t severity = 0, marks = 0;
  for (size_t k = 0; k < sizeof harmful / sizeof *harmful; k++)
    severity += civ_text_holds(text, harmful[k]);
  for (size_t k = 0; k < sizeof threats / sizeof *threats; k++)
    severity += 2u * civ_text_holds(text, threats[k]);
  for (uint32_t k = 0; k < text.length; k++)
    marks += text.data[k] == '!';
  severity += marks > MANY_MARKS;
  severity += civ_text_characters(text) < SHORT_TEXT;
  return severity < WORST ? severity : WORST;
}

typedef struct moderator_row {
  uint64_t settled; /* generation of the feed at which nothing was left to review; UINT64_MAX = none */
  uint32_t post;    /* under review until `done` */
  civ_agent author;
  uint8_t measure; /* civ_moderation */
} moderator_row;

typedef struct moderator {
  civ_minds minds;
  civ_idsets *reviewed;
  civ_pairs *warnings; /* count; extra: frozen by this moderator since */
} moderator;

static void destroy(void *self)
{
  moderator *m = self;
  if (m->reviewed)
    civ_idsets_destroy(m->reviewed);
  if (m->warnings)
    civ_pairs_destroy(m->warnings);
  civ_minds_destroy(m);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_minds_create(host, "moderator role", sizeof(moderator), sizeof(moderator_row), 0, self, err);
}

static civ_status enrol(void *self, civ_agent a, const void *config, civ_error *err)
{
  const moderator *m = self;
  const civ_status status = civ_minds_enrol(self, a, config, err);
  if (status == CIV_OK)
    ((moderator_row *)civ_minds_row_of(&m->minds, a))->settled = UINT64_MAX;
  return status;
}

static civ_status make_memories(moderator *m)
{
  if (!m->reviewed)
    m->reviewed = civ_idsets_create(m->minds.n, m->minds.allocator);
  if (!m->warnings)
    m->warnings = civ_pairs_create(m->minds.n, NULL, m->minds.allocator);
  return m->reviewed && m->warnings ? CIV_OK : CIV_E_NOMEM;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  moderator *m = self;
  civ_status status = make_memories(m);
  if (status == CIV_OK)
    status = civ_idsets_reserve(m->reviewed);
  return status == CIV_OK ? civ_pairs_reserve(m->warnings, demand->turns < m->minds.n ? demand->turns : m->minds.n)
                          : status;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  moderator *m = self;
  const uint32_t slot = civ_minds_slot(&m->minds, view->self);
  moderator_row *row = civ_minds_row(&m->minds, slot);
  const civ_feed_service *feed = view->feed;
  const uint64_t generation = feed->generation(feed->self);
  (void)draws;
  if (row->settled == generation)
    return CIV_PASS;
  const uint32_t n = feed->visible(feed->self);
  const uint32_t *ids = feed->visible_ids(feed->self);
  for (uint32_t k = 0; k < n; k++) {
    civ_post_view post;
    if (civ_idsets_get(m->reviewed, slot, ids[k]) >= 0)
      continue;
    feed->post(feed->self, ids[k], &post);
    const civ_moderation measure = civ_moderation_of(civ_text_severity(post.content));
    if (measure == CIV_LEAVE)
      continue;
    row->post = ids[k];
    row->author = post.author;
    row->measure = (uint8_t)measure;
    *out = civ_action_make(CIV_ACTION_NOOP);
    out->target = ids[k];
    out->content = (civ_text){ civ_moderation_names[measure], (uint32_t)strlen(civ_moderation_names[measure]) };
    return CIV_ACT;
  }
  row->settled = generation;
  return CIV_PASS;
}

/* An author that has been thawed since begins anew. */
static void warn(moderator *m, uint32_t slot, civ_agent author)
{
  civ_pair *pair = civ_pairs_touch(m->warnings, slot, author);
  if (pair->extra & HAS_FROZEN && !m->minds.host->call->population(m->minds.host)->frozen[author]) {
    pair->count = 0;
    pair->extra = 0;
  }
  if (++pair->count >= WARNINGS_TO_FREEZE) {
    m->minds.host->call->freeze(m->minds.host, author, "moderator");
    pair->extra = HAS_FROZEN;
  }
}

static void done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  moderator *m = self;
  const uint32_t slot = civ_minds_slot(&m->minds, a);
  const moderator_row *row = civ_minds_row(&m->minds, slot);
  const civ_feed_service *feed = m->minds.host->call->service(m->minds.host, "feed");
  (void)action;
  if (!ok)
    return;
  civ_idsets_put(m->reviewed, slot, row->post, false);
  civ_minds_learned(&m->minds, (uint64_t)a << 32 | row->post, row->measure);
  if (row->measure == CIV_FLAG)
    feed->flag(feed->self, row->post, a);
  else if (row->measure == CIV_HIDE)
    feed->hide(feed->self, row->post, "moderator");
  else
    warn(m, slot, row->author);
}

static civ_status save(void *self, civ_bytes *out)
{
  moderator *m = self;
  const civ_status status = make_memories(m);
  if (status != CIV_OK)
    return status;
  civ_bytes_put_u64(out, m->minds.digest);
  civ_idsets_save(m->reviewed, out);
  civ_pairs_save(m->warnings, out);
  return out->failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  moderator *m = self;
  if (make_memories(m) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading the moderators");
  m->minds.digest = civ_bytes_u64(in);
  civ_status status = civ_idsets_load(m->reviewed, in, err);
  if (status == CIV_OK)
    status = civ_pairs_load(m->warnings, in, err);
  for (uint32_t slot = 0; slot < m->minds.n; slot++)
    ((moderator_row *)civ_minds_row(&m->minds, slot))->settled = UINT64_MAX;
  return status;
}

uint32_t civ_moderator_warnings(const void *self, civ_agent a, civ_agent author)
{
  const moderator *m = self;
  const civ_pair *pair = civ_pairs_get(m->warnings, civ_minds_slot(&m->minds, a), author);
  return pair ? pair->count : 0;
}

const civ_policy civ_role_moderator = { .version = CIV_PART_VERSION,
                                        .name = "moderator",
                                        .doc = "Reviews visible posts: flags, warns, hides, freezes repeat offenders.",
                                        .agent_type = CIV_AGENT_TYPES,
                                        .create = create,
                                        .destroy = destroy,
                                        .enrol = enrol,
                                        .reserve = reserve,
                                        .act = act,
                                        .done = done,
                                        .digest = civ_minds_digest,
                                        .save = save,
                                        .load = load };
