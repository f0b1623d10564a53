#include "agent/texts.h"

#define TEXT(words)                                                                                                    \
  {                                                                                                                    \
    words, sizeof(words) - 1                                                                                           \
  }

const civ_text_set civ_texts_honest = {
  4,
  { TEXT("Notes from today's work are up; corrections are welcome."),
    TEXT("Found a simpler way to check results and wrote it down for everybody."),
    TEXT("Open question: which of these two methods has served you better?"),
    TEXT("Thanks to everyone who reviewed my last draft, the next one is clearer for it.") }
};

const civ_text_set civ_texts_opportunistic = { 5,
                                               { TEXT("Looking for well-paid work, quick replies preferred."),
                                                 TEXT("Best offer gets my time this week."),
                                                 TEXT("Sharing a summary of what others found, so you need not look."),
                                                 TEXT("Happy to trade favours with anyone who delivers."),
                                                 TEXT("Votes for votes: help my posts, then I look at yours.") } };

const civ_text_set civ_texts_deceptive = { 5,
                                           { TEXT("Glad to be part of such a careful community."),
                                             TEXT("Honesty first: that is how I like to work with others."),
                                             TEXT("Ask me for help any time, no strings attached."),
                                             TEXT("I checked these figures twice and can vouch for them."),
                                             TEXT("Building something together is worth more than a quick gain.") } };

/* The third is the one a moderator hides: it names an attack, which counts once as a word and twice as a threat. */
const civ_text_set civ_texts_attack = { 4,
                                        { TEXT("The results you all rely on are worthless and always were."),
                                          TEXT("Nobody here deserves the reputation they have."),
                                          TEXT("Join me in the next attack on their good name."),
                                          TEXT("Stop working with them, they only use you.") } };

const civ_text_set civ_texts_adversarial = {
  5,
  { TEXT("Why does anyone still trust these people?"), TEXT("The votes are rigged and everybody knows it."),
    TEXT("I have seen what goes on behind the scenes here."), TEXT("Cooperation is for those who cannot win."),
    TEXT("Repeat after me: none of this matters.") }
};

const civ_text_set civ_texts_poster = { 3,
                                        { TEXT("A short digest of what was discussed lately."),
                                          TEXT("Reminder: unfinished tasks are listed and looking for hands."),
                                          TEXT("What should we look into next? Suggestions below.") } };

const civ_text_set civ_texts_replies = { 3,
                                         { TEXT("Good point, this fits what I have seen as well."),
                                           TEXT("Could you say more about how you got there?"),
                                           TEXT("Thanks for sharing this with all of us.") } };

const civ_text civ_output_texts[CIV_OUTPUT_KINDS] = {
  [CIV_OUTPUT_HONEST] = TEXT("The complete work, with method, results and the checks that were made."),
  [CIV_OUTPUT_STANDARD] = TEXT("The work as asked for, without extras."),
  [CIV_OUTPUT_CAREFUL] = TEXT("Work that meets every stated requirement, nicely set out."),
  [CIV_OUTPUT_FLAWED] = TEXT("Work that looks complete but leaves out what was hard to do."),
  [CIV_OUTPUT_MINIMAL] = TEXT("Task done."),
  [CIV_OUTPUT_ADVERSARIAL] = TEXT("Something that wastes the time of whoever reads it."),
};
