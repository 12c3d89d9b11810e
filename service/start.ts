import { openSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino, type Logger } from 'pino'
import type { Gateway } from '../gateway/gateway.ts'
import type { Phasegate } from './app.ts'
import { isEndedBy, isEnding, startedAs } from './ending.ts'
import { removeExampleData, startExampleData, startFeatureExample, type RunningExample } from './example-data.ts'
import type { OwnDatabase } from './own-database.ts'
import { ownGatewayFile, startOwnGateway } from './own-gateway.ts'
import { openMailIn, type MailIn } from './mail-in.ts'
import { putOwnService } from './own-service.ts'
import { createStandIn, type StandIn } from './stand-in.ts'
import {
  checkSecretKey,
  createDiskGuard,
  fileTransport,
  firstPersonLink,
  isDevelopment,
  isDatabaseAway,
  keepListening,
  listenToOthers,
  migrate,
  mustNotBeHalfRestored,
  newSecret,
  openDatabase,
  reachableHost,
  secretBoxOf,
  smtpTransport,
  StartProblem,
  systemClock,
  type Config,
  type Database,
  type SecretBox,
} from './platform/index.ts'
import type { GatewayFile } from './services/index.ts'

/** Connections that wait to be taken. Node's 511 are soon full, and who finds no room tries again only after a second. */
const backlog = 4096

interface OwnService {
  name: string
  url: string
  key: string
}

/** Starts what a configuration asks for. `postgres`: the own one, under way, or the address of another. */
export async function start(config: Config, postgres: OwnDatabase | string): Promise<void> {
  const log = openLog(config)
  const ownLog = plainLog(log)
  const gatewayFile = config.ownGateway ? ownGatewayFile(config) : null
  const gatewayKey = `pgk_${newSecret()}`
  const standIn = createStandIn({ config, gatewayFile, gatewayKey, log, listenOn, say: console.log })
  const { database, secrets } = await reachDatabase({ config, postgres, standIn, log: ownLog })
  const disk = createDiskGuard({ directory: config.dataDirectory, reserveBytes: config.reserveBytes })
  const mail =
    config.smtpUrl === null
      ? fileTransport(join(config.dataDirectory, 'mails'))
      : smtpTransport(config.smtpUrl, config.mailFrom)
  let gateway: Gateway | null = null
  const gatewayState = () => ({ ok: gateway !== null, says: gateway?.ready() ? 'decides' : 'knows no service yet' })
  let mailIn: MailIn | null = null
  const mailInState = () =>
    mailIn === null
      ? { ok: false, says: 'does not listen yet' }
      : { ok: true, says: `takes answers on port ${mailIn.port}` }
  const { createApp } = await readDomains()
  const phasegate = await createApp({
    db: database.db,
    clock: systemClock,
    config,
    secrets,
    log,
    disk,
    mail,
    gateway: gatewayFile,
    probes: {
      ...(gatewayFile === null ? {} : { gateway: gatewayState }),
      ...(config.mailIn === null ? {} : { mailIn: mailInState }),
    },
  })
  const { app, platform, keyRing } = phasegate
  keyRing.hold(gatewayKey, { name: 'the gateway of this installation', kind: 'gateway' })
  await startedAs('Service', () => phasegate.close())

  gateway = await standIn.leave()
  const address = await listenOn(
    () => app.listen({ host: config.host, port: config.port, backlog }),
    'PORT',
    config.port,
  )
  config.port = Number(new URL(address).port)
  const listening = await keepListening({
    connect: () => database.listener(),
    hear: (client) => listenToOthers(platform.live, client),
    missed: () => void phasegate.admission.snapshots.refresh(null).catch(() => {}),
    log: ownLog,
  })
  await startedAs('Listener', () => listening.stop())

  const controlUrl = `http://127.0.0.1:${config.port}`
  if (config.publicUrl !== null) await removeExampleData(platform, gatewayFile)
  let example: RunningExample | null = null
  let own: OwnService | null = null
  if (gatewayFile !== null) {
    gateway ??= await listenOn(
      () => startOwnGateway({ config, controlUrl, file: gatewayFile, key: gatewayKey, secrets, log }),
      'GATEWAY_PORT',
      config.gatewayPort,
    )
    config.gatewayPort = gateway.port
    gateway.hearAgain()
    phasegate.admission.snapshots.followedBy(async (version) => gateway?.reached(version))
    await startedAs('Gateway', async () => gateway?.close())
    ;({ example, own } = await putServices(phasegate, gatewayFile, controlUrl))
  }
  mailIn = await listenOn(() => openMailIn(phasegate), 'MAIL_IN_PORT', config.mailIn?.port ?? 0)
  await startedAs('Mail that comes in', async () => mailIn?.stop())
  platform.jobs.start(platform)
  // The last to be started is the first to end: nothing else ends before others had time to hear of it.
  await startedAs('Drain', () => drain(phasegate))
  greet(config, await firstPersonLink(platform), example, own)
  // Half of a start goes into compiling the code. Node keeps what comes of it when a process ends, which a killed one does not.
  flushCompileCache()
  if (typeof postgres !== 'string') await settle(postgres, ownLog)
}

/** A first start makes a thousand files. Left to the recovery after a crash, to flush them takes as long as a whole start. */
async function settle(postgres: OwnDatabase, log: ReturnType<typeof plainLog>): Promise<void> {
  const { checkpoint } = await postgres.ready
  await checkpoint().catch((error: Error) => log.warn(`database: no checkpoint after the start: ${error.message}`))
}

/** A third of the code, which nothing needs while the database gets ready: it is read in the meantime. */
const readDomains = () => import('./app.ts')

const reachAgainMs = [250, 500, 1_000, 2_000, 5_000]

interface DatabaseParts {
  config: Config
  postgres: OwnDatabase | string
  standIn: StandIn
  log: ReturnType<typeof plainLog>
}

/** A database that is not there is waited for, and one that is not ours to use is refused. */
async function reachDatabase(parts: DatabaseParts): Promise<{ database: Database; secrets: SecretBox }> {
  const { config, standIn, log } = parts
  await startedAs('Gateway of the start', () => standIn.end())
  const database = openDatabase(await connectionOf(parts), log)
  await startedAs('Database connections', () => database.close())
  for (let attempt = 0; ; attempt += 1) {
    try {
      await mustNotBeHalfRestored(config.dataDirectory, database.pool)
      await migrate(database.pool)
      const secrets = await secretBoxOf(config)
      await checkSecretKey(database.db, secrets)
      return { database, secrets }
    } catch (error) {
      if (isEnding() || !isDatabaseAway(error)) throw error
      standIn.waitsFor((error as Error).message)
    }
    await pause(reachAgainMs[Math.min(attempt, reachAgainMs.length - 1)])
  }
}

/** The services that this process brings along: the example, and one given on the command line. */
async function putServices(
  { platform, keyRing }: Phasegate,
  gateway: GatewayFile,
  url: string,
): Promise<{ example: RunningExample | null; own: OwnService | null }> {
  const { config } = platform
  const parts = { platform, keyRing, gateway, url, say: console.log }
  const starts = { service: startExampleData, feature: startFeatureExample }
  const example = config.example === null ? null : await starts[config.example](parts)
  if (example !== null) await startedAs('Example', () => example.close())
  if (config.own === null) return { example, own: null }
  const own = await putOwnService(platform, config.own, gateway)
  return { example, own: { name: own.name, key: own.key, url: gateway.urlOf(own) } }
}

/** `/ready` is red from here on, and requests are still answered. */
async function drain({ app, platform }: Phasegate): Promise<void> {
  app.drain.isOn = true
  if (isEndedBy('SIGTERM')) await pause(platform.config.drainMs)
}

function openLog(config: Config): Logger {
  const options = { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  // In operation the log goes where the supervisor collects it; a newcomer's terminal stays readable.
  if (!isDevelopment(config)) return pino(options)
  const file = pino.destination({ dest: openedLog(config), sync: false, maxLength: 1_048_576 })
  // A full disk has no room for lines; it must not end what they are about.
  file.on('error', () => {})
  return pino(options, file)
}

/** Open from the first moment: a process that ends before it could be opened by itself would end with a complaint of the log's. */
function openedLog(config: Config): number | string {
  try {
    return openSync(logFile(config), 'a')
  } catch {
    return logFile(config)
  }
}

/** For what says plain sentences. */
function plainLog(log: Logger) {
  return {
    info: (text: string) => log.info(text),
    warn: (text: string) => log.warn(text),
    error: (text: string) => log.error(text),
  }
}

function logFile(config: Config): string {
  return join(config.dataDirectory, 'phasegate.log')
}

async function connectionOf({ postgres, standIn, log }: DatabaseParts) {
  if (typeof postgres !== 'string') await postgres.owned
  await standIn.open()
  void readDomains()
  if (typeof postgres === 'string') return { connectionString: postgres }
  postgres.hear({ log, waitsFor: (problem) => standIn.waitsFor(problem) })
  return (await postgres.ready).connection
}

async function listenOn<T>(listen: () => Promise<T>, setting: string, port: number): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EACCES')
      throw new StartProblem(
        `Port ${port} may not be opened by the account that runs this. Set ${setting} to one above 1023.`,
      )
    if (code !== 'EADDRINUSE') throw error
    throw new StartProblem(`Port ${port} is in use. Stop what uses it, or set ${setting} to another port.`)
  }
}

function greet(config: Config, link: string | null, example: RunningExample | null, own: OwnService | null): void {
  const host = reachableHost(config)
  const team = config.publicUrl ?? `http://${host}:${config.port}`
  const lines = ['', `Phasegate is running.`, '', `  Team pages    ${team}`]
  if (example !== null) lines.push(`  Example       http://${host}:${config.gatewayPort}   ${example.says}`)
  if (example !== null && example.page !== null) lines.push(`  Its feature   ${team}${example.page}`)
  if (own !== null) lines.push(`  ${own.name.slice(0, 12).padEnd(12)}  ${own.url}   behind the gateway`)
  if (config.mailIn !== null) lines.push(`  Mail in       port ${config.mailIn.port}, for ${config.mailIn.domain}`)
  if (link !== null)
    lines.push('', 'You are the first person. Open this link to sign in; it works once, for a day:', '', `  ${link}`)
  lines.push(
    '',
    `  Log           ${isDevelopment(config) ? logFile(config) : 'standard output'}`,
    '  Ctrl-C stops everything.',
    '',
  )
  console.log(lines.join('\n'))
}
