/** One operand of a template's command. */
export type Operand =
  | { readonly kind: 'literal'; readonly value: unknown }
  /** `.` followed by fields: `.NetworkSettings.Networks`; none is the dot itself. */
  | { readonly kind: 'fields'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'group'; readonly pipeline: Pipeline; readonly fields: readonly string[] }

/** `a b c`: an operand and its arguments. */
export type Command = readonly [Operand, ...Operand[]]

/** `{{$x := a b | c}}`: commands of which each gets the value of the one before as its last argument. */
export interface Pipeline {
  readonly variables: readonly string[]
  /** True for `:=`, false for `=`. */
  readonly declares: boolean
  readonly commands: readonly Command[]
}

/** One node of a template. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | Block
  | { readonly kind: 'leave'; readonly how: 'break' | 'continue' }

/** `if`, `range` or `with`, up to its `end`. */
export interface Block {
  readonly kind: 'if' | 'range' | 'with'
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}
