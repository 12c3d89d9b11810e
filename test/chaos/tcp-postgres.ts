import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import pg from 'pg'
import { databaseAccount } from '../../service/platform/database/account.ts'
import { prepareFiles, prepareFolders } from '../../service/platform/database/embedded-files.ts'
import { startPostmaster } from '../../service/platform/database/embedded-postmaster.ts'
import type { Stage } from './scenario.ts'
import { freePort } from '../support/free-port.ts'

const log = { info: () => {}, warn: () => {}, error: console.error }

/** A PostgreSQL as an operator would run it, reached over TCP. Resolves to its port on the loopback address. */
export async function startTcpPostgres(stage: Stage): Promise<number> {
  const account = databaseAccount()
  const folders = await prepareFolders(await stage.folder('postgres'), account)
  const files = await prepareFiles(folders, account)
  const port = await freePort()
  const settings = { listen_addresses: '127.0.0.1', port: String(port) }
  const postmaster = await startPostmaster({ files, account, log, settings })
  stage.onEnd(() => postmaster.stop())
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'phasegate', database: 'postgres' })
  await client.connect()
  await client.query('create database phasegate')
  await client.end()
  return port
}

/** What a network can do to connections. */
export type Weather =
  | 'fair'
  /** Nothing goes through, either way, and nobody is told; new connections are taken and swallowed too. */
  | 'swallows'
  /** What is sent arrives, and the answers don't. */
  | 'swallows answers'
  /** Nobody is there. */
  | 'refuses'

export interface Proxy {
  port: number
  set(weather: Weather): void
  /** Ends every connection that there is, on both sides. */
  cut(): void
  /** The database's side is ended, and the service's is left as if nothing had happened. */
  halfOpen(): void
  /** The next commits arrive, and the word that they did is lost with their connections. */
  loseCommits(count: number): void
  /** From now on these connections swallow all, and new ones don't. */
  swallowOpen(): void
}

interface Pair {
  near: Socket
  far: Socket
  swallows: boolean
}

export async function startProxy(stage: Stage, target: number): Promise<Proxy> {
  const pairs = new Set<Pair>()
  let weather: Weather = 'fair'
  let commitsToLose = 0
  const server = createServer((near) => {
    if (weather === 'refuses') return near.destroy()
    const pair: Pair = { near, far: connect(target, '127.0.0.1'), swallows: false }
    const { far } = pair
    pairs.add(pair)
    far.on('data', (part: Buffer) => {
      if (weather === 'fair' && !pair.swallows) near.write(part)
    })
    near.on('data', (part: Buffer) => {
      if (weather !== 'swallows' && !pair.swallows) far.write(part)
      if (commitsToLose === 0 || !part.includes('commit\0')) return
      commitsToLose -= 1
      pair.swallows = true
    })
    for (const side of [near, far]) side.on('error', () => {})
    near.on('close', () => {
      pairs.delete(pair)
      // In a storm nobody hears that the other has gone.
      if (weather !== 'swallows' && !pair.swallows) far.destroy()
    })
    far.on('close', () => {
      if (weather !== 'swallows' && !pair.swallows) near.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = () => {
    for (const { near, far } of pairs) {
      near.destroy()
      far.destroy()
    }
  }
  stage.onEnd(() => {
    end()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => void (weather = next),
    cut: end,
    halfOpen() {
      for (const pair of pairs) {
        pair.swallows = true
        pair.far.destroy()
      }
    },
    loseCommits: (count) => void (commitsToLose = count),
    swallowOpen() {
      for (const pair of pairs) pair.swallows = true
    },
  }
}
