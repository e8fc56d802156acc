import { writeFileSync } from 'node:fs'
import { foreignOptions } from '../src/engine/options/elsewhere.ts'
import type { Option } from '../src/engine/options/option.ts'
import { options } from '../src/engine/options/options.ts'

/** Where the daemon's reference is. */
export const daemonReference = 'docs/reference/daemon.md'

/** The daemon's settings as a page: the same table that they are read by. Pure. */
export function renderDaemonReference(): string {
  const rows = Object.values<Option<unknown>>(options).toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const foreign = foreignOptions.map(({ flag }) => `\`${flag}\``).toSorted()
  return [
    '# wharf daemon',
    '',
    'Written by `node tools/write-reference.ts` from `src/engine/options`; do not edit it by hand.',
    '',
    'Settings come from flags (`--mtu 1400`, `--mtu=1400`) and from a JSON file: `--config-file FILE`, or',
    '`/etc/wharf/daemon.json` when it is there. What is said in both is refused, and so is a key that does not exist.',
    '`--validate` only reads them and says whether they are right. The names are those of dockerd.',
    '',
    'SIGHUP reads the file again: settings marked *reload* change at once, the others with the next start, and the log',
    'tells which. SIGINT and SIGTERM end the daemon.',
    '',
    '| key | flag | default | what | |',
    '|---|---|---|---|---|',
    ...rows.map(renderRow),
    '',
    '## Where a default is not Docker’s',
    '',
    '- `live-restore`: containers survive the daemon unless it is `false`.',
    '- `userland-proxy` is off: the firewall leads published ports from `127.0.0.1` too, and what it cannot lead',
    '  (`[::1]`, a host address of the other family) is always carried by the proxy.',
    '- `mtu` is `0`: what the host’s way out carries, at most Docker’s 1500 (decision 0009).',
    '- `default-address-pools`: Docker’s blocks, then `/24` blocks of `10.192.0.0/10`, so that they do not run out.',
    '- `data-root`, `exec-root`, `hosts`, `pidfile`: places of our own, so that both engines fit on one machine.',
    '',
    '## Taken without effect',
    '',
    'These belong to parts that are not here. They are taken, and the log has one line for each:',
    `${foreign.join(', ')}.`,
    '',
  ].join('\n')
}

function renderRow({ key, flag, short, kind, fallback, doc, reloadable }: Option<unknown>): string {
  const value = kind.placeholder && ` ${kind.placeholder}`
  const flags = `${short === undefined ? '' : `\`-${short}\`, `}\`--${flag}${value}\``
  return `| \`${key}\` | ${flags} | \`${JSON.stringify(fallback)}\` | ${doc} | ${reloadable ? '*reload*' : ''} |`
}

if (import.meta.main) writeFileSync(daemonReference, renderDaemonReference())
