/**
 * The door of the program: `wharf daemon` and `wharf resolver` are the engine's processes, `wharf-cni` is what other
 * engines call, the rest is the client.
 */
const [command, ...words] = process.argv.slice(2)

if (command === 'daemon') {
  const { runDaemon } = await import('./daemon/daemon.ts')
  process.exit(await runDaemon(words))
} else if (command === 'resolver') {
  const { runResolver } = await import('./resolver/run.ts')
  process.exit(await runResolver(words))
} else if (command === 'cni') {
  const { runCni } = await import('./cni/run-cni.ts')
  process.exitCode = await runCni(process.env)
} else {
  const { runCli } = await import('./cli/main.ts')
  process.exitCode = await runCli(process.argv.slice(2))
}
