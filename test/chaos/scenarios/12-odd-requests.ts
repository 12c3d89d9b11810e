import { fileURLToPath } from 'node:url'
import { sendAllProbes, startWitness } from '../../support/gateway-witness.ts'
import { probes } from '../../support/gateway-probes.ts'
import { openDoor } from '../public-door.ts'
import type { Scenario } from '../scenario.ts'

const plants: Record<string, string> = { 'a lenient parser': 'lenient-parser.ts' }

/** Two readers that see the end of a request in two places let a second one in between. */
export const scenario: Scenario = {
  promise: 12,
  title: 'Nothing is smuggled past the gateway, and it goes on serving',
  reach: `${probes.length} requests that are not what they seem: smuggled 0, failed 0`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const witness = await startWitness()
    stage.onEnd(() => witness.close())
    const file = plant === null ? undefined : plants[plant]
    const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
    const { gateway } = await openDoor(stage, { currentUrl: witness.url, ...preload })
    const reports = await sendAllProbes(gateway.port, witness)
    const smuggled = reports.flatMap((report) => report().smuggled)
    const failed = reports.flatMap((report) => report().failed)
    for (const each of [...smuggled, ...failed].slice(0, 10)) stage.say(JSON.stringify(each))
    return {
      rounds: probes.length,
      figures: [
        {
          says: 'requests that reached an application and should not',
          value: smuggled.length,
          unit: '',
          holds: smuggled.length === 0,
        },
        {
          says: 'requests that should have been served and were not',
          value: failed.length,
          unit: '',
          holds: failed.length === 0,
        },
      ],
    }
  },
}
