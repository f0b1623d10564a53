/* texts.h - what the built-in agents write. Nothing in the model reads the words, except a moderator, who finds harm in
 * exactly one of them: one of the four attack posts. */
#ifndef CIV_AGENT_TEXTS_H
#define CIV_AGENT_TEXTS_H

#include "civitas/part.h"

/* A set of texts to choose from uniformly. */
typedef struct civ_text_set {
  uint32_t n;
  civ_text texts[5];
} civ_text_set;

extern const civ_text_set civ_texts_honest, civ_texts_opportunistic, civ_texts_deceptive, civ_texts_attack,
    civ_texts_adversarial, civ_texts_poster, civ_texts_replies;

/* A task output by its kind; empty for CIV_OUTPUT_NONE. */
extern const civ_text civ_output_texts[CIV_OUTPUT_KINDS];

#endif
