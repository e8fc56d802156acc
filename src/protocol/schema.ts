/** What JSON has; an `integer` is a number without a fraction. */
export type TypeName = 'string' | 'integer' | 'boolean' | 'array' | 'object' | 'null'

/**
 * Schemas of request bodies, in the few words that Docker's bodies need.
 *
 * Like Docker's own decoder they let unknown fields pass, and take `null` wherever a value may be missing.
 */
export interface Schema {
  readonly type: readonly TypeName[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  /** Of a list: so many items, no more and no fewer. */
  readonly length?: number
}

/** Any string. */
export const text: Schema = { type: ['string', 'null'] }

/** `true` or `false`. */
export const flag: Schema = { type: ['boolean', 'null'] }

/** A whole number. */
export const integer: Schema = { type: ['integer', 'null'] }

/** A list of strings, or one string that stands for a list of one, as Docker takes commands. */
export const words: Schema = { type: ['array', 'string', 'null'], items: { type: ['string'] } }

/** Any object: the keys are what counts, as in `ExposedPorts`. */
export const anything: Schema = { type: ['object', 'null'] }

/** A list whose items all have one schema. */
export function list(items: Schema): Schema {
  return { type: ['array', 'null'], items }
}

/** An object whose keys are data: labels, options, port bindings. */
export function map(values: Schema): Schema {
  return { type: ['object', 'null'], additionalProperties: values }
}

/** An object of known fields. */
export function fields(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: ['object', 'null'], properties }
}

/** Where a value is not what its schema says. */
export interface Flaw {
  /** Names of fields, and numbers of items: `["Mounts", "0", "Type"]`. */
  readonly path: readonly string[]
  /** What should be there. */
  readonly schema: Schema
}

/** The first place where a value does not keep to a schema, in the order of the value. */
export function findFlaw(schema: Schema, value: unknown): Flaw | undefined {
  if (!schema.type.some((type) => isOfType(type, value))) return { path: [], schema }
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) && value.length !== (schema.length ?? value.length)) return { path: [], schema }
  for (const [key, item] of Object.entries(value)) {
    const inner = schemaOf(schema, value, key)
    const flaw = inner && findFlaw(inner, item)
    if (flaw) return { path: [key, ...flaw.path], schema: flaw.schema }
  }
  return undefined
}

function isOfType(type: TypeName, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === type
  }
}

/** The schema of one item or field; undefined for a field that is not known. */
function schemaOf({ items, properties, additionalProperties }: Schema, value: object, key: string): Schema | undefined {
  if (Array.isArray(value)) return items
  return properties && Object.hasOwn(properties, key) ? properties[key] : additionalProperties
}

/**
 * A body whose fields are called as the schema calls them: Docker's decoder finds a field in whatever case it is
 * written, so `{"name":"x"}` is `{"Name":"x"}`. Keys of maps are data and stay.
 */
export function foldFields(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => foldFields(schema.items!, item)) : value
  if (typeof value !== 'object' || value === null) return value
  const { properties, additionalProperties } = schema
  const entries = Object.entries(value)
  if (additionalProperties) {
    return Object.fromEntries(entries.map(([key, item]) => [key, foldFields(additionalProperties, item)]))
  }
  if (!properties) return value
  const folded = entries.map(([key, item]) => {
    const name = Object.hasOwn(properties, key) ? key : nameIn(properties, key)
    return [name ?? key, name === undefined ? item : foldFields(properties[name]!, item)] as const
  })
  return Object.fromEntries(folded)
}

function nameIn(properties: NonNullable<Schema['properties']>, key: string): string | undefined {
  const lower = key.toLowerCase()
  return Object.keys(properties).find((name) => name.toLowerCase() === lower)
}

/**
 * A checked body in the one form that the rest of the engine reads: a field that is `null` is left out, a command
 * that is a string becomes a list of one. A `null` in a list, or a text of a map, is the empty value, as for Docker;
 * other keys of maps keep their `null`: there it is a value.
 */
export function normalize(schema: Schema, value: unknown): unknown {
  if (schema === words && typeof value === 'string') return [value]
  if (Array.isArray(value))
    return schema.items ? value.map((item) => normalize(schema.items!, filled(schema.items!, item))) : value
  if (typeof value !== 'object' || value === null) return value
  const { properties, additionalProperties: values } = schema
  if (values) {
    const fill = values === text ? filled : (_: Schema, item: unknown) => item
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalize(values, fill(values, item))]))
  }
  if (!properties) return value
  const known = Object.entries(value).filter(([key, item]) => item !== null && Object.hasOwn(properties, key))
  return Object.fromEntries(known.map(([key, item]) => [key, normalize(properties[key]!, item)]))
}

const emptyValues: Readonly<Record<string, unknown>> = { string: '', boolean: false, integer: 0, object: {}, array: [] }

function filled({ type }: Schema, item: unknown): unknown {
  return item === null ? emptyValues[type[0]!] : item
}
