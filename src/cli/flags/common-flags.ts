import type { FlagSpec } from './flag-spec.ts'

/** Checks `name=value`. @throws {Error} with Docker's words */
function checkFilter(value: string): void {
  if (!value.includes('=')) throw new Error('bad format of filter (expected name=value)')
}

/** `-f, --filter`, as lists have it. */
export const filterFlag: FlagSpec = {
  name: 'filter',
  short: 'f',
  kind: 'list',
  typeName: 'filter',
  help: 'Filter output based on conditions provided',
  check: checkFilter,
}

/** `--filter` where `-f` is another flag. */
export const longFilterFlag: FlagSpec = {
  name: 'filter',
  kind: 'list',
  typeName: 'filter',
  help: 'Provide filter values (e.g. "until=<timestamp>")',
  check: checkFilter,
}

/** `--format` of lists: tables as well. */
export const listFormatFlag: FlagSpec = {
  name: 'format',
  kind: 'string',
  help: "Format output: 'table' (default), 'table TEMPLATE', 'json', or a Go template for each line",
}

/** `-f, --format` of what is shown as JSON or by a template. */
export const formatFlag: FlagSpec = {
  name: 'format',
  short: 'f',
  kind: 'string',
  help: "Format output: 'json', or a Go template",
}

/** `--no-trunc`. */
export const noTruncFlag: FlagSpec = { name: 'no-trunc', kind: 'bool', help: "Don't truncate output" }

/** `--detach-keys`. */
export const detachKeysFlag: FlagSpec = {
  name: 'detach-keys',
  kind: 'string',
  help: 'Override the key sequence for detaching a container',
}

/** `--reach`: ours, of commands that show containers. */
export const reachFlag: FlagSpec = { name: 'reach', kind: 'bool', help: 'Say from where published ports are reached' }
