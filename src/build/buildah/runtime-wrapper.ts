import { writeFileSync } from 'node:fs'

/**
 * Writes the program that buildah takes for the OCI runtime: it hides from a command what Docker hides, too, then
 * becomes the runtime. buildah mounts control groups so that a command could lift its own limits.
 *
 * @param path  on a file system whose programs may be run
 */
export function writeRuntimeWrapper(path: string, runtime: string): void {
  const readOnly = String.raw`s#\("destination":"/sys/fs/cgroup","type":"cgroup"[^]]*\)"rw"\]#\1"ro"]#`
  const lines = [
    '#!/bin/sh',
    'before=',
    'for word in "$@"; do',
    `  [ "$before" != --bundle ] || sed -i '${readOnly}' "$word/config.json" || exit 1`,
    '  before=$word',
    'done',
    `exec ${quote(runtime)} "$@"`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o700 })
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
