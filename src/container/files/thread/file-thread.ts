import { closeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { EngineError } from '../../../base/errors.ts'
import type { FileAnswer, FileChange, FileJob } from '../job.ts'
import { fileFailure } from './file-failure.ts'
import { findChanges } from './find-changes.ts'
import { openView } from './open-view.ts'
import { packAll, packLayer, packPath } from './pack-tree.ts'
import { statPath } from './stat-path.ts'
import { unpackArchive } from './unpack-archive.ts'

// The program of a thread: takes one job after the other. All of its calls wait, as a thread of its own may.

const port = parentPort!
const say = (answer: FileAnswer) => port.postMessage(answer)

port.on('message', (job: FileJob) => {
  const answer = answerTo(job)
  // Before the answer: who reads it may end this thread.
  if ('outputFd' in job) closeSync(job.outputFd)
  if ('inputFd' in job) closeSync(job.inputFd)
  say(answer)
})

function answerTo(job: FileJob): FileAnswer {
  try {
    const changes = run(job)
    return { kind: 'done', ...(changes && { changes }) }
  } catch (error) {
    const failure = fileFailure(error)
    const kind = failure instanceof EngineError ? failure.kind : undefined
    return { kind: 'failed', error: { kind, message: kind ? failure.message : (failure.stack ?? failure.message) } }
  }
}

function run(job: FileJob): readonly FileChange[] | undefined {
  if (job.kind === 'changes') return findChanges(job.upper, job.lower)
  if (job.kind === 'pack-layer') {
    packLayer(job.upper, job.outputFd)
    return undefined
  }
  using view = openView(job.view)
  if (job.kind === 'stat') say({ kind: 'found', found: statPath(view.root, job.path) })
  else if (job.kind === 'pack-all') packAll(view.root, job.outputFd)
  else if (job.kind === 'unpack') unpackArchive(view.root, job)
  else {
    say({ kind: 'found', found: statPath(view.root, job.path) })
    packPath(view.root, job.path, job.outputFd)
  }
  return undefined
}
