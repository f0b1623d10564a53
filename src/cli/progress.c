#include "cli/progress.h"

#include <stdio.h>
#include <time.h>

#include "cli/terminal.h"

double civ_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

civ_progress civ_progress_begin(bool quiet, bool wanted)
{
  civ_progress p = { .redrawn = civ_terminal(stderr) };
  p.on = !quiet && (p.redrawn || wanted);
  p.start = civ_seconds();
  p.next = p.start + 0.25; /* what is over sooner needs no line */
  return p;
}

static void print_time(double seconds)
{
  if (seconds < 60)
    fprintf(stderr, "%.0f s", seconds);
  else if (seconds < 3600)
    fprintf(stderr, "%.0f min %02.0f s", (double)(long)(seconds / 60), seconds - 60 * (double)(long)(seconds / 60));
  else
    fprintf(stderr, "%.1f h", seconds / 3600);
}

static void print_rate(double rate)
{
  if (rate >= 1e6)
    fprintf(stderr, "%.1f million", rate / 1e6);
  else
    fprintf(stderr, "%.0f", rate);
}

static void print_bar(double share, int width)
{
  const int full = (int)(share * width);
  fputc('[', stderr);
  for (int k = 0; k < width; k++)
    fputc(k < full ? '#' : '.', stderr);
  fputs("] ", stderr);
}

/* agent_steps < 0: there are none to tell of. */
static void draw(civ_progress *p, double done, double all, const char *unit, double agent_steps)
{
  if (!p->on)
    return;
  const double now = civ_seconds();
  if (now < p->next)
    return;
  p->next = now + (p->redrawn ? 0.1 : 1.0);
  p->drawn = true;
  const double spent = now - p->start, share = all > 0 ? done / all : 0;
  const int width = civ_terminal_width(stderr);
  if (p->redrawn) {
    fputs("\r\033[K", stderr);
    if (width >= 100)
      print_bar(share, 20);
  }
  fprintf(stderr, "%.0f/%.0f %s", done, all, unit);
  if (spent > 0 && width != 0 && width < 50) {
    fflush(stderr);
    return;
  }
  fputs("  ", stderr);
  if (agent_steps >= 0) {
    print_rate(spent > 0 ? agent_steps / spent : 0);
    fputs(" agent-steps/s  ", stderr);
  }
  if (share > 0) {
    print_time(spent / share - spent);
    fputs(" left", stderr);
  }
  if (!p->redrawn)
    fputc('\n', stderr);
  fflush(stderr);
}

void civ_progress_show(civ_progress *p, double done, double all, const char *unit, double agent_steps)
{
  draw(p, done, all, unit, agent_steps);
}

void civ_progress_count(civ_progress *p, double done, double all, const char *unit)
{
  draw(p, done, all, unit, -1);
}

void civ_progress_end(civ_progress *p)
{
  if (p->on && p->redrawn && p->drawn) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
  }
  p->on = false;
}
