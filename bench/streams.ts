import { setTimeout as pause } from 'node:timers/promises'
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk'
import { newUnit } from '../packages/admission/src/index.ts'
import { PhasegateProvider } from '../packages/openfeature-server/src/index.ts'
import { aBeta, type Beta } from '../test/chaos/beta.ts'
import { openListeners, type Listeners } from '../test/chaos/listeners.ts'
import { openStage } from '../test/chaos/stage.ts'

/**
 * `npm run bench -- streams`: how long a halt, and a change of the share, take from the request until they are everywhere:
 * at clients with an OFREP stream, in a provider that decides in process, and at the gateway. Real processes on loopback.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 20)
const counts = (process.env.BENCH_STREAMS ?? '1,10,100,1000').split(',').map(Number)
const longestMs = 5_000

interface Told {
  streams: number[]
  provider: number[]
  gateway: number[]
  missed: number
}

const stage = openStage((line) => console.error(line))
try {
  const installation = await stage.start()
  const beta = await aBeta(stage, installation, { phase: 'public-beta' })
  const made = await installation.api('POST', `/api/v1/services/${beta.key}/keys`, { name: 'bench', kind: 'server' })
  await OpenFeature.setProviderAndWait(
    new PhasegateProvider({ url: installation.url, key: made.body.secret as string }),
  )
  const client = OpenFeature.getClient()
  const person = { targetingKey: newUnit() }
  await beta.setShare(100)
  const pass = await untilPass(beta)
  console.log(
    '\n| streams | what | at a client with a stream: p50, p99 | in process: p50, p99 | at the gateway: p50, p99 | missed |',
  )
  console.log('|---:|---|---:|---:|---:|---:|')
  for (const count of counts) {
    const listeners = await openListeners(stage, installation.url, { count })
    for (const what of ['halt', 'share'] as const) {
      const told: Told = { streams: [], provider: [], gateway: [], missed: 0 }
      for (let round = 0; round < rounds; round++) {
        // A stranger has no pass and no share; somebody inside has a pass that only a halt ends.
        const cookie = what === 'halt' ? pass : ''
        const isNew = async (): Promise<boolean> => (await beta.served(cookie)) === 'new'
        const isOn = (): Promise<boolean> => client.getBooleanValue(beta.key, false, person)
        while (!(await isNew()) || !(await isOn())) await pause(10)
        await pause(300)
        await once(told, listeners, {
          press: what === 'halt' ? () => beta.halt() : () => beta.setShare(0),
          isOn,
          isNew,
        })
        await (what === 'halt' ? beta.resume() : beta.setShare(100))
      }
      const { streams, provider, gateway, missed } = told
      console.log(`| ${count} | ${what} | ${both(streams)} | ${both(provider)} | ${both(gateway)} | ${missed} |`)
    }
    listeners.close()
    await pause(500)
  }
} finally {
  await OpenFeature.close()
  await stage.end()
}
process.exit(0)

async function once(
  told: Told,
  { toldAt }: Listeners,
  { press, isOn, isNew }: { press(): Promise<void>; isOn(): Promise<boolean>; isNew(): Promise<boolean> },
): Promise<void> {
  toldAt.fill(0)
  const from = performance.now()
  const inProcess = new Promise<number>((resolve) => {
    const look = (): void => {
      isOn().then(
        (on) => {
          if (on) return
          OpenFeature.removeHandler(ProviderEvents.ConfigurationChanged, look)
          resolve(performance.now() - from)
        },
        () => {},
      )
    }
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, look)
  })
  const pressed = press()
  const atGateway = (async () => {
    for (;;) {
      const askedAt = performance.now()
      if (!(await isNew())) return askedAt - from
      await pause(2)
    }
  })()
  const late = pause(longestMs, Number.POSITIVE_INFINITY)
  told.provider.push(await Promise.race([inProcess, late]))
  told.gateway.push(await Promise.race([atGateway, late]))
  await pressed
  while (toldAt.includes(0) && performance.now() - from < longestMs) await pause(5)
  for (const at of toldAt) {
    if (at === 0) told.missed++
    else told.streams.push(at - from)
  }
}

async function untilPass(beta: Beta): Promise<string> {
  for (;;) {
    const pass = await beta.visit()
    if (pass !== null) return pass
    await pause(50)
  }
}

function both(values: number[]): string {
  values.sort((one, other) => one - other)
  const at = (part: number): string =>
    (values[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0).toFixed(0)
  return `${at(0.5)}, ${at(0.99)} ms`
}
