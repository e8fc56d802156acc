/** The door of the program: `wharf daemon` and `wharf resolver` are the engine's processes, the rest is the client. */
const [command, ...words] = process.argv.slice(2)

if (command === 'daemon') {
  const { runDaemon } = await import('./daemon/daemon.ts')
  process.exit(await runDaemon(words))
} else if (command === 'resolver') {
  const { runResolver } = await import('./resolver/run.ts')
  process.exit(await runResolver(words))
} else {
  const { runCli } = await import('./cli/main.ts')
  process.exitCode = await runCli(process.argv.slice(2))
}
