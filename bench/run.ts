import { cpus, release } from 'node:os'
import { cases } from './catalogue.ts'
import { openBenchEngine } from './support/engine.ts'
import { renderReport } from './support/report.ts'

/**
 * `npm run bench [CASE...]`: what the engine costs through its API, each case on an engine of its own.
 *
 * Prints medians beside the floor (what the parts cost by themselves, measured in the same run) and the goal. It
 * never fails for a figure: look at the ratios, machines differ.
 */
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(cases)
const unknown = chosen.filter((name) => !(name in cases))
if (unknown.length > 0) {
  console.error(`there is no bench "${unknown.join('", "')}"; there are: ${Object.keys(cases).join(', ')}`)
  process.exit(1)
}

console.log(`Node ${process.versions.node}, Linux ${release()}, ${cpus().length} processors`)
const rows = []
for (const name of chosen) {
  process.stderr.write(`${name}…\n`)
  await using engine = await openBenchEngine()
  rows.push(...(await cases[name]!(engine)))
}
console.log(renderReport(rows))
