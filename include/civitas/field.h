/* field.h - a config struct described once.
 *
 * Beside every config struct stands one table of fields. From it come: defaults, YAML reading and checking, --override,
 * sweep axes, the JSON echo, `civitas explain`, the reference documentation. A default stands nowhere else. */
#ifndef CIVITAS_FIELD_H
#define CIVITAS_FIELD_H

#include "civitas/status.h"

CIV_BEGIN_DECLS

/* How a field is stored in its struct (at `offset`) and written in YAML. */
typedef enum civ_field_kind {
  CIV_FIELD_REAL,        /* double */
  CIV_FIELD_INTEGER,     /* int64_t */
  CIV_FIELD_BOOLEAN,     /* bool */
  CIV_FIELD_CHOICE,      /* int32_t: index into `choices` */
  CIV_FIELD_TEXT,        /* const char *, NULL = none; owned by the config */
  CIV_FIELD_OPT_REAL,    /* civ_opt_real: null = none */
  CIV_FIELD_OPT_INTEGER, /* civ_opt_integer: null = none (unlimited, never, ...) */
  CIV_FIELD_LIST,        /* civ_text_list: texts; each one of `choices` where given */
  CIV_FIELD_MAP_REAL,    /* civ_real_map: name -> real; names from `choices` where given */
  CIV_FIELD_MAP_LIST,    /* civ_list_map: name -> list of texts; names from `choices` where given */
  CIV_FIELD_TREE         /* civ_tree: YAML below this key: any, or mappings checked against the table `items` */
} civ_field_kind;

typedef struct civ_opt_real {
  bool set;
  double value;
} civ_opt_real;
typedef struct civ_opt_integer {
  bool set;
  int64_t value;
} civ_opt_integer;
typedef struct civ_text_list {
  const char *const *items;
  uint32_t n;
} civ_text_list;
typedef struct civ_real_map {
  const char *const *names;
  const double *values;
  uint32_t n;
} civ_real_map;
typedef struct civ_list_map {
  const char *const *names;
  const civ_text_list *lists;
  uint32_t n;
} civ_list_map;
/* JSON text of the subtree, NULL = absent; `line` is where it stands in its file (0 = not from a file). */
typedef struct civ_tree {
  const char *json;
  uint32_t line;
} civ_tree;

enum {
  CIV_FIELD_OPEN_MIN = 1u << 0,  /* the minimum itself is not allowed */
  CIV_FIELD_OPEN_MAX = 1u << 1,  /* the maximum itself is not allowed */
  CIV_FIELD_NO_EFFECT = 1u << 2, /* known, but nothing reads it: a warning says so when it is given */
  CIV_FIELD_SWITCH = 1u << 3,    /* a value other than the default switches something on (see `needs`) */
  CIV_FIELD_OFF_NULL = 1u << 4,  /* null is read as the default (max_actions_per_step: null, auto) */
  CIV_FIELD_ANY_CASE = 1u << 5,  /* choices are matched in any letter case */
  CIV_FIELD_NON_EMPTY = 1u << 6, /* an empty text, list or map is refused */
  CIV_FIELD_SECRET = 1u << 7,    /* never written anywhere */
  CIV_FIELD_MERGE = 1u << 8, /* of a map: names that are not given keep the default's entry, given ones follow them */
  CIV_FIELD_NAMED = 1u << 9, /* of a tree with `items`: mapping name -> mapping; otherwise a list of mappings */
  CIV_FIELD_ONE = 1u << 10,  /* of a tree with `items`: one mapping */
  CIV_FIELD_REQUIRED = 1u << 11 /* of a field in a table of items: must be given */
};

typedef struct civ_field {
  const char *name; /* key in YAML */
  const char *unit; /* "share", "epochs", ...; "" = none */
  const char *doc;  /* one sentence: what it changes */
  const char
      *also; /* accepted alias names, blank-separated; NULL = none. A dotted one ("params.k") is a place below the
                        section: an ordinary spelling that goes before the canonical name, first listed first */
  const char *hint; /* names that are errors but whose message points here, blank-separated; NULL = none */
  const char *const
      *choices;         /* NULL-terminated, where the kind uses them; of OPT_ kinds and with OFF_NULL: words read as
                                 null ("auto", "never", "omit") */
  const char *fallback; /* default as YAML text ("0.5", "true", "null", "round_robin", "[]") */
  double min, max;      /* of numbers; -INFINITY/INFINITY = no bound (NaN and infinities are always refused) */
  const char *needs;    /* CIV_FIELD_SWITCH: name of the part that must be built, "" = always there */
  uint32_t offset;      /* of the member in its struct */
  uint16_t kind;        /* civ_field_kind */
  uint16_t flags;
  const struct civ_section *items; /* of a tree: the table its mappings are checked against; NULL = none */
} civ_field;

/* A config section: a struct and its table. Sections nest by dotted name ("proxy.weights"). */
typedef struct civ_section {
  const char *name;    /* "payoff", "simulation", "proxy.weights" ... */
  const char *doc;     /* one sentence */
  const char *chapter; /* subject it belongs to, for the reference: "payoff", "governance" */
  const civ_field *fields;
  uint32_t n_fields;
  uint32_t size; /* sizeof the struct */
  bool
      absent_is_off; /* presence matters (network, auction ...): must be set where it does; an empty map counts as none */
  const char *part; /* part that must be built for the section to be switched on; NULL = always there */
} civ_section;

/* Where a value came from. */
typedef enum civ_origin_kind {
  CIV_ORIGIN_DEFAULT,
  CIV_ORIGIN_PRESET,
  CIV_ORIGIN_FILE,
  CIV_ORIGIN_OVERRIDE
} civ_origin_kind;
typedef struct civ_origin {
  uint32_t line;
  uint8_t kind;
} civ_origin;

/* Table-building macros: CIV_REAL(struct, member, "0.5", 0, 1, "share", "doc") and so on. */
#define CIV_FIELD_AT(type, member) (uint32_t) offsetof(type, member)
/* The last argument is the doc sentence, optionally followed by more members: "doc", .flags = CIV_FIELD_SWITCH. */
#define CIV_NUMBER_(type, member, kind_, dflt, lo, hi, unit_, ...)                                                     \
  {                                                                                                                    \
    .name = #member, .unit = unit_, .fallback = dflt, .min = lo, .max = hi, .offset = CIV_FIELD_AT(type, member),      \
    .kind = kind_, .doc = __VA_ARGS__                                                                                  \
  }
#define CIV_REAL(type, member, dflt, lo, hi, unit_, ...)                                                               \
  CIV_NUMBER_(type, member, CIV_FIELD_REAL, dflt, lo, hi, unit_, __VA_ARGS__)
#define CIV_INTEGER(type, member, dflt, lo, hi, unit_, ...)                                                            \
  CIV_NUMBER_(type, member, CIV_FIELD_INTEGER, dflt, lo, hi, unit_, __VA_ARGS__)
#define CIV_OPT_REAL(type, member, dflt, lo, hi, unit_, ...)                                                           \
  CIV_NUMBER_(type, member, CIV_FIELD_OPT_REAL, dflt, lo, hi, unit_, __VA_ARGS__)
#define CIV_OPT_INTEGER(type, member, dflt, lo, hi, unit_, ...)                                                        \
  CIV_NUMBER_(type, member, CIV_FIELD_OPT_INTEGER, dflt, lo, hi, unit_, __VA_ARGS__)
#define CIV_BOOLEAN(type, member, dflt, ...)                                                                           \
  {                                                                                                                    \
    .name = #member, .unit = "", .fallback = dflt, .offset = CIV_FIELD_AT(type, member), .kind = CIV_FIELD_BOOLEAN,    \
    .doc = __VA_ARGS__                                                                                                 \
  }
#define CIV_CHOICE(type, member, dflt, choices_, ...)                                                                  \
  {                                                                                                                    \
    .name = #member, .unit = "", .fallback = dflt, .choices = choices_, .offset = CIV_FIELD_AT(type, member),          \
    .kind = CIV_FIELD_CHOICE, .doc = __VA_ARGS__                                                                       \
  }
#define CIV_TEXT(type, member, dflt, ...)                                                                              \
  {                                                                                                                    \
    .name = #member, .unit = "", .fallback = dflt, .offset = CIV_FIELD_AT(type, member), .kind = CIV_FIELD_TEXT,       \
    .doc = __VA_ARGS__                                                                                                 \
  }
#define CIV_LIST(type, member, choices_, ...)                                                                          \
  {                                                                                                                    \
    .name = #member, .unit = "", .fallback = "[]", .choices = choices_, .offset = CIV_FIELD_AT(type, member),          \
    .kind = CIV_FIELD_LIST, .doc = __VA_ARGS__                                                                         \
  }
#define CIV_TREE(type, member, ...)                                                                                    \
  {                                                                                                                    \
    .name = #member, .unit = "", .fallback = "null", .offset = CIV_FIELD_AT(type, member), .kind = CIV_FIELD_TREE,     \
    .doc = __VA_ARGS__                                                                                                 \
  }

CIV_END_DECLS

#endif
