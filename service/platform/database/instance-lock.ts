import { link, rename, rm, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { StartProblem } from '../start-problem.ts'

interface InstanceLock {
  release(): Promise<void>
}

/**
 * Holds a data folder for one process. The lock is a listening socket, so the kernel drops it however the
 * process ends, and it is seen from other containers on the same volume, where process ids mean nothing.
 */
export async function lockInstance(path: string, dataDirectory: string): Promise<InstanceLock> {
  const own = `${path}.${process.pid}`
  await rm(own, { force: true })
  const server = await listen(own)
  try {
    await claim(own, path, dataDirectory)
  } catch (error) {
    await close(server, own)
    throw error
  }
  await rm(own, { force: true })
  return { release: () => close(server, path) }
}

async function claim(own: string, path: string, dataDirectory: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return await link(own, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    await refuseIfHeld(path, dataDirectory)
    // Moved aside rather than deleted: another start may have replaced it since we asked.
    const aside = `${path}.${process.pid}.old`
    const moved = await rename(path, aside).then(
      () => true,
      () => false,
    )
    if (!moved) continue
    const holder = await askHolder(aside)
    if (holder) await link(aside, path).catch(() => {})
    await unlink(aside)
    if (holder) throw alreadyRunning(holder, dataDirectory)
  }
  throw new StartProblem(`Several starts at once on the data folder ${dataDirectory}. Start Phasegate once.`)
}

async function refuseIfHeld(path: string, dataDirectory: string): Promise<void> {
  const holder = await askHolder(path)
  if (holder) throw alreadyRunning(holder, dataDirectory)
}

function alreadyRunning(holder: string, dataDirectory: string): StartProblem {
  return new StartProblem(
    `Phasegate already runs on the data folder ${dataDirectory} (process ${holder}). ` +
      'Stop that one first, or set PHASEGATE_DATA to another folder.',
  )
}

/** The process id that the holder of the lock tells, or null when nobody listens any more. */
function askHolder(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(path)
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk) => (said += chunk.toString()))
    socket.once('error', () => resolve(null))
    socket.once('close', (failed) => resolve(failed ? null : said.trim() || 'not told'))
  })
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(`${process.pid}\n`))
    server.once('error', reject)
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })
}

async function close(server: Server, path: string): Promise<void> {
  await rm(path, { force: true })
  await new Promise((resolve) => server.close(resolve))
}
