import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

/** Packages that only compile and check. */
const forWriting = /node_modules\/(typescript|@typescript|@biomejs|@types|\.bin|\.cache)(\/|$)/

/**
 * Packs what of the checkout runs, in one file for the guest: there every look into a shared directory is a question
 * to the host, and an engine has hundreds of files.
 *
 * Types are taken out here: Node does so with a WebAssembly program, which takes an emulated processor a minute.
 * Positions stay as they are; `load-stripped.ts` says that there is nothing left to do.
 *
 * @param directory where `checkout.tar` is to be
 */
export function packCheckout(top: string, directory: string): void {
  const copy = join(directory, 'checkout')
  mkdirSync(copy)
  for (const name of ['src', 'test', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(join(top, name), join(copy, name), { recursive: true })
  }
  const filter = (path: string): boolean => !forWriting.test(path.slice(top.length))
  cpSync(join(top, 'node_modules'), join(copy, 'node_modules'), { recursive: true, filter })
  for (const path of globSync('{src,test}/**/*.ts', { cwd: copy })) {
    const file = join(copy, path)
    writeFileSync(file, stripTypeScriptTypes(readFileSync(file, 'utf8')))
  }
  execFileSync('tar', ['-C', copy, '-cf', join(directory, 'checkout.tar'), '.'])
  rmSync(copy, { recursive: true })
}
