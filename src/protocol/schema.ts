/**
 * JSON schemas of request bodies, in the few words that Docker's bodies need.
 *
 * Like Docker's own decoder they let unknown fields pass, and take `null` wherever a value may be missing.
 */
export interface Schema {
  readonly type: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly minItems?: number
  readonly maxItems?: number
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

/**
 * A checked body in the one form that the rest of the engine reads: a field that is `null` is left out, a command
 * that is a string becomes a list of one. Keys of maps keep their `null`: there it is a value.
 */
export function normalize(schema: Schema, value: unknown): unknown {
  if (schema === words && typeof value === 'string') return [value]
  if (Array.isArray(value)) return schema.items ? value.map((item) => normalize(schema.items!, item)) : value
  if (typeof value !== 'object' || value === null) return value
  const { properties, additionalProperties } = schema
  if (additionalProperties) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalize(additionalProperties, item)]))
  }
  if (!properties) return value
  const known = Object.entries(value).filter(([key, item]) => item !== null && Object.hasOwn(properties, key))
  return Object.fromEntries(known.map(([key, item]) => [key, normalize(properties[key]!, item)]))
}
