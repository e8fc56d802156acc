import { examineOverlay } from '../../client/overlay.ts'
import type { OverlayReport } from '../../protocol/overlay.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { compileTemplate } from '../template/template.ts'
import { printLine } from '../terminal.ts'

/** `wharf overlay doctor`. */
export const command: Command = {
  usage: '[OPTIONS] [NETWORK]',
  arguments: { min: 0, max: 1 },
  flags: [formatFlag],
  examples: ['wharf overlay doctor', "wharf overlay doctor backend --format json | jq '.Findings[].What'"],
  async run({ args, flags, terminal, transport }) {
    const report = await examineOverlay(transport, args[0] ?? '')
    const format = flags.text('format')
    if (format === '') terminal.stdout.write(renderReport(report))
    else if (format === 'json') printLine(terminal.stdout, JSON.stringify(report))
    else printLine(terminal.stdout, compileTemplate(format).render(report))
    return report.Findings.length > 0 ? 1 : 0
  },
}

/** The findings in sentences, what to do about each below it, and a sentence to sum up. */
function renderReport({ Findings, Networks }: OverlayReport): string {
  const lines = Findings.flatMap(({ Network, What, Remedy }) => [
    Network === '' ? What : `${Network}: ${What}`,
    `  → ${Remedy}`,
  ])
  const paths = Networks.flatMap((network) => network.Paths)
  const good = paths.filter(({ State }) => State === 'ok').length
  const counted = `networks: ${Networks.length}, ways to other hosts: ${paths.length}, of full size: ${good}`
  const sum = Findings.length === 0 ? 'nothing differs' : `findings: ${Findings.length}`
  return `${[...lines, `${counted}; ${sum}`].join('\n')}\n`
}
