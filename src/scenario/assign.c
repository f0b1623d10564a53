/* A mapping of a file into the block of its section: names, aliases, hints, nested sections. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "scenario/load.h"

enum { PATH = 256, CANONICAL = 100, UNSEEN = 1000 };

/* Where a key of the file leads. Of several spellings of one field the lowest rank wins: spellings below the section as
 * they are listed, then the canonical name, then plain aliases as they are listed. */
typedef struct spelling {
  const civ_field *field;
  int rank;
} spelling;

typedef struct seen {
  int rank;
  const char *key;
} seen;

typedef struct assignment {
  civ_loading *l;
  civ_block *block;
  const char *path;
  const char *const *others;
  bool nested;
  seen *seen; /* per field */
} assignment;

static void join(char out[PATH], const char *path, const char *name)
{
  if (snprintf(out, PATH, "%s%s%s", path, *path ? "." : "", name) >= PATH)
    out[PATH - 1] = 0; /* a path that long is cut in messages */
}

static spelling find_spelling(const civ_section *table, const char *name)
{
  const civ_field *field = civ_section_field(table, name);
  if (field)
    return (spelling){ field, CANONICAL };
  for (uint32_t k = 0; k < table->n_fields; k++) {
    const int at = civ_words_find(table->fields[k].also, name);
    if (at >= 0)
      return (spelling){ &table->fields[k], strchr(name, '.') ? at : CANONICAL + 1 + at };
  }
  return (spelling){ NULL, UNSEEN };
}

/* Whether some field is also spelled "name.something". */
static bool leads_below(const civ_section *table, const char *name)
{
  const size_t n = strlen(name);
  for (uint32_t k = 0; k < table->n_fields; k++)
    for (const char *p = table->fields[k].also; p && *p;) {
      if (strncmp(p, name, n) == 0 && p[n] == '.')
        return true;
      p += strcspn(p, " ");
      p += strspn(p, " ");
    }
  return false;
}

/* --- one value ------------------------------------------------------------------------------------------------------- */

static void say_spellings(assignment *a, const spelling *s, const civ_key *key, const char *path, const seen *before)
{
  const bool plain = s->rank > CANONICAL || (before->rank > CANONICAL && before->rank < UNSEEN);
  if (before->rank == UNSEEN && s->rank > CANONICAL)
    civ_loading_say(a->l, CIV_NOTICE, CIV_OK, key->line, key->column, path, "this is read as '%s'", s->field->name);
  else if (before->rank < UNSEEN && plain)
    civ_loading_say(a->l, CIV_WARNING, CIV_OK, key->line, key->column, path, "'%s' and '%s' say the same; '%s' counts",
                    before->key, key->text, s->rank < before->rank ? key->text : before->key);
}

static void assign_field(assignment *a, const spelling *s, const civ_key *key, const char *path, const civ_node *value)
{
  civ_complaint c;
  seen *before = &a->seen[s->field - a->block->table->fields];
  const civ_origin origin = { key->line, a->l->origin };
  civ_arena *arena = &a->l->config->arena;
  say_spellings(a, s, key, path, before);
  const civ_status status = s->rank < before->rank ? civ_block_set(a->block, s->field, value, origin, arena, &c)
                                                   : civ_field_check(s->field, value, arena, &c);
  if (status != CIV_OK)
    civ_loading_complain(a->l, path, &c);
  else if ((s->field->flags & CIV_FIELD_NO_EFFECT) && !civ_field_is_default(s->field, a->block->values))
    civ_loading_say(a->l, CIV_WARNING, CIV_OK, key->line, key->column, path,
                    "known, but without effect: nothing reads it");
  if (s->rank < before->rank)
    *before = (seen){ s->rank, key->text };
}

/* --- unknown keys ---------------------------------------------------------------------------------------------------- */

static void offer_names(civ_name_search *near, const assignment *a)
{
  const civ_config *config = a->l->config;
  const size_t n = strlen(a->path);
  for (uint32_t k = 0; k < a->block->table->n_fields; k++)
    civ_name_offer(near, a->block->table->fields[k].name);
  for (int k = 0; a->others && a->others[k]; k++)
    civ_name_offer(near, a->others[k]);
  for (uint32_t k = 0; a->nested && k < config->n_blocks; k++) {
    const char *name = config->blocks[k].table->name;
    if (n == 0 && *name && !strchr(name, '.'))
      civ_name_offer(near, name);
    else if (n > 0 && strncmp(name, a->path, n) == 0 && name[n] == '.')
      civ_name_offer(near, name + n + 1);
  }
}

/* A field whose message points from this key: a hint of its own section, or by whole path from anywhere. */
static const civ_field *find_hint(const assignment *a, const char *name, const char *path, const char **section)
{
  *section = a->path;
  const civ_field *field = civ_section_hint(a->block->table, name);
  for (uint32_t k = 0; !field && k < a->l->config->n_blocks; k++) {
    *section = a->l->config->blocks[k].table->name;
    field = strchr(path, '.') ? civ_section_hint(a->l->config->blocks[k].table, path) : NULL;
  }
  return field;
}

/* The same name in another section. */
static bool find_elsewhere(const assignment *a, const char *name, char out[PATH])
{
  bool alias;
  for (uint32_t k = 0; k < a->l->config->n_blocks; k++) {
    const civ_section *s = a->l->config->blocks[k].table;
    const civ_field *field = civ_section_field_or_alias(s, name, &alias);
    if (field) {
      join(out, s->name, field->name);
      return true;
    }
  }
  return false;
}

static void say_unknown(assignment *a, const civ_key *key, const char *path)
{
  char elsewhere[PATH];
  const char *section;
  const civ_severity severity = a->l->flags & CIV_LOAD_LENIENT ? CIV_WARNING : CIV_ERROR;
  const civ_field *hint = find_hint(a, key->text, path, &section);
  civ_name_search near = civ_name_search_for(key->text);
  offer_names(&near, a);
  if (hint)
    civ_loading_say(a->l, severity, CIV_E_KEY, key->line, key->column, path,
                    "unknown key, it never had an effect; the key that has one is '%s%s%s'", section,
                    *section ? "." : "", hint->name);
  else if (near.best)
    civ_loading_say(a->l, severity, CIV_E_KEY, key->line, key->column, path, "unknown key; did you mean '%s%s%s'?",
                    a->path, *a->path ? "." : "", near.best);
  else if (find_elsewhere(a, key->text, elsewhere))
    civ_loading_say(a->l, severity, CIV_E_KEY, key->line, key->column, path, "unknown key here; did you mean '%s'?",
                    elsewhere);
  else
    civ_loading_say(a->l, severity, CIV_E_KEY, key->line, key->column, path,
                    "unknown key; 'civitas explain%s%s' lists the known ones", *a->path ? " " : "", a->path);
}

/* --- mappings -------------------------------------------------------------------------------------------------------- */

static bool is_mapping(civ_loading *l, const civ_node *node, const char *path)
{
  char shown[96];
  if (node->kind == CIV_NODE_MAP)
    return true;
  civ_node_describe(node, shown, sizeof shown);
  civ_loading_say(l, CIV_ERROR, CIV_E_TYPE, node->line, node->column, path,
                  "%s stands here; write a mapping, such as {key: value}", shown);
  return false;
}

/* The spelling "name.best" nearest to "name.key"; "" = none is near. */
static void nearest_below(const civ_section *table, const char *name, const char *key, char best[PATH])
{
  const size_t n = strlen(name);
  char word[PATH];
  civ_name_search near = civ_name_search_for(key);
  best[0] = 0;
  for (uint32_t k = 0; k < table->n_fields; k++)
    for (const char *p = table->fields[k].also; p && *p; p += strspn(p, " ")) {
      const size_t length = strcspn(p, " ");
      const int before = near.distance;
      if (length > n && strncmp(p, name, n) == 0 && p[n] == '.') {
        snprintf(word, sizeof word, "%.*s", (int)(length - n - 1), p + n + 1);
        civ_name_offer(&near, word);
        if (near.distance < before)
          strcpy(best, word);
      }
      p += length;
    }
}

/* Keys of a mapping that only holds other spellings ("params"). */
static void assign_below(assignment *a, const char *name, const char *path, const civ_node *node)
{
  char longer[PATH], deeper[PATH], best[PATH];
  if (node->kind == CIV_NODE_NULL || !is_mapping(a->l, node, path))
    return;
  for (uint32_t k = 0; k < node->n; k++) {
    const civ_key *key = &node->keys[k];
    join(longer, name, key->text);
    join(deeper, path, key->text);
    const spelling s = find_spelling(a->block->table, longer);
    if (s.field) {
      assign_field(a, &s, key, deeper, &node->items[k]);
      continue;
    }
    nearest_below(a->block->table, name, key->text, best);
    civ_loading_say(a->l, a->l->flags & CIV_LOAD_LENIENT ? CIV_WARNING : CIV_ERROR, CIV_E_KEY, key->line, key->column,
                    deeper, *best ? "unknown key; did you mean '%s.%s'?" : "unknown key", path, best);
  }
}

static void assign_key(assignment *a, const civ_key *key, const civ_node *value)
{
  char path[PATH];
  join(path, a->path, key->text);
  const spelling s = strchr(key->text, '.') ? (spelling){ NULL, UNSEEN } : find_spelling(a->block->table, key->text);
  if (s.field) {
    assign_field(a, &s, key, path, value);
    return;
  }
  if (leads_below(a->block->table, key->text)) {
    assign_below(a, key->text, path, value);
    return;
  }
  civ_block *below = a->nested && *key->text && !strchr(key->text, '.') ? civ_config_block(a->l->config, path) : NULL;
  if (!below || !*below->table->name) {
    say_unknown(a, key, path);
    return;
  }
  if (value->kind == CIV_NODE_NULL || !is_mapping(a->l, value, path))
    return;
  below->line = key->line;
  below->given = value->n > 0 || !below->table->absent_is_off;
  civ_assign_block(a->l, below, value, path, NULL, true);
}

void civ_assign_block(civ_loading *l, civ_block *block, const civ_node *node, const char *path,
                      const char *const *others, bool nested)
{
  assignment a = { l,      block,  path,
                   others, nested, civ_arena_take(&l->config->arena, block->table->n_fields, sizeof(seen)) };
  if (!a.seen) {
    civ_loading_no_memory(l);
    return;
  }
  for (uint32_t k = 0; k < block->table->n_fields; k++)
    a.seen[k].rank = UNSEEN;
  for (uint32_t k = 0; k < node->n; k++) {
    int other = 0;
    while (others && others[other] && strcmp(others[other], node->keys[k].text) != 0)
      other++;
    if (!others || !others[other])
      assign_key(&a, &node->keys[k], &node->items[k]);
  }
}
