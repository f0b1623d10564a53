#!/bin/bash
# Completion scripts and the manual page know every command and option.
. "$(dirname "$0")/lib.sh"

for shell in bash zsh fish man; do
  expect 0 civitas completion $shell
  cp out "completion.$shell"
done
holds "bash reads it" bash -n completion.bash
command -v zsh >/dev/null && holds "zsh reads it" zsh -n completion.zsh
command -v fish >/dev/null && holds "fish reads it" fish -n completion.fish
for command in $(civitas | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
  for shell in bash zsh fish; do
    says completion.$shell "$command"
  done
  expect 0 civitas "$command" --help
  for option in $(sed -n 's/^  \(-., \)\? *--\([a-z-]*\).*/\2/p' out); do
    [ "$option" = help ] && continue
    says completion.bash "--$option"
    says completion.zsh "--$option"
    says completion.fish "-l $option"
    says completion.man "\\-\\-${option//-/\\-}"
  done
done

# The page on the command line names every command.
for command in $(civitas | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
  says "$SOURCES/docs/command-line.md" "| \`$command\` |"
done

# What bash offers.
offers() {
  bash -c '. ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _civitas; printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}
offers civitas ru >offer
holds "a command" grep -qx run offer
offers civitas run --over >offer
holds "an option" grep -qx -- --override offer
offers civitas run small >offer
holds "a file" grep -qx small.yaml offer

if command -v man >/dev/null; then
  checks=$((checks + 1))
  [ -z "$(MANWIDTH=100 man --warnings -l completion.man 2>&1 >/dev/null)" ] || fail "the manual page has warnings"
fi
finish
