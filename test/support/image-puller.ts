import { openImageLab } from './image-lab.ts'

// An engine of its own that a test kills in the middle: `image-puller.ts <lab directory> <image>`.
const [, , dir, name] = process.argv
using lab = openImageLab(undefined, dir!, `${dir}/skopeo`)
await lab.images.pull(name!, {}, () => {}, lab.signal)
