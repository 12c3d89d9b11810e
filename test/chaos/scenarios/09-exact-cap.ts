import { Agent } from 'node:http'
import { aBeta, send } from '../beta.ts'
import { plantIn, type Installation, type Scenario, type Stage } from '../scenario.ts'

const rounds = 5
const invited = 10_000
const cap = 5_000
const least = 500
const plants: Record<string, string> = { 'places are counted without a lock': 'unlocked-places.ts' }

/** A cap is a promise to the current service's team as well: exactly so many, however many press at once. */
export const scenario: Scenario = {
  promise: 9,
  title: 'A cap is filled exactly, however many accept at once',
  reach: `${invited.toLocaleString('en-GB')} accepts at once against a cap of ${cap}: exactly ${cap} in each of ${rounds} rounds, at least ${least} a second, 0 errors`,
  plants: Object.keys(plants),
  limitMinutes: 20,
  async run(stage, plant) {
    const installation = await stage.start(plantIn(plants, plant))
    const many = plant === null ? rounds : 1
    let off = 0
    let errors = 0
    const perSecond: number[] = []
    for (let round = 0; round < many; round++) {
      const told = await fillOnce(stage, installation, round)
      off = Math.max(off, Math.abs(told.letIn - cap), Math.abs(told.taken - cap))
      errors += told.errors
      perSecond.push(told.perSecond)
      stage.say(`round ${round + 1}: ${told.letIn} let in, ${Math.round(told.perSecond)} accepts a second`)
    }
    const slowest = Math.min(...perSecond)
    return {
      rounds: many,
      figures: [
        { says: 'most people above or below the cap, in any round', value: off, unit: '', holds: off === 0 },
        { says: 'answers with 5xx, or none', value: errors, unit: '', holds: errors === 0 },
        { says: 'accepts a second, slowest round', value: slowest, unit: '/s', holds: slowest >= least },
      ],
    }
  },
}

async function fillOnce(stage: Stage, installation: Installation, round: number) {
  const beta = await aBeta(stage, installation, { key: `permit-${round}` })
  await beta.setCap(cap)
  stage.say(`inviting ${invited} people`)
  const links = await beta.invite(Array.from({ length: invited }, (_, n) => `person${n}@example.org`))
  const agent = new Agent({ keepAlive: true, maxSockets: 500 })
  stage.onEnd(() => agent.destroy())
  const began = performance.now()
  const statuses = await Promise.all(
    links.map((link, n) =>
      send(new URL(`${link}/accept`), { agent, form: { nonce: `nonce-${n}` } }).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  agent.destroy()
  return {
    letIn: statuses.filter((status) => status === 303).length,
    errors: statuses.filter((status) => status === 0 || status >= 500).length,
    taken: await beta.taken(),
    perSecond: invited / seconds,
  }
}
