import { setTimeout as pause } from 'node:timers/promises'
import { aBeta, accept, type Beta } from '../beta.ts'
import { plantIn, type Installation, type Scenario } from '../scenario.ts'

const rounds = 3
const acts = 100
const settleMs = 1_000
const plants: Record<string, string> = { 'gateways hear of no change any more': 'news-stops.ts' }

/** Whatever is pressed at the same moment, the phase decides who may be in. */
export const scenario: Scenario = {
  promise: 8,
  title: 'Nobody gets in above the ceiling of the phase, whatever races with what',
  reach: `${rounds} rounds of ${acts} accepts, shares, visits and phase moves at once, then every pass replayed: 0 above the ceiling, 0 in within ${settleMs / 1000} s of moving back`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const installation = await stage.start(plantIn(plants, plant))
    const beta = await aBeta(stage, installation)
    const everybody: string[] = []
    const above = { open: 0, invited: 0, preview: 0 }
    let replayed = 0
    let drawnInAll = 0
    for (let round = 0; round < rounds; round++) {
      const invited: string[] = []
      const drawn: string[] = []
      await beta.move('public-beta')
      await beta.setShare(100)
      await pause(settleMs)
      for (let n = 0; n < 10; n++) drawn.push((await beta.visit()) ?? 'none')
      await race(installation, beta, round, { invited, drawn })
      drawnInAll += drawn.filter((pass) => pass !== 'none').length
      everybody.push(...invited, ...drawn)
      // Whoever the share let in may be in while the beta is public, and no longer when only the invited may.
      await beta.move('private-beta')
      await pause(settleMs)
      above.invited += await inside(beta, [...drawn, ...Array.from({ length: 20 }, () => '')])
      await beta.move('prototyping')
      await pause(settleMs)
      above.preview += await inside(beta, everybody)
      replayed += everybody.length + drawn.length
      await beta.move('private-beta')
      await pause(settleMs)
    }
    stage.say(`${everybody.length} passes, replayed ${replayed} times`)
    const figure = (says: string, value: number) => ({ says, value, unit: '', holds: value === 0 })
    return {
      rounds,
      figures: [
        { says: 'passes that were given out', value: everybody.length, unit: '', holds: everybody.length > 0 },
        { says: 'of these, of people whom the share drew', value: drawnInAll, unit: '', holds: drawnInAll > 0 },
        figure('of the share, in while only the invited may be', above.invited),
        figure('in while nobody but by preview link may be', above.preview),
      ],
    }
  },
}

async function race(
  installation: Installation,
  beta: Beta,
  round: number,
  { invited, drawn }: { invited: string[]; drawn: string[] },
): Promise<void> {
  const links = await beta.invite(Array.from({ length: 40 }, (_, n) => `r${round}p${n}@example.org`))
  const accepting = links.map(async (link) => {
    const { headers } = await accept(link, 'n')
    const pass = headers['set-cookie']?.find((cookie) => cookie.startsWith('pg_'))
    if (pass !== undefined) invited.push(pass.split(';')[0] ?? '')
  })
  const moving = Array.from({ length: 20 }, async (_, n) => {
    await pause(n * 20)
    const to = n % 2 === 0 ? 'public-beta' : 'private-beta'
    await installation.api('POST', `/api/v1/services/${beta.key}/phase`, { to, reason: 'Race', waiver: 'Race' })
  })
  const sharing = Array.from({ length: 20 }, async (_, n) => {
    await pause(n * 20)
    await installation.api('PUT', `/api/v1/services/${beta.key}/share`, { percent: n % 2 === 0 ? 100 : 50 })
  })
  const visiting = Array.from({ length: 20 }, async (_, n) => {
    await pause(n * 20)
    const pass = await beta.visit()
    if (pass !== null) drawn.push(pass)
  })
  await Promise.all([...accepting, ...moving, ...sharing, ...visiting])
}

/** How many of them the new version answers. */
async function inside(beta: Beta, passes: readonly string[]): Promise<number> {
  const served = await Promise.all(passes.map((pass) => beta.served(pass)))
  return served.filter((by) => by === 'new').length
}
