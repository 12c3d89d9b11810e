import { resolve } from 'node:path'
import pino from 'pino'
import { z } from 'zod'
import { GatewayConfigProblem } from './config.ts'
import { createGateway } from './gateway.ts'
import { isAddressOrNetwork } from './trusted-proxies.ts'

/** The gateway as a process of its own. It needs the control plane only to hear of changes. */
const environment = z
  .object({
    PHASEGATE_URLS: z.string().default('http://127.0.0.1:4600'),
    PHASEGATE_GATEWAY_KEY: z.string({ error: 'is missing: make a key of the kind "gateway" and put it here' }).min(1),
    PHASEGATE_GATEWAY_CONFIG: z.string().default('gateway.yaml'),
    PHASEGATE_DATA: z.string().default('.phasegate'),
    GATEWAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4610),
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
  })
  log.info({ url: gateway.url }, `The gateway stands at ${gateway.url}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void gateway.close().then(() => process.exit(0))
    })
  }
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`)
  process.exit(1)
}

function sentence(error: unknown): string {
  if (error instanceof GatewayConfigProblem) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE' ? `Port ${settings.GATEWAY_PORT} is in use: set GATEWAY_PORT to another one` : message
}
