import { isBefore } from '../versions.ts'

/**
 * The media type of standard streams on a connection.
 *
 * @param terminal  plain bytes, else frames
 * @param version   before API 1.42 both have one name
 */
export function streamType(terminal: boolean, version: string): string {
  return terminal || isBefore(version, '1.42')
    ? 'application/vnd.docker.raw-stream'
    : 'application/vnd.docker.multiplexed-stream'
}
