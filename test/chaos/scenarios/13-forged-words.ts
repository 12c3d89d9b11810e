import { forgedWord, probes } from '../../support/gateway-probes.ts'
import { sendAllProbes, startWitness } from '../../support/gateway-witness.ts'
import { look, openDoor } from '../public-door.ts'
import type { Scenario } from '../scenario.ts'

/** An application believes what stands under the gateway's names. */
export const scenario: Scenario = {
  promise: 13,
  title: 'What the gateway says can’t be forged, and passes stay with it',
  reach: `${probes.length} requests, with underscores and trailers too, and a real pass: forged 0, passes seen by an application 0`,
  plants: ['a proxy behind the gateway adds a header'],
  async run(stage, plant) {
    const witness = await startWitness(plant === null ? [] : ['x_pg_arm', forgedWord])
    stage.onEnd(() => witness.close())
    const door = await openDoor(stage, { currentUrl: witness.url })
    const reports = await sendAllProbes(door.gateway.port, witness)
    const forged = reports.flatMap((report) => report().leaked)
    door.switchNew(witness.url)
    for (let count = 0; count < 100; count++) await look(door.gateway.port, `a=1; ${door.pass}; b=2`, '/with-a-pass')
    const withPass = witness.saw.filter(({ line }) => line.includes('/with-a-pass'))
    const secret = door.pass.slice(door.pass.indexOf('=') + 1)
    const leaked = withPass.filter(({ headers }) => headers.some((each) => each.includes(secret)))
    const untouched = withPass.filter(({ headers }) => headers.includes('a=1;  b=2') || headers.includes('a=1; b=2'))
    return {
      rounds: probes.length + withPass.length,
      figures: [
        {
          says: 'headers that an application could take for ours',
          value: forged.length,
          unit: '',
          holds: forged.length === 0,
        },
        { says: 'passes that an application saw', value: leaked.length, unit: '', holds: leaked.length === 0 },
        {
          says: 'requests with a pass whose other cookies arrived',
          value: untouched.length,
          unit: '',
          holds: untouched.length > 0 && untouched.length === withPass.length,
        },
      ],
    }
  },
}
