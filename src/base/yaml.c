#include "base/yaml.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/yaml_bytes.h"

enum { PATH_SIZE = 256, TEXT_SIZE = 320, MOST_EVENTS = 2000000 };

/* What an anchor names: the finished value, how many nodes it is and how deep. */
typedef struct anchor {
  const char *name;
  civ_node node;
  uint32_t weight, height;
  bool open; /* its value is still being read: an alias to it would never end */
} anchor;

/* A collection being read; its children wait on the stack of pending nodes. */
typedef struct frame {
  civ_node node;
  size_t first; /* of its children among the pending */
  uint32_t weight, height;
  uint32_t anchor; /* its anchor + 1, 0 = none */
  bool map, has_key;
  civ_key key;
} frame;

typedef struct pending {
  civ_node node;
  civ_key key;
} pending;

typedef struct reader {
  civ_arena *arena;
  const civ_yaml_listener *listener;
  civ_status status;
  frame frames[CIV_YAML_DEPTH];
  uint32_t depth;
  pending *waiting;
  size_t n_waiting, waiting_capacity;
  anchor *anchors;
  size_t n_anchors, anchors_capacity;
  uint32_t *table; /* anchors by name: number + 1, open addressing */
  size_t table_size;
  uint64_t alias_nodes;
  civ_node root;
  uint32_t documents, events;
  bool stop;
} reader;

/* --- telling --------------------------------------------------------------------------------------------------------- */

static bool out_of_memory(reader *r)
{
  r->status = CIV_E_NOMEM;
  r->stop = true;
  return false;
}

/* Dotted path of the place being read, with `last` behind it. */
static void describe_path(const reader *r, const char *last, char *out, size_t size)
{
  size_t n = 0;
  out[0] = 0;
  for (uint32_t d = 0; d < r->depth && n < size; d++) {
    const frame *f = &r->frames[d];
    const bool innermost = d + 1 == r->depth;
    int written = 0;
    if (f->map && (f->has_key || (innermost && last)))
      written = snprintf(out + n, size - n, "%s%s", n ? "." : "", f->has_key ? f->key.text : last);
    else if (!f->map)
      written =
          snprintf(out + n, size - n, "[%zu]", innermost ? r->n_waiting - f->first : r->frames[d + 1].first - f->first);
    n += written > 0 ? (size_t)written : 0;
  }
}

static void tell(reader *r, civ_status code, uint32_t line, uint32_t column, const char *last, const char *text)
{
  char path[PATH_SIZE];
  if (r->status == CIV_OK)
    r->status = code;
  if (!r->listener)
    return;
  describe_path(r, last, path, sizeof path);
  r->listener->problem(r->listener->self, code, line, column, path, text);
}

/* --- anchors --------------------------------------------------------------------------------------------------------- */

static size_t anchor_slot(const reader *r, const char *name)
{
  size_t slot = civ_digest(0, name, strlen(name)) & (r->table_size - 1);
  while (r->table[slot] && strcmp(r->anchors[r->table[slot] - 1].name, name) != 0)
    slot = (slot + 1) & (r->table_size - 1);
  return slot;
}

static bool grow_table(reader *r)
{
  const size_t size = r->table_size ? r->table_size * 2 : 64;
  uint32_t *table = calloc(size, sizeof *table);
  if (!table)
    return out_of_memory(r);
  free(r->table);
  r->table = table;
  r->table_size = size;
  for (size_t k = 0; k < r->n_anchors; k++)
    r->table[anchor_slot(r, r->anchors[k].name)] = (uint32_t)k + 1;
  return true;
}

/* Number of a new anchor + 1, 0 = no memory. A later anchor of the same name takes its place, as YAML has it. */
static uint32_t add_anchor(reader *r, struct fy_token *token)
{
  size_t length = 0;
  const char *text = fy_token_get_text(token, &length);
  char *name = text ? civ_arena_text(r->arena, text, length) : NULL;
  if (!name ||
      civ_grow(&civ_allocator_malloc, (void **)&r->anchors, &r->anchors_capacity, r->n_anchors + 1,
               sizeof *r->anchors) != CIV_OK ||
      (2 * (r->n_anchors + 1) > r->table_size && !grow_table(r))) {
    out_of_memory(r);
    return 0;
  }
  r->anchors[r->n_anchors] = (anchor){ .name = name, .open = true };
  r->table[anchor_slot(r, name)] = (uint32_t)++r->n_anchors;
  return (uint32_t)r->n_anchors;
}

static void close_anchor(reader *r, uint32_t number, const civ_node *node, uint32_t weight, uint32_t height)
{
  if (!number)
    return;
  anchor *a = &r->anchors[number - 1];
  a->node = *node;
  a->weight = weight;
  a->height = height;
  a->open = false;
}

/* --- building -------------------------------------------------------------------------------------------------------- */

/* Hands a finished value to the collection around it, or makes it the root. */
static bool deliver(reader *r, const civ_node *node, uint32_t weight, uint32_t height)
{
  if (r->depth == 0) {
    r->root = *node;
    return true;
  }
  frame *f = &r->frames[r->depth - 1];
  const uint64_t sum = (uint64_t)f->weight + weight;
  f->weight = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
  if (height + 1 > f->height)
    f->height = height + 1;
  if (civ_grow(&civ_allocator_malloc, (void **)&r->waiting, &r->waiting_capacity, r->n_waiting + 1,
               sizeof *r->waiting) != CIV_OK)
    return out_of_memory(r);
  r->waiting[r->n_waiting++] = (pending){ *node, f->key };
  f->has_key = false;
  return true;
}

static int compare_keys(const void *a, const void *b)
{
  const civ_key *const *x = a, *const *y = b;
  const int c = strcmp((*x)->text, (*y)->text);
  return c ? c : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

/* Sorting finds doubled keys without comparing all with all. */
static bool check_doubles(reader *r, const civ_node *map)
{
  enum { FEW = 64 };
  const civ_key *few[FEW], **sorted = few;
  char message[TEXT_SIZE];
  if (map->n > FEW && !(sorted = malloc(map->n * sizeof *sorted)))
    return out_of_memory(r);
  for (uint32_t k = 0; k < map->n; k++)
    sorted[k] = &map->keys[k];
  qsort(sorted, map->n, sizeof *sorted, compare_keys);
  for (uint32_t k = 1; k < map->n; k++)
    if (strcmp(sorted[k - 1]->text, sorted[k]->text) == 0) {
      snprintf(message, sizeof message, "the key stands twice, in line %u and in line %u; keep one of them",
               sorted[k - 1]->line, sorted[k]->line);
      tell(r, CIV_E_KEY, sorted[k]->line, sorted[k]->column, sorted[k]->text, message);
    }
  if (sorted != few)
    free(sorted);
  return true;
}

static bool close_collection(reader *r)
{
  frame *f = &r->frames[r->depth - 1];
  const size_t n = r->n_waiting - f->first;
  f->node.n = (uint32_t)n;
  f->node.items = civ_arena_take(r->arena, n, sizeof *f->node.items);
  f->node.keys = f->map ? civ_arena_take(r->arena, n, sizeof *f->node.keys) : NULL;
  if (!f->node.items || (f->map && !f->node.keys))
    return out_of_memory(r);
  for (size_t k = 0; k < n; k++) {
    f->node.items[k] = r->waiting[f->first + k].node;
    if (f->map)
      f->node.keys[k] = r->waiting[f->first + k].key;
  }
  r->n_waiting = f->first;
  f->has_key = false;
  if (f->map && !check_doubles(r, &f->node))
    return false;
  const frame done = *f;
  r->depth--;
  close_anchor(r, done.anchor, &done.node, done.weight, done.height);
  return deliver(r, &done.node, done.weight, done.height);
}

static bool open_collection(reader *r, bool map, uint32_t line, uint32_t column, struct fy_token *anchor_token)
{
  if (r->depth >= CIV_YAML_DEPTH) {
    tell(r, CIV_E_LIMIT, line, column, NULL, "nested deeper than 64 levels; flatten it");
    r->stop = true;
    return false;
  }
  frame *f = &r->frames[r->depth++];
  memset(f, 0, sizeof *f);
  f->node.kind = map ? CIV_NODE_MAP : CIV_NODE_LIST;
  f->node.line = line;
  f->node.column = column;
  f->first = r->n_waiting;
  f->weight = 1;
  f->map = map;
  if (anchor_token && !(f->anchor = add_anchor(r, anchor_token)))
    return false;
  return true;
}

static bool expects_key(const reader *r)
{
  return r->depth && r->frames[r->depth - 1].map && !r->frames[r->depth - 1].has_key;
}

/* What stands in the place of a key: text only, no merge key. Broken ones are told and read over. */
static void take_key(reader *r, const civ_node *node, bool plain)
{
  char message[TEXT_SIZE], shown[96];
  frame *f = &r->frames[r->depth - 1];
  civ_node_describe(node, shown, sizeof shown);
  if (plain && strcmp(node->text, "<<") == 0) {
    tell(r, CIV_E_SYNTAX, node->line, node->column, NULL,
         "merge keys (<<) are not supported; repeat the keys, or use an alias for a whole value");
  } else if (node->kind != CIV_NODE_TEXT) {
    snprintf(message, sizeof message, "a key must be text, %s is not; put it in quotes", shown);
    tell(r, CIV_E_SYNTAX, node->line, node->column, NULL, message);
  }
  f->key = (civ_key){ node->text, node->length, node->line, node->column };
  f->has_key = true;
}

static bool take_scalar(reader *r, struct fy_event *event, uint32_t line, uint32_t column,
                        struct fy_token *anchor_token)
{
  struct fy_token *token = event->scalar.value;
  size_t length = 0;
  const char *text = token ? fy_token_get_text(token, &length) : "";
  const bool plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
  char *copy = civ_arena_text(r->arena, text ? text : "", length);
  if (!copy)
    return out_of_memory(r);
  civ_node node = civ_node_scalar(copy, length, plain);
  const frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
  node.line = line;
  node.column = column;
  if (length == 0 && plain && f && f->map && f->has_key) { /* an empty value has no place of its own */
    node.line = f->key.line;
    node.column = f->key.column;
  }
  if (memchr(copy, 0, length))
    tell(r, CIV_E_SYNTAX, line, column, NULL, "a text must not contain the character U+0000; remove \\0");
  if (anchor_token) {
    const uint32_t number = add_anchor(r, anchor_token);
    if (!number)
      return false;
    close_anchor(r, number, &node, 1, 0);
  }
  if (expects_key(r)) {
    take_key(r, &node, plain);
    return true;
  }
  return deliver(r, &node, 1, 0);
}

static bool take_alias(reader *r, struct fy_event *event, uint32_t line, uint32_t column)
{
  char message[TEXT_SIZE];
  size_t length = 0;
  const char *text = fy_token_get_text(event->alias.anchor, &length);
  char *name = text ? civ_arena_text(r->arena, text, length) : NULL;
  if (!name)
    return out_of_memory(r);
  if (expects_key(r)) {
    const civ_node nothing = { .kind = CIV_NODE_TEXT, .text = name, .length = (uint32_t)length, .line = line };
    tell(r, CIV_E_SYNTAX, line, column, NULL, "an alias cannot be a key; write the key out");
    take_key(r, &nothing, false);
    return true;
  }
  const uint32_t number = r->table_size ? r->table[anchor_slot(r, name)] : 0;
  const anchor *a = number ? &r->anchors[number - 1] : NULL;
  if (!a || a->open) {
    snprintf(message, sizeof message,
             a ? "alias *%.60s stands inside the value it names; it would never end"
               : "alias *%.60s has no anchor; define &%.60s before it",
             name, name);
    tell(r, CIV_E_SYNTAX, line, column, NULL, message);
    const civ_node null = { .kind = CIV_NODE_NULL, .text = "", .line = line, .column = column };
    return deliver(r, &null, 1, 0);
  }
  r->alias_nodes += a->weight;
  if (r->alias_nodes > CIV_YAML_ALIAS_NODES || r->depth + a->height > CIV_YAML_DEPTH) {
    tell(r, CIV_E_LIMIT, line, column, NULL,
         r->depth + a->height > CIV_YAML_DEPTH
             ? "this alias nests deeper than 64 levels; flatten it"
             : "aliases make more than 100,000 nodes; write fewer aliases, or less behind each");
    r->stop = true;
    return false;
  }
  return deliver(r, &a->node, a->weight, a->height);
}

/* --- the stream ------------------------------------------------------------------------------------------------------ */

static bool take_event(reader *r, struct fy_event *event)
{
  const struct fy_mark *mark = fy_event_start_mark(event);
  const uint32_t line = mark ? (uint32_t)mark->line + 1 : 0, column = mark ? (uint32_t)mark->column + 1 : 0;
  struct fy_token *tag = NULL, *anchor_token = NULL;
  if (event->type == FYET_SCALAR || event->type == FYET_MAPPING_START || event->type == FYET_SEQUENCE_START) {
    tag = fy_event_get_tag_token(event);
    anchor_token = fy_event_get_anchor_token(event);
  }
  if (++r->events > MOST_EVENTS) {
    tell(r, CIV_E_LIMIT, line, column, NULL, "more than 2,000,000 keys and values; split the file");
    r->stop = true;
    return false;
  }
  if (tag)
    tell(r, CIV_E_SYNTAX, line, column, NULL, "tags (!...) are not supported; remove it");
  switch (event->type) {
  case FYET_DOCUMENT_START:
    if (r->documents++) {
      tell(r, CIV_E_SYNTAX, line, column, NULL, "a second document begins here; a file holds one");
      r->stop = true;
      return false;
    }
    return true;
  case FYET_MAPPING_START:
  case FYET_SEQUENCE_START:
    if (expects_key(r)) {
      tell(r, CIV_E_SYNTAX, line, column, NULL, "a key must be text, a list or mapping is not");
      r->stop = true;
      return false;
    }
    return open_collection(r, event->type == FYET_MAPPING_START, line, column, anchor_token);
  case FYET_MAPPING_END:
  case FYET_SEQUENCE_END:
    return close_collection(r);
  case FYET_SCALAR:
    return take_scalar(r, event, line, column, anchor_token);
  case FYET_ALIAS:
    return take_alias(r, event, line, column);
  default:
    return true;
  }
}

/* libfyaml's own complaint, in one sentence of ours. */
static void tell_syntax(reader *r, struct fy_diag *diag)
{
  char message[TEXT_SIZE];
  void *iterator = NULL;
  const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &iterator);
  const char *said = e && e->msg ? e->msg : "it cannot be read";
  if (e && strstr(said, "depth limit")) {
    tell(r, CIV_E_LIMIT, (uint32_t)e->line, (uint32_t)e->column, NULL, "nested deeper than 64 levels; flatten it");
    return;
  }
  const size_t n = strcspn(said, "\r\n");
  snprintf(message, sizeof message, "not YAML: %.*s", n < 240 ? (int)n : 240, said);
  tell(r, CIV_E_SYNTAX, e && e->line > 0 ? (uint32_t)e->line : 0, e && e->column > 0 ? (uint32_t)e->column : 0, NULL,
       message);
}

/* Collects complaints instead of printing them; NULL = no memory. */
static struct fy_diag *quiet_diag(void)
{
  struct fy_diag_cfg config;
  fy_diag_cfg_default(&config);
  config.fp = NULL;
  config.level = FYET_ERROR;
  struct fy_diag *diag = fy_diag_create(&config);
  if (diag)
    fy_diag_set_collect_errors(diag, true);
  return diag;
}

static void read_events(reader *r, const char *text, size_t length)
{
  struct fy_diag *diag = quiet_diag();
  const struct fy_parse_cfg config = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
                                                FYPCF_JSON_NONE | FYPCF_ALLOW_DUPLICATE_KEYS,
                                       .diag = diag };
  struct fy_parser *parser = diag ? fy_parser_create(&config) : NULL;
  bool ended = false;
  if (!parser || fy_parser_set_string(parser, text, length) != 0) {
    out_of_memory(r);
    ended = true;
  }
  while (!r->stop && !ended) {
    struct fy_event *event = fy_parser_parse(parser);
    if (!event) {
      tell_syntax(r, diag);
      break;
    }
    ended = event->type == FYET_STREAM_END;
    (void)take_event(r, event); /* what went wrong is in r */
    fy_parser_event_free(parser, event);
  }
  if (diag)
    fy_diag_set_collect_errors(diag, false); /* frees what was collected; letting go of the diag does not */
  if (parser)
    fy_parser_destroy(parser);
  if (diag)
    fy_diag_unref(diag);
}

civ_status civ_yaml_read(const char *text, size_t length, civ_arena *arena, const civ_yaml_listener *listener,
                         civ_node *root)
{
  reader *r = calloc(1, sizeof *r);
  if (!r)
    return CIV_E_NOMEM;
  r->arena = arena;
  r->listener = listener;
  r->root.text = "";
  const size_t mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* byte order mark */
  civ_yaml_flaw flaw;
  if (civ_yaml_find_flaw((const unsigned char *)text + mark, length - mark, &flaw))
    tell(r, CIV_E_SYNTAX, flaw.line, flaw.column, NULL, flaw.text);
  else if (length > mark)
    read_events(r, text + mark, length - mark);
  const civ_status status = r->status;
  if (status == CIV_OK)
    *root = r->root;
  free(r->waiting);
  free(r->anchors);
  free(r->table);
  free(r);
  return status;
}
