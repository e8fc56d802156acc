import assert from 'node:assert/strict'
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { RootedFiles } from './rooted-files.ts'

/** Renames a directory to and fro, as fast as it can. */
const renamer = `
  const { renameSync } = require('node:fs')
  const { workerData: paths, parentPort } = require('node:worker_threads')
  parentPort.postMessage('renames')
  for (let i = 0; ; i++) renameSync(paths[i % 2], paths[(i + 1) % 2])`

test('RootedFiles.stat() finds a path with ".." whatever is renamed elsewhere meanwhile', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'rooted-'))
  for (const name of ['root/bin', 'elsewhere/a']) mkdirSync(join(dir.path, name), { recursive: true })
  writeFileSync(join(dir.path, 'root/bin/busybox'), 'program')
  symlinkSync('../bin/busybox', join(dir.path, 'root/bin/sh'))
  const workerData = ['a', 'b'].map((name) => join(dir.path, 'elsewhere', name))
  const worker = new Worker(renamer, { eval: true, workerData })
  await new Promise((resolve) => worker.once('message', resolve))
  using files = new RootedFiles(join(dir.path, 'root'))
  try {
    for (let i = 0; i < 50_000; i++) assert.equal(files.stat('/bin/sh')?.size, 7)
  } finally {
    await worker.terminate()
  }
})
