/**
 * A command line for a program that must not outlive the engine: killed in the middle of its work, the engine would begin
 * the same work again beside it.
 *
 * @source setpriv(1), "--pdeathsig"; it becomes the program
 */
export function mortalCommand(program: string, args: readonly string[]): readonly [string, string[]] {
  return ['setpriv', ['--pdeathsig=KILL', '--', program, ...args]]
}
