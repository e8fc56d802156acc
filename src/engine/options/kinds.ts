/** How one sort of value is written on the command line, and what it is in the file. */
export interface Kind<T> {
  /** What stands for the value in the help: `"list"`; empty for a switch, which needs none. */
  readonly placeholder: string
  /** True: the flag may be given several times. */
  readonly repeats: boolean
  /** Reads the words of a flag, in their order; what cannot be read is answered as it is, and then not taken. */
  readonly parse: (words: readonly string[]) => unknown
  readonly is: (value: unknown) => value is T
}

/** `--default-address-pool base=10.10.0.0/16,size=24` */
export interface AddressPool {
  readonly base: string
  readonly size: number
}

type Text = Readonly<Record<string, string>>

const last = (words: readonly string[]): string => words.at(-1) ?? ''
const isText = (value: unknown): value is string => typeof value === 'string'
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTextMap = (value: unknown): value is Text => isObject(value) && Object.values(value).every(isText)

/** One line of text. */
export const text: Kind<string> = { placeholder: 'string', repeats: false, parse: last, is: isText }

/** One of these words. */
export function oneOf<const Word extends string>(...choices: readonly Word[]): Kind<Word> {
  return { ...text, is: (value): value is Word => choices.some((choice) => choice === value) }
}

/** A switch: `--icc`, `--icc=false`. */
export const boolean: Kind<boolean> = {
  placeholder: '',
  repeats: false,
  parse: (words) => {
    const word = last(words)
    if (/^(|1|t|T|true|TRUE|True)$/.test(word)) return true
    return /^(0|f|F|false|FALSE|False)$/.test(word) ? false : word
  },
  is: (value) => typeof value === 'boolean',
}

/** A switch of which it matters whether it was given at all. */
export const maybeBoolean: Kind<boolean | undefined> = {
  ...boolean,
  is: (value) => value === undefined || boolean.is(value),
}

/** A whole number. */
export const integer: Kind<number> = {
  placeholder: 'int',
  repeats: false,
  parse: (words) => (/^[+-]?\d+$/.test(last(words)) ? Number(last(words)) : last(words)),
  is: (value): value is number => Number.isInteger(value),
}

/** One word for each time that the flag is given. */
export const list: Kind<readonly string[]> = {
  placeholder: 'list',
  repeats: true,
  parse: (words) => words,
  is: (value): value is readonly string[] => Array.isArray(value) && value.every(isText),
}

/** `--log-opt max-size=10m` */
export const map: Kind<Text> = {
  placeholder: 'map',
  repeats: true,
  parse: (words) => Object.fromEntries(words.map(split)),
  is: isTextMap,
}

/** `--default-network-opt bridge=com.docker.network.driver.mtu=1400`: options of networks, by driver. */
export const networkOptions: Kind<Readonly<Record<string, Text>>> = {
  placeholder: 'mapmap',
  repeats: true,
  parse: (words) => {
    const drivers: Record<string, Record<string, string>> = {}
    for (const word of words) {
      const [driver, rest] = split(word)
      const [key, value] = split(rest)
      if (driver === '' || key === '') return word
      drivers[driver] = { ...drivers[driver], [key]: value }
    }
    return drivers
  },
  is: (value): value is Readonly<Record<string, Text>> => isObject(value) && Object.values(value).every(isTextMap),
}

/** Blocks that networks without a subnet are cut from. */
export const pools: Kind<readonly AddressPool[]> = {
  placeholder: 'pool-options',
  repeats: true,
  parse: (words) =>
    words.map((word) => {
      const { base, size, ...more } = Object.fromEntries(word.split(',').map(split))
      return Object.keys(more).length > 0 ? word : { base, size: Number(size) }
    }),
  is: (value): value is readonly AddressPool[] =>
    Array.isArray(value) && value.every((pool) => isText(pool?.base) && Number.isInteger(pool?.size)),
}

/** `"a=b=c"` is `a` and `b=c`. */
function split(word: string): readonly [string, string] {
  const at = word.indexOf('=')
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
}
