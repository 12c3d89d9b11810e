import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startExample, type ExampleOptions } from '../../example/serve.ts'
import { removeGatewayService, writeGatewayService } from '../../gateway/config.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import type { GatewayFile } from '../../service/services/index.ts'
import { gatewayKey, startApp, type TestApp, type TestClock } from '../support/app.ts'
import { clockFromNoon } from '../support/gateway.ts'
import { eventually } from '../try-real/report.ts'

/** Everything that `npm start` starts, in this process: control plane, gateway and the two versions of the example. */
export interface Stage {
  app: TestApp
  gateway: Gateway
  current: Running
  next: Running
  /** The service on a host name of its own: cookies ignore ports, and the team's pages stand on another. */
  publicUrl: string
  close(): Promise<void>
}
interface Running {
  url: string
  close(): Promise<void>
}

export const parkingHost = 'parking.test'

/** Browsers, servers and mails live as time goes by, far from midnight, when a visitor without a pass becomes another one. */
const runningClock = (): TestClock => ({ now: clockFromNoon().now, set: () => {}, advance: () => {} })

export async function setStage(example: Partial<ExampleOptions> = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'phasegate-stage-'))
  const config = join(directory, 'gateway.yaml')
  const at = { url: '' }
  const file: GatewayFile = {
    put: async ({ key, currentUrl, newUrl }) =>
      writeGatewayService(config, {
        key,
        hosts: ['*'],
        current: currentUrl ?? 'holding-page',
        new: newUrl,
        insert: { banner: true, feedbackLink: true, endQuestion: true },
      }),
    takenBy: () => null,
    remove: async (key) => removeGatewayService(config, key),
    urlOf: () => at.url,
  }
  const start = (version: 'current' | 'new') =>
    startExample({ version, port: 0, host: '127.0.0.1', failEvery: 0, ...example })
  const [current, next] = await Promise.all([start('current'), start('new')])
  const clock = runningClock()
  const app = await startApp({ clock, gateway: file })
  const gateway = await createGateway({
    config,
    controlUrls: [app.url],
    key: gatewayKey,
    clock,
    stateDirectory: join(directory, 'gateway'),
    log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
  })
  at.url = `http://${parkingHost}:${gateway.port}`
  app.phasegate.platform.jobs.start(app.phasegate.platform)
  return {
    app,
    gateway,
    current,
    next,
    publicUrl: at.url,
    async close() {
      await gateway.close()
      await app.close()
      await Promise.all([current.close(), next.close()])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Until the gateway knows the service: from then on visitors are served. */
export async function isServed(stage: Stage): Promise<void> {
  stage.gateway.reload()
  await eventually(
    async () => (await fetch(`${stage.gateway.url}/.phasegate/health`)).status,
    (status) => status === 200,
  )
}
