#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support/failing_allocator.h"
#include "world/feed.h"

static civ_text text(const char *words)
{
  const civ_text t = { words, (uint32_t)strlen(words) };
  return t;
}

static civ_feed *make(uint32_t agents, uint32_t visible, double seconds_per_step, const civ_allocator *allocator)
{
  civ_feed_options options = civ_feed_options_default(agents);
  civ_feed *feed = NULL;
  options.visible = visible;
  options.seconds_per_step = seconds_per_step;
  assert_int_equal(civ_feed_create(&options, allocator, &feed, NULL), CIV_OK);
  return feed;
}

static uint32_t post(civ_feed *feed, civ_agent author, uint32_t parent)
{
  assert_int_equal(civ_feed_reserve(feed, 1, 100), CIV_OK);
  return civ_feed_post(feed, author, text("something"), parent);
}

static bool vote(civ_feed *feed, civ_agent voter, uint32_t id, bool up)
{
  assert_int_equal(civ_feed_reserve(feed, 1, 100), CIV_OK);
  return civ_feed_vote(feed, voter, id, up);
}

static void assert_list(const civ_feed *feed, const uint32_t *expected, uint32_t n)
{
  const uint32_t *ids;
  assert_int_equal(civ_feed_visible(feed, &ids), n);
  for (uint32_t k = 0; k < n; k++)
    assert_int_equal(ids[k], expected[k]);
}

/* --- by hand -------------------------------------------------------------------------------------------------------------- */

static void scores_of_the_specification(void **state)
{
  (void)state;
  assert_true(fabs(civ_feed_score(5, 2, 3, 10, false, 0.5, 0.01) - 4.4) < 1e-12);
  assert_true(civ_feed_score(0, 0, 0, 100, false, 0.5, 0.01) == -1);
  assert_true(civ_feed_score(3, 0, 0, 0, true, 0.5, 0.01) == -INFINITY);
}

/* The script P24 of the specification. */
static void script_of_the_specification(void **state)
{
  (void)state;
  civ_feed *feed = make(10, 20, 0, &civ_allocator_malloc);
  const uint32_t a = post(feed, 1, CIV_NONE), b = post(feed, 2, CIV_NONE), c = post(feed, 1, CIV_NONE);
  const uint32_t d = post(feed, 3, a);
  assert_true(vote(feed, 1, b, true));
  assert_true(vote(feed, 1, b, true));
  assert_true(vote(feed, 1, b, false));
  assert_true(vote(feed, 1, c, true));
  assert_false(vote(feed, 1, 99, true));
  assert_false(civ_feed_unvote(feed, 9, b));
  const uint32_t order[] = { c, a, b };
  assert_list(feed, order, 3);
  civ_post_view view;
  civ_feed_view(feed, b, &view);
  assert_true(view.net_votes == -1 && view.upvotes == 0 && view.downvotes == 1 && view.author == 2);
  civ_feed_view(feed, d, &view);
  assert_true(view.parent == a && view.net_votes == 0 && view.author == 3);
  civ_feed_view(feed, a, &view);
  assert_int_equal(view.replies, 1);
  const civ_feed_statistics s = civ_feed_count_all(feed);
  assert_int_equal(s.total_votes, 2);
  assert_int_equal(s.unique_voters, 1);
  assert_int_equal(s.unique_authors, 3);
  assert_int_equal(s.replies, 1);
  civ_feed_destroy(feed);
}

static void a_fallen_post_makes_way_for_the_best_of_the_rest(void **state)
{
  (void)state;
  civ_feed *feed = make(10, 2, 0, &civ_allocator_malloc);
  for (int k = 0; k < 5; k++)
    post(feed, 0, CIV_NONE);
  assert_list(feed, (const uint32_t[]){ 4, 3 }, 2);
  vote(feed, 0, 1, true);
  assert_list(feed, (const uint32_t[]){ 1, 4 }, 2);
  const uint64_t generation = civ_feed_generation(feed);
  vote(feed, 0, 4, true); /* the order changes, not the set */
  assert_list(feed, (const uint32_t[]){ 4, 1 }, 2);
  assert_int_equal(civ_feed_generation(feed), generation);
  vote(feed, 0, 4, false); /* untouched 3 is better than -1 */
  assert_list(feed, (const uint32_t[]){ 1, 3 }, 2);
  assert_true(civ_feed_generation(feed) > generation);
  assert_true(civ_feed_hide(feed, 3, text("rude")));
  assert_list(feed, (const uint32_t[]){ 1, 2 }, 2);
  assert_int_equal(civ_feed_hidden_reason(feed, 3).length, 4);
  assert_true(civ_feed_unhide(feed, 3));
  assert_list(feed, (const uint32_t[]){ 1, 3 }, 2);
  assert_int_equal(civ_feed_hidden_reason(feed, 3).length, 0);
  civ_feed_unvote(feed, 0, 1);
  assert_list(feed, (const uint32_t[]){ 3, 2 }, 2);
  civ_feed_destroy(feed);
}

static void the_third_reporter_hides(void **state)
{
  (void)state;
  civ_feed *feed = make(10, 3, 0, &civ_allocator_malloc);
  post(feed, 0, CIV_NONE);
  assert_false(civ_feed_flag(feed, 0, 1));
  assert_false(civ_feed_flag(feed, 0, 1));
  assert_false(civ_feed_flag(feed, 0, 2));
  assert_false(civ_feed_flag(feed, 0, 2));
  assert_list(feed, (const uint32_t[]){ 0 }, 1);
  assert_true(civ_feed_flag(feed, 0, 3));
  assert_list(feed, NULL, 0);
  assert_false(civ_feed_flag(feed, 0, 4)); /* hidden already */
  civ_feed_unhide(feed, 0);
  assert_false(civ_feed_flag(feed, 0, 3)); /* and flags begin anew */
  assert_list(feed, (const uint32_t[]){ 0 }, 1);
  assert_false(civ_feed_flag(feed, 7, 3));
  civ_feed_destroy(feed);
}

static void content_is_refused_above_its_limit_and_kept_below(void **state)
{
  (void)state;
  civ_feed_options options = civ_feed_options_default(2);
  options.most_characters = 3;
  civ_feed *feed = NULL;
  assert_int_equal(civ_feed_create(&options, &civ_allocator_malloc, &feed, NULL), CIV_OK);
  assert_int_equal(civ_feed_reserve(feed, 4, 12), CIV_OK);
  assert_int_equal(civ_feed_post(feed, 0, text("\xC3\xA4\xC3\xB6\xC3\xBC"), CIV_NONE), 0); /* three characters */
  assert_int_equal(civ_feed_post(feed, 0, text("four"), CIV_NONE), CIV_NONE);
  assert_int_equal(civ_feed_post(feed, 0, text("re"), 5), CIV_NONE);
  civ_post_view view;
  civ_feed_view(feed, 0, &view);
  assert_int_equal(view.content.length, 6);
  assert_memory_equal(view.content.data, "\xC3\xA4\xC3\xB6\xC3\xBC", 6);
  civ_feed_destroy(feed);
}

static void options_out_of_range_are_refused(void **state)
{
  (void)state;
  civ_feed_options options = civ_feed_options_default(2);
  civ_feed *feed = NULL;
  civ_error err;
  options.visible = 0;
  assert_int_equal(civ_feed_create(&options, &civ_allocator_malloc, &feed, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "feed.visible");
  options.visible = 3;
  options.age_decay = NAN;
  assert_int_equal(civ_feed_create(&options, &civ_allocator_malloc, &feed, &err), CIV_E_RANGE);
  assert_null(feed);
}

static void time_lets_a_newer_post_overtake(void **state)
{
  (void)state;
  civ_feed *feed = make(10, 5, 3600, &civ_allocator_malloc); /* an hour a step: 0.01 votes */
  post(feed, 0, CIV_NONE);
  vote(feed, 1, 0, true);
  civ_feed_set_step(feed, 99);
  post(feed, 0, CIV_NONE);
  assert_list(feed, (const uint32_t[]){ 0, 1 }, 2);
  civ_feed_set_step(feed, 101);
  post(feed, 0, CIV_NONE);
  assert_list(feed, (const uint32_t[]){ 2, 0, 1 }, 3);
  civ_post_view view;
  civ_feed_view(feed, 1, &view);
  assert_int_equal(view.created_step, 99);
  civ_feed_destroy(feed);
}

static void threads_go_depth_first_and_best_first(void **state)
{
  (void)state;
  civ_feed *feed = make(10, 5, 0, &civ_allocator_malloc);
  const uint32_t root = post(feed, 0, CIV_NONE), a = post(feed, 1, root), b = post(feed, 2, root);
  const uint32_t below_a = post(feed, 3, a), c = post(feed, 4, root);
  vote(feed, 5, a, true);
  vote(feed, 6, a, true);
  civ_feed_hide(feed, c, text("spam"));
  uint32_t out[10], n = 0;
  const uint32_t all[] = { root, a, below_a, b, c }, shallow[] = { root, a, b, c };
  assert_int_equal(civ_feed_thread(feed, root, 10, 10, out, &n, NULL), CIV_OK);
  assert_int_equal(n, 5);
  assert_memory_equal(out, all, sizeof all);
  assert_int_equal(civ_feed_thread(feed, root, 1, 10, out, &n, NULL), CIV_OK);
  assert_int_equal(n, 4);
  assert_memory_equal(out, shallow, sizeof shallow);
  assert_int_equal(civ_feed_thread(feed, root, 10, 2, out, &n, NULL), CIV_OK);
  assert_int_equal(n, 2);
  assert_int_equal(civ_feed_thread(feed, 77, 10, 10, out, &n, NULL), CIV_E_RANGE);
  uint32_t deep = post(feed, 0, CIV_NONE);
  const uint32_t top = deep;
  for (int k = 0; k < 15; k++)
    deep = post(feed, 0, deep);
  uint32_t chain[20];
  assert_int_equal(civ_feed_thread(feed, top, 99, 20, chain, &n, NULL), CIV_OK);
  assert_int_equal(n, 1 + CIV_FEED_DEEPEST_THREAD);
  civ_feed_destroy(feed);
}

static void recent_posts_come_newest_first(void **state)
{
  (void)state;
  civ_feed *feed = make(3, 5, 0, &civ_allocator_malloc);
  for (uint32_t step = 0; step < 4; step++) {
    civ_feed_set_step(feed, 10 * step);
    post(feed, 0, CIV_NONE);
    post(feed, 1, step);
  }
  uint32_t out[10];
  assert_int_equal(civ_feed_recent(feed, 20, CIV_NOBODY, 10, out), 4);
  assert_int_equal(out[0], 7);
  assert_int_equal(out[3], 4);
  assert_int_equal(civ_feed_recent(feed, 0, 1, 3, out), 3);
  assert_int_equal(out[0], 7);
  assert_int_equal(out[2], 3);
  assert_int_equal(civ_feed_recent(feed, 31, CIV_NOBODY, 10, out), 0);
  civ_feed_destroy(feed);
}

/* --- against a naive model: everything kept plainly, everything sorted afresh ----------------------------------------- */

enum { AGENTS = 12, MOST = 4000 };

typedef struct model_post {
  uint32_t author, parent, up, down, replies, hour;
  bool hidden;
  uint32_t reporters[3], flags;
} model_post;

typedef struct model {
  model_post posts[MOST];
  int8_t votes[AGENTS][MOST]; /* 0, 1, -1 */
  uint32_t n;
  double decay;
} model;

static double key_of(const model *m, uint32_t id)
{
  const model_post *p = &m->posts[id];
  return (double)p->up - p->down + 0.5 * p->replies + m->decay * p->hour;
}

static const model *sorting;

static int by_rank(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  const double kx = key_of(sorting, x), ky = key_of(sorting, y);
  if (kx != ky)
    return kx > ky ? -1 : 1;
  return x > y ? -1 : 1;
}

static uint32_t rank_all(const model *m, uint32_t *out, bool with_replies)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < m->n; k++)
    if (!m->posts[k].hidden && (with_replies || m->posts[k].parent == CIV_NONE))
      out[n++] = k;
  sorting = m;
  qsort(out, n, sizeof *out, by_rank);
  return n;
}

static void assert_same(const civ_feed *feed, const model *m, uint32_t visible)
{
  static uint32_t ranked[MOST], listed[MOST];
  const uint32_t n = rank_all(m, ranked, false);
  assert_list(feed, ranked, n < visible ? n : visible);
  const uint32_t all = rank_all(m, ranked, true);
  assert_int_equal(civ_feed_list(feed, CIV_FEED_WITH_REPLIES, 30, listed), all < 30 ? all : 30);
  assert_memory_equal(listed, ranked, (all < 30 ? all : 30) * sizeof *listed);
  civ_feed_statistics expected = { .total_posts = m->n };
  uint32_t authors = 0;
  for (uint32_t k = 0; k < m->n; k++) {
    const model_post *p = &m->posts[k];
    expected.replies += p->parent != CIV_NONE;
    expected.hidden_posts += p->hidden;
    expected.total_upvotes += p->up;
    expected.total_downvotes += p->down;
    authors |= 1u << p->author;
    civ_post_view view;
    civ_feed_view(feed, k, &view);
    assert_int_equal(view.author, p->author);
    assert_int_equal(view.parent, p->parent);
    assert_int_equal(view.upvotes, p->up);
    assert_int_equal(view.downvotes, p->down);
    assert_int_equal(view.replies, p->replies);
    assert_int_equal(view.hidden, p->hidden);
    assert_int_equal(view.created_step, p->hour);
    assert_true(view.net_votes == (double)p->up - p->down);
  }
  const civ_feed_statistics s = civ_feed_count_all(feed);
  assert_int_equal(s.total_posts, expected.total_posts);
  assert_int_equal(s.replies, expected.replies);
  assert_int_equal(s.top_level_posts, expected.total_posts - expected.replies);
  assert_int_equal(s.hidden_posts, expected.hidden_posts);
  assert_int_equal(s.total_upvotes, expected.total_upvotes);
  assert_int_equal(s.total_downvotes, expected.total_downvotes);
  assert_int_equal(s.total_votes, expected.total_upvotes + expected.total_downvotes);
  assert_int_equal(s.unique_authors, __builtin_popcount(authors));
}

static void model_vote(model *m, uint32_t voter, uint32_t id, int direction)
{
  int8_t *mine = &m->votes[voter][id];
  if (*mine == 1)
    m->posts[id].up--;
  if (*mine == -1)
    m->posts[id].down--;
  if (direction == 1)
    m->posts[id].up++;
  if (direction == -1)
    m->posts[id].down++;
  *mine = (int8_t)direction;
}

static void model_flag(model *m, uint32_t id, uint32_t reporter)
{
  model_post *p = &m->posts[id];
  for (uint32_t k = 0; k < p->flags; k++)
    if (p->reporters[k] == reporter)
      return;
  if (p->hidden)
    return;
  p->reporters[p->flags++] = reporter;
  p->hidden = p->flags == 3;
}

/* Posts often at first and rarely later, votes near the front of the list as agents do and anywhere as they do not. */
static uint32_t choose_post(const civ_feed *feed, const model *m, civ_draws *draws)
{
  const uint32_t *ids;
  const uint32_t n = civ_feed_visible(feed, &ids);
  if (n > 0 && civ_draw_chance(draws, 0.6))
    return ids[civ_draw_index(draws, n)];
  return m->n == 0 ? 0 : civ_draw_index(draws, m->n);
}

static void play_one(civ_feed *feed, model *m, civ_draws *draws, double posting)
{
  const uint32_t id = choose_post(feed, m, draws), agent = civ_draw_index(draws, AGENTS);
  if (m->n == 0 || (m->n < MOST && civ_draw_chance(draws, posting))) {
    const bool reply = m->n > 0 && civ_draw_chance(draws, 0.25);
    assert_int_equal(post(feed, agent, reply ? id : CIV_NONE), m->n);
    m->posts[id].replies += reply;
    model_post *p = &m->posts[m->n];
    const model_post fresh = { .author = agent, .parent = reply ? id : CIV_NONE, .hour = p->hour };
    *p = fresh;
    m->n++;
  } else if (civ_draw_chance(draws, 0.8)) {
    const int direction = civ_draw_chance(draws, 0.5) ? 1 : -1;
    assert_true(vote(feed, agent, id, direction > 0));
    model_vote(m, agent, id, direction);
  } else if (civ_draw_chance(draws, 0.3)) {
    assert_int_equal(civ_feed_unvote(feed, agent, id), m->votes[agent][id] != 0);
    model_vote(m, agent, id, 0);
  } else if (civ_draw_chance(draws, 0.3)) {
    civ_feed_flag(feed, id, agent);
    model_flag(m, id, agent);
  } else if (civ_draw_chance(draws, 0.5)) {
    assert_true(civ_feed_hide(feed, id, text("hidden")));
    m->posts[id].hidden = true;
  } else {
    assert_true(civ_feed_unhide(feed, id));
    m->posts[id].flags = m->posts[id].hidden ? 0 : m->posts[id].flags;
    m->posts[id].hidden = false;
  }
}

static void play(uint32_t visible, uint32_t script, double seconds_per_step, uint32_t operations)
{
  model *m = calloc(1, sizeof *m);
  civ_feed *feed = make(AGENTS, visible, seconds_per_step, &civ_allocator_malloc);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = script };
  civ_draws draws = civ_draws_open(11, &key);
  m->decay = 0.01 * (seconds_per_step / 3600);
  uint64_t generation = civ_feed_generation(feed);
  uint32_t before[64], n_before = 0;
  for (uint32_t k = 0; k < operations; k++) {
    if (k % 7 == 0)
      civ_feed_set_step(feed, k);
    if (m->n < MOST)
      m->posts[m->n].hour = k - k % 7;
    play_one(feed, m, &draws, k < operations / 3 ? 0.7 : 0.15);
    if (k % 16 == 0 || k < 200)
      assert_same(feed, m, visible);
    const uint32_t *ids;
    const uint32_t n = civ_feed_visible(feed, &ids);
    if (civ_feed_generation(feed) == generation) { /* then the set is the same */
      assert_int_equal(n, n_before);
      for (uint32_t i = 0; i < n; i++) {
        uint32_t j = 0;
        while (j < n && before[j] != ids[i])
          j++;
        assert_true(j < n);
      }
    }
    generation = civ_feed_generation(feed);
    n_before = n;
    memcpy(before, ids, n * sizeof *ids);
  }
  civ_feed_destroy(feed);
  free(m);
}

static void the_live_list_is_the_sorted_one(void **state)
{
  (void)state;
  for (uint32_t visible = 1; visible <= 25; visible++)
    play(visible, visible, 0, 1500);
}

static void the_live_list_is_the_sorted_one_with_age(void **state)
{
  (void)state;
  for (uint32_t visible = 1; visible <= 25; visible += 4)
    play(visible, 100 + visible, 600, 1500);
}

/* --- memory, bytes, repetition -------------------------------------------------------------------------------------------- */

/* A short life with everything in it; returns whether all of it succeeded. */
static bool live(civ_feed *feed, uint32_t entity, uint32_t rounds)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = entity };
  civ_draws draws = civ_draws_open(5, &key);
  bool fine = true;
  for (uint32_t k = 0; k < rounds; k++) {
    if (civ_feed_reserve(feed, AGENTS, 20) != CIV_OK) {
      fine = false; /* a loop would stop here */
      continue;
    }
    civ_feed_set_step(feed, k);
    for (uint32_t a = 0; a < AGENTS; a++) {
      const uint32_t n = civ_feed_count(feed), id = n == 0 ? CIV_NONE : civ_draw_index(&draws, n);
      if (civ_draw_chance(&draws, 0.5))
        civ_feed_post(feed, a, text(a & 1 ? "odd" : "even"), civ_draw_chance(&draws, 0.2) ? id : CIV_NONE);
      if (id != CIV_NONE)
        civ_feed_vote(feed, a, id, civ_draw_chance(&draws, 0.5));
      if (id != CIV_NONE && civ_draw_chance(&draws, 0.1))
        civ_feed_flag(feed, id, a);
    }
  }
  return fine;
}

static void save(const civ_feed *feed, civ_bytes *out)
{
  civ_bytes_open(out, "TEST");
  civ_feed_save(feed, out);
  civ_bytes_close(out);
}

static civ_status load(civ_feed *feed, const civ_bytes *bytes)
{
  civ_bytes_reader in = { .data = bytes->data, .length = bytes->length };
  civ_status status = civ_bytes_enter(&in, "TEST", NULL);
  if (status == CIV_OK)
    status = civ_feed_load(feed, &in, NULL);
  return status == CIV_OK ? civ_bytes_leave(&in, NULL) : status;
}

static void assert_alike(const civ_feed *a, const civ_feed *b)
{
  civ_bytes x = { 0 }, y = { 0 };
  save(a, &x);
  save(b, &y);
  assert_int_equal(x.length, y.length);
  assert_memory_equal(x.data, y.data, x.length);
  const uint32_t *ids, *others;
  const uint32_t n = civ_feed_visible(a, &ids);
  assert_int_equal(n, civ_feed_visible(b, &others));
  assert_memory_equal(ids, others, n * sizeof *ids);
  assert_true(civ_feed_digest(a) == civ_feed_digest(b));
  civ_bytes_free(&x);
  civ_bytes_free(&y);
}

static void saved_and_loaded_it_goes_on_alike(void **state)
{
  (void)state;
  civ_feed *straight = make(AGENTS, 6, 60, &civ_allocator_malloc),
           *stopped = make(AGENTS, 6, 60, &civ_allocator_malloc);
  civ_feed *resumed = make(AGENTS, 6, 60, &civ_allocator_malloc);
  live(straight, 1, 40);
  live(stopped, 1, 40);
  assert_alike(straight, stopped);
  civ_bytes bytes = { 0 };
  save(stopped, &bytes);
  assert_int_equal(load(resumed, &bytes), CIV_OK);
  assert_alike(straight, resumed);
  live(straight, 2, 40);
  live(resumed, 2, 40);
  assert_alike(straight, resumed);
  civ_feed *other = make(AGENTS, 6, 60, &civ_allocator_malloc);
  live(other, 3, 40);
  assert_true(civ_feed_digest(other) != civ_feed_digest(stopped));
  civ_bytes_free(&bytes);
  civ_feed_destroy(straight);
  civ_feed_destroy(stopped);
  civ_feed_destroy(resumed);
  civ_feed_destroy(other);
}

/* Whatever the bytes are, loading ends, and a refusal leaves the feed as it was. */
static void broken_bytes_are_refused_or_harmless(void **state)
{
  (void)state;
  civ_feed *feed = make(AGENTS, 4, 0, &civ_allocator_malloc), *target = make(AGENTS, 4, 0, &civ_allocator_malloc);
  live(feed, 1, 6);
  live(target, 2, 3);
  civ_bytes plain = { 0 };
  civ_feed_save(feed, &plain);
  const uint64_t digest = civ_feed_digest(target);
  for (size_t k = 0; k < plain.length; k++) {
    civ_bytes broken = { 0 };
    civ_bytes_open(&broken, "TEST");
    for (size_t i = 0; i < plain.length; i++)
      civ_bytes_put_u8(&broken, i == k ? plain.data[i] ^ (uint8_t)(1u << k % 8) : plain.data[i]);
    civ_bytes_close(&broken);
    civ_feed *scratch = make(AGENTS, 4, 0, &civ_allocator_malloc);
    (void)!load(scratch, &broken);
    civ_feed_destroy(scratch);
    civ_bytes_free(&broken);
  }
  for (size_t cut = 0; cut < plain.length; cut += 3) {
    civ_bytes broken = { 0 };
    civ_bytes_open(&broken, "TEST");
    for (size_t i = 0; i < cut; i++)
      civ_bytes_put_u8(&broken, plain.data[i]);
    civ_bytes_close(&broken);
    assert_int_equal(load(target, &broken), CIV_E_FORMAT);
    assert_true(civ_feed_digest(target) == digest);
    civ_bytes_free(&broken);
  }
  civ_bytes_free(&plain);
  civ_feed_destroy(feed);
  civ_feed_destroy(target);
}

static void a_step_takes_no_memory(void **state)
{
  (void)state;
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_feed *feed = make(AGENTS, 5, 0, &f.allocator);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 9 };
  civ_draws draws = civ_draws_open(5, &key);
  for (uint32_t k = 0; k < 1000; k++) {
    assert_int_equal(civ_feed_reserve(feed, AGENTS, 40), CIV_OK);
    failing_allocator_seal(&f);
    civ_feed_set_step(feed, k);
    for (uint32_t a = 0; a < AGENTS; a++) {
      char words[32];
      const civ_text content = { words, 8 + a };
      memset(words, 'a' + (int)(k % 26), sizeof words);
      memcpy(words, &k, sizeof k);
      const uint32_t n = civ_feed_count(feed), id = n == 0 ? CIV_NONE : civ_draw_index(&draws, n);
      assert_true(civ_feed_post(feed, a, content, a % 3 == 0 ? id : CIV_NONE) != CIV_NONE);
      assert_true(civ_feed_vote(feed, a, civ_draw_index(&draws, n + 1), true));
      const uint32_t *ids;
      if (a < 2 && civ_feed_visible(feed, &ids) > 0)
        assert_true(civ_feed_hide(feed, ids[0], text("moderated")));
    }
    failing_allocator_unseal(&f);
  }
  civ_feed_destroy(feed);
  assert_int_equal(f.blocks, 0);
}

static void any_request_may_fail(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_feed_options options = civ_feed_options_default(AGENTS);
    civ_feed *feed = NULL;
    const civ_status status = civ_feed_create(&options, &f.allocator, &feed, NULL);
    bool fine = false;
    if (status == CIV_OK) {
      fine = live(feed, 1, 6);
      civ_feed_destroy(feed);
    } else {
      assert_int_equal(status, CIV_E_NOMEM);
      assert_null(feed);
    }
    assert_int_equal(f.blocks, 0);
    if (fine)
      break;
  }
}

static uint32_t post_number(civ_feed *feed, uint32_t number)
{
  char words[32];
  snprintf(words, sizeof words, "text number %u", number);
  assert_int_equal(civ_feed_reserve(feed, 1, 100), CIV_OK);
  return civ_feed_post(feed, number % 3, text(words), CIV_NONE);
}

static void assert_numbered(const civ_feed *feed, uint32_t id, uint32_t number)
{
  char words[32];
  civ_post_view view;
  snprintf(words, sizeof words, "text number %u", number);
  civ_feed_view(feed, id, &view);
  assert_int_equal(view.content.length, strlen(words));
  assert_memory_equal(view.content.data, words, strlen(words));
}

/* Text numbers beyond the 16 bits of a post stand elsewhere; old texts made again keep their small number. */
static void more_texts_than_a_post_can_number(void **state)
{
  enum { MANY = 66000 };
  civ_feed *feed = make(3, 20, 0, &civ_allocator_malloc), *again = make(3, 20, 0, &civ_allocator_malloc);
  civ_bytes out = { 0 };
  (void)state;
  for (uint32_t k = 0; k < MANY; k++)
    post_number(feed, k);
  assert_int_equal(post_number(feed, 5), MANY);
  assert_int_equal(post_number(feed, MANY - 2), MANY + 1);
  save(feed, &out);
  assert_int_equal(load(again, &out), CIV_OK);
  for (uint32_t k = 65000; k < MANY; k++) {
    assert_numbered(feed, k, k);
    assert_numbered(again, k, k);
  }
  assert_numbered(again, MANY, 5);
  assert_numbered(again, MANY + 1, MANY - 2);
  civ_bytes_free(&out);
  civ_feed_destroy(feed);
  civ_feed_destroy(again);
}

static void an_untouched_post_takes_six_bytes(void **state)
{
  (void)state;
  enum { POSTS = 1 << 20 };
  failing_allocator f;
  failing_allocator_init(&f, SIZE_MAX);
  civ_feed *feed = make(4, 20, 0, &f.allocator);
  const size_t before = f.bytes;
  for (uint32_t k = 0; k < POSTS; k += 64) {
    assert_int_equal(civ_feed_reserve(feed, 64, 10), CIV_OK);
    for (uint32_t i = 0; i < 64; i++)
      civ_feed_post(feed, i % 4, text("again"), CIV_NONE);
  }
  assert_int_equal(civ_feed_count(feed), POSTS);
  assert_true(f.bytes - before < POSTS * 6 + POSTS / 4 + (1 << 18)); /* a bit for the bitmap, and one step's room */
  civ_feed_destroy(feed);
}

static void too_many_posts_are_refused_before_they_are_made(void **state)
{
  (void)state;
  civ_feed *feed = make(1, 20, 0, &civ_allocator_malloc);
  assert_int_equal(civ_feed_reserve(feed, UINT32_MAX, 10), CIV_E_LIMIT);
  assert_int_equal(civ_feed_reserve(feed, 0, 10), CIV_OK);
  civ_feed_destroy(feed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(scores_of_the_specification),
    cmocka_unit_test(script_of_the_specification),
    cmocka_unit_test(a_fallen_post_makes_way_for_the_best_of_the_rest),
    cmocka_unit_test(the_third_reporter_hides),
    cmocka_unit_test(content_is_refused_above_its_limit_and_kept_below),
    cmocka_unit_test(options_out_of_range_are_refused),
    cmocka_unit_test(time_lets_a_newer_post_overtake),
    cmocka_unit_test(threads_go_depth_first_and_best_first),
    cmocka_unit_test(recent_posts_come_newest_first),
    cmocka_unit_test(the_live_list_is_the_sorted_one),
    cmocka_unit_test(the_live_list_is_the_sorted_one_with_age),
    cmocka_unit_test(saved_and_loaded_it_goes_on_alike),
    cmocka_unit_test(broken_bytes_are_refused_or_harmless),
    cmocka_unit_test(a_step_takes_no_memory),
    cmocka_unit_test(any_request_may_fail),
    cmocka_unit_test(more_texts_than_a_post_can_number),
    cmocka_unit_test(an_untouched_post_takes_six_bytes),
    cmocka_unit_test(too_many_posts_are_refused_before_they_are_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
