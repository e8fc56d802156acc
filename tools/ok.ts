import { spawn } from 'node:child_process'

/** `npm run ok`: all that has to hold before a commit. The checks run together, then the tests; one summary at the end. */
const checks: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['node_modules/.bin/tsc', '-p', '.']],
  ['layers', [process.execPath, 'tools/check-layers.ts']],
  ['lint', ['node_modules/.bin/biome', 'check', '.']],
  ['docs', [process.execPath, 'tools/check-docs.ts']],
  ['features', [process.execPath, 'tools/check-features.ts']],
]
const tests: readonly [string, readonly string[]] = [
  'tests',
  [process.execPath, 'tools/run-tests.ts', ...process.argv.slice(2)],
]

interface Result {
  readonly name: string
  readonly code: number
  readonly seconds: number
}

/** Runs one check; what it says is shown at once when nothing else runs, and only on failure otherwise. */
function check([name, [command, ...args]]: readonly [string, readonly string[]], quiet: boolean): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<Result>()
  const begin = performance.now()
  const child = spawn(command!, args, { stdio: ['inherit', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'] })
  const said: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
  child.on('close', (code) => {
    if (code !== 0) process.stdout.write(Buffer.concat(said))
    resolve({ name, code: code ?? 1, seconds: (performance.now() - begin) / 1000 })
  })
  return promise
}

const results = [...(await Promise.all(checks.map((one) => check(one, true)))), await check(tests, false)]
console.log()
for (const { name, code, seconds } of results) {
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s`)
}
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1
