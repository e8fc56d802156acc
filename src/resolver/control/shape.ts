import { isIP } from 'node:net'
import { EngineError } from '../../base/errors.ts'

/** Turns something that came over the wire into a value of ours. @throws {EngineError} `invalid-argument` */
export type Shape<T> = (value: unknown, where: string) => T

function wrong(where: string, wanted: string): EngineError {
  return new EngineError('invalid-argument', `Cannot read request: ${where} is not ${wanted}`)
}

/** A text that is not empty. */
export const text: Shape<string> = (value, where) => {
  if (typeof value !== 'string' || value === '') throw wrong(where, 'a text')
  return value
}

/** `true` or `false`: no other value stands for them. */
export const truth: Shape<boolean> = (value, where) => {
  if (typeof value !== 'boolean') throw wrong(where, 'true or false')
  return value
}

/** A numeric address of either family. */
export const address: Shape<string> = (value, where) => {
  if (typeof value !== 'string' || isIP(value) === 0) throw wrong(where, 'an address')
  return value
}

/** 0 to 65535. */
export const port: Shape<number> = (value, where) => {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 65_535) throw wrong(where, 'a port')
  return value as number // Number.isInteger has seen to it
}

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value, where) => {
    const word = words.find((candidate) => candidate === value)
    if (word === undefined) throw wrong(where, `one of ${words.join(', ')}`)
    return word
  }
}

/** What the first shape takes, or else the second, which has the last word. */
export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return (value, where) => {
    try {
      return first(value, where)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      return second(value, where)
    }
  }
}

/** A list of one kind of item. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw wrong(where, 'a list')
    return value.map((element, i) => item(element, `${where}[${i}]`))
  }
}

/** An object with any keys. */
export function dictionary<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, where) =>
    Object.fromEntries(Object.entries(plain(value, where)).map(([key, each]) => [key, item(each, `${where}.${key}`)]))
}

/** An object with these fields; others are not looked at. */
export function object<T extends object>(fields: { readonly [K in keyof T]: Shape<T[K]> }): Shape<T> {
  return (value, where) => {
    const source = plain(value, where)
    const entries = Object.entries<Shape<unknown>>(fields).map(([key, field]) => [
      key,
      field(source[key], `${where}.${key}`),
    ])
    return Object.fromEntries(entries.filter(([, field]) => field !== undefined)) as T // one field for each key of T
  }
}

/** Something that may be left out: the field is absent then. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, where) => (value === undefined ? undefined : shape(value, where))
}

function plain(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'an object')
  return value as Record<string, unknown> // what else is an object and no array
}
