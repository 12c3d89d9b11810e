import cluster from 'node:cluster'
import { resolve } from 'node:path'
import pino from 'pino'
import { z } from 'zod'
import { GatewayConfigProblem } from './config.ts'
import { createGateway, usualConnections } from './gateway.ts'
import { isAddressOrNetwork } from './trusted-proxies.ts'
import { keepWorkers, takesOver, type FromWorker, type ToWorker } from './workers.ts'

/** The gateway as a process of its own. It needs the control plane only to hear of changes. */
const environment = z
  .object({
    PHASEGATE_URLS: z.string().default('http://127.0.0.1:4600'),
    PHASEGATE_GATEWAY_KEY: z.string({ error: 'is missing: make a key of the kind "gateway" and put it here' }).min(1),
    PHASEGATE_GATEWAY_CONFIG: z.string().default('gateway.yaml'),
    PHASEGATE_DATA: z.string().default('.phasegate'),
    GATEWAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4610),
    GATEWAY_CONNECTIONS: z.coerce.number().int().min(100).max(1_000_000).default(usualConnections),
    HOST: z.string().default('127.0.0.1'),
    TRUSTED_PROXIES: z
      .string()
      .default('')
      .transform((list) => list.split(/[\s,]+/).filter((each) => each !== ''))
      .refine((list) => list.every(isAddressOrNetwork), 'must be addresses or networks, such as 10.0.0.5, 10.1.0.0/16'),
  })
  .safeParse(process.env)

const log = pino({ name: 'gateway' })

if (!environment.success) {
  for (const { path, message } of environment.error.issues) process.stderr.write(`${path.join('.')} ${message}\n`)
  process.exit(1)
}
const settings = environment.data

const idleMs = 1000

if (cluster.isPrimary) await keepServing()
else await serve()

/** The process that is started, signalled and watched; see `workers.ts` for what it does. */
async function keepServing(): Promise<void> {
  const workers = keepWorkers(log)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void workers.stop().then(() => process.exit(0)))
  }
  process.on('SIGHUP', () => workers.restart())
  const code = await workers.start()
  if (code !== null) process.exit(code)
}

async function serve(): Promise<void> {
  // A terminal signals all processes of a group; the first one tells this one what to do.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const tell = (message: FromWorker): void => void process.send?.(message)
  try {
    const gateway = await createGateway({
      config: resolve(settings.PHASEGATE_GATEWAY_CONFIG),
      controlUrls: settings.PHASEGATE_URLS.split(/[\s,]+/)
        .filter((url) => url !== '')
        .map((url) => new URL(url).origin),
      key: settings.PHASEGATE_GATEWAY_KEY,
      stateDirectory: resolve(settings.PHASEGATE_DATA, 'gateway'),
      log,
      host: settings.HOST,
      trustedProxies: settings.TRUSTED_PROXIES,
      port: settings.GATEWAY_PORT,
      connections: settings.GATEWAY_CONNECTIONS,
      takesOver: process.env[takesOver] !== undefined,
      onLocalHalt: (service, halt) => tell({ kind: 'halted', service, halt }),
    })
    log.info({ url: gateway.url }, `The gateway stands at ${gateway.url}`)
    const end = (ended: Promise<void>): void => void ended.then(() => process.exit(0))
    process.on('message', (message: ToWorker) => {
      if (message.kind === 'halt') gateway.halt(message.service, message.halt)
      else if (message.kind === 'take-over') gateway.takeOver()
      else if (message.kind === 'alone') gateway.isAlone()
      else if (message.kind === 'stop') end(gateway.close(idleMs))
      else end(gateway.handOver(() => tell({ kind: 'left' })))
    })
    tell({ kind: 'listening' })
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n`)
    process.exit(1)
  }
}

function sentence(error: unknown): string {
  if (error instanceof GatewayConfigProblem) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE' ? `Port ${settings.GATEWAY_PORT} is in use: set GATEWAY_PORT to another one` : message
}
