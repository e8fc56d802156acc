import type { Command } from '../command.ts'
import { ExitError } from '../errors.ts'
import { printLine } from '../terminal.ts'

/** `wharf completion`. The scripts ask `wharf __complete` for everything: what they know never grows old. */
export const command: Command = {
  usage: 'bash|zsh|fish',
  arguments: { min: 1, max: 1 },
  flags: [],
  examples: [
    'wharf completion bash > /etc/bash_completion.d/wharf',
    'wharf completion zsh > /usr/local/share/zsh/site-functions/_wharf',
    'wharf completion fish > ~/.config/fish/completions/wharf.fish',
  ],
  completes: 'none',
  async run({ args: [shell = ''], terminal }) {
    const script = scripts[shell]
    if (script === undefined) throw new ExitError(1, `Cannot complete for "${shell}": wharf knows bash, zsh and fish`)
    printLine(terminal.stdout, script)
    return 0
  },
}

const bash = `# bash completion for wharf
_wharf() {
  local IFS=$'\\n' current="\${COMP_WORDS[COMP_CWORD]}" line="\${COMP_LINE:0:COMP_POINT}"
  local -a words=()
  # COMP_WORDS splits at colons and equals signs; the line itself does not.
  IFS=' ' read -r -a words <<< "$line"
  [[ "$line" == *' ' ]] && words+=('')
  COMPREPLY=($(wharf __complete "\${words[@]:1}" 2>/dev/null))
  # Readline replaces only what stands behind the last colon.
  if [[ "\${words[-1]}" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    local prefix="\${words[-1]%"\${words[-1]##*:}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
  fi
}
complete -o default -F _wharf wharf`

const zsh = `#compdef wharf
_wharf() {
  local -a candidates
  candidates=("\${(@f)$(wharf __complete "\${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [[ -n "$candidates" ]]; then compadd -a candidates; else _files; fi
}
compdef _wharf wharf`

const fish = `# fish completion for wharf
function __wharf_complete
  set -l words (commandline -opc) (commandline -ct)
  wharf __complete $words[2..-1] 2>/dev/null
end
complete -c wharf -a '(__wharf_complete)'`

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish }
