import type { Cli } from './docker.ts'

/**
 * What the engine told until now, a line for each event. The client cuts times down to whole seconds unless they are numbers.
 *
 * @param format  `"{{.Action}}"`, or `"{{json .}}"`
 * @param filters  `"event=die"`, `"container=box"`
 */
export async function pastEvents(docker: Cli, format: string, ...filters: readonly string[]): Promise<string[]> {
  const range = ['--since', '1', '--until', (Date.now() / 1000).toFixed(3)]
  const wanted = filters.flatMap((filter) => ['-f', filter])
  const said = await docker.ok('events', ...range, ...wanted, '--format', format)
  return said.split('\n').filter(Boolean)
}
