import { aBeta, accept, send, type Answered } from '../beta.ts'
import { plantIn, type Scenario } from '../scenario.ts'

const rounds = 5
const plants: Record<string, string> = {
  'a look at the link accepts': 'looking-accepts.ts',
  'the form that accepted is forgotten': 'forgotten-form.ts',
}

/** A link stands in a mail, where scanners open it before its reader does. */
export const scenario: Scenario = {
  promise: 10,
  title: 'A link is good once, and looking at it changes nothing',
  reach: `${rounds} links, each opened 3 times and then pressed 20 times at once: one unit in the ledger each; looking changes nothing and sets no pass; the form that accepted gets the same pass again, any other is told “used” with a way to a new link`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const installation = await stage.start(plantIn(plants, plant))
    const beta = await aBeta(stage, installation)
    const links = await beta.invite(Array.from({ length: rounds }, (_, n) => `person${n}@example.org`))
    const seen = { looked: 0, units: 0, ledger: 0, repeats: 0, others: 0 }
    for (const [round, link] of links.entries()) {
      const looks = [await look(link, 'GET'), await look(link, 'HEAD'), await look(link, 'GET')]
      const changed = (await beta.taken()) !== round
      if (changed || looks.some(({ headers, status }) => status !== 200 || headers['set-cookie'])) seen.looked++
      const nonces = [nonceIn(looks[0]), nonceIn(looks[2])]
      const pressed = await Promise.all(
        Array.from({ length: 20 }, (_, n) => n % 2).map(async (n) => ({ n, answer: await accept(link, nonces[n]) })),
      )
      const inside = pressed.filter(({ answer }) => answer.status === 303)
      const units = new Set(inside.map(({ answer }) => unitOf(answer)))
      if (units.size !== 1) seen.units++
      if ((await beta.taken()) !== round + 1) seen.ledger++
      const winner = inside[0]?.n ?? 0
      const again = await accept(link, nonces[winner])
      if (inside.length !== 10 || !units.has(unitOf(again))) seen.repeats++
      const others = [
        ...pressed.filter(({ n }) => n !== winner).map(({ answer }) => answer),
        await accept(link, 'late'),
      ]
      seen.others += others.filter((answer) => !isTold(answer)).length
    }
    const figure = (says: string, value: number) => ({ says, value, unit: '', holds: value === 0 })
    return {
      rounds,
      figures: [
        figure('links at which looking changed something or set a cookie', seen.looked),
        figure('links that let in none, or more than one unit', seen.units),
        figure('links after which the ledger counts otherwise', seen.ledger),
        figure('links at which the same form did not get the same pass again', seen.repeats),
        figure('other forms that were not told “used”, with a way to a new link', seen.others),
      ],
    }
  },
}

function look(link: string, method: string): Promise<Answered> {
  return send(new URL(link), { method })
}

function nonceIn(answer: Answered | undefined): string {
  return /name="nonce" value="([^"]+)"/.exec(answer?.text ?? '')?.[1] ?? 'none'
}

function unitOf({ headers }: Answered): string {
  const pass = headers['set-cookie']?.find((cookie) => cookie.startsWith('pg_')) ?? ''
  return pass.split('=')[1]?.split('.')[3] ?? 'no pass'
}

function isTold({ status, headers, text }: Answered): boolean {
  return status === 409 && headers['set-cookie'] === undefined && text.includes('/new-link')
}
