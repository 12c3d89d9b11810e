import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { drawByQuotas, type Need, type Ticket } from './draw.ts'

interface Candidate {
  id: string
  counts: readonly string[]
}

const quotas = ['north', 'south', 'screen-reader', 'phone']
const candidate: fc.Arbitrary<Candidate> = fc.record({ id: fc.uuid(), counts: fc.subarray(quotas) })
const people = fc.uniqueArray(candidate, { selector: ({ id }) => id, maxLength: 60 })
const needs = fc
  .array(fc.integer({ min: 0, max: 10 }), { minLength: 4, maxLength: 4 })
  .map((each) => each.map((needed, at) => ({ quota: quotas[at] ?? '', needed })))
const count = fc.integer({ min: 0, max: 70 })
/** People of a kind are asked for so many at a time. */
const piece = fc.integer({ min: 1, max: 12 })

interface Wish {
  count: number
  seed: string
  needs: readonly Need[]
  piece: number
}

const byLot = (one: Ticket, other: Ticket): number => (one.lot < other.lot ? -1 : 1)
const ticketsOf = (all: readonly Candidate[], seed: string): (Ticket & Candidate)[] =>
  all
    .map((each) => ({ ...each, lot: createHash('sha256').update(`${seed}\n${each.id}`).digest('hex') }))
    .toSorted(byLot)

/** By quotas, then by lot alone. */
async function draw(all: readonly Candidate[], wish: Wish): Promise<string[]> {
  const tickets = ticketsOf(all, wish.seed)
  const kinds = [...Map.groupBy(tickets, ({ counts }) => counts.join(' '))].map(([kind, of]) => ({
    ...{ kind, counts: of[0]?.counts ?? [], size: of.length, queue: of.slice(0, wish.piece) },
  }))
  const drawn: string[] = []
  const more = async ({ kind }: { kind: string }, after: string) =>
    tickets.filter(({ counts, lot }) => counts.join(' ') === kind && lot > after).slice(0, wish.piece)
  for await (const { ticket } of drawByQuotas(kinds, wish.needs, more)) {
    if (drawn.length >= wish.count) break
    drawn.push(ticket.id)
  }
  const rest = tickets.filter(({ id }) => !drawn.includes(id)).map(({ id }) => id)
  return [...drawn, ...rest].slice(0, wish.count)
}

const missingAfter = (all: readonly Candidate[], drawn: readonly string[], wanted: readonly Need[]): number[] =>
  wanted.map(({ quota, needed }) =>
    Math.max(0, needed - all.filter(({ id, counts }) => drawn.includes(id) && counts.includes(quota)).length),
  )

test('ADM-43 a draw repeats: the same seed gives the same people in the same order, however they are listed and asked for', async () => {
  await fc.assert(
    fc.asyncProperty(people, count, fc.string(), needs, piece, async (all, n, seed, wanted, at) => {
      const once = await draw(all, { count: n, seed, needs: wanted, piece: 100 })
      const again = await draw(all.toReversed(), { count: n, seed, needs: wanted, piece: at })
      assert.deepEqual(again, once)
    }),
  )
})

test('ADM-43 nobody is drawn twice, nobody who is not on the list, and as many as there are places or people', async () => {
  await fc.assert(
    fc.asyncProperty(people, count, fc.string(), needs, piece, async (all, n, seed, wanted, at) => {
      const drawn = await draw(all, { count: n, seed, needs: wanted, piece: at })
      assert.equal(new Set(drawn).size, drawn.length)
      assert.ok(drawn.every((id) => all.some((person) => person.id === id)))
      assert.equal(drawn.length, Math.min(n, all.length))
    }),
  )
})

const alone = fc.uniqueArray(
  candidate.map((person) => ({ ...person, counts: person.counts.slice(0, 1) })),
  { selector: ({ id }) => id, maxLength: 60 },
)

test('ADM-43 a stratified draw fills quotas that do not overlap, as far as there are people and places [row 175]', async () => {
  await fc.assert(
    fc.asyncProperty(alone, fc.string(), needs, piece, async (all, seed, wanted, at) => {
      const total = wanted.reduce((sum, { needed }) => sum + needed, 0)
      const missing = missingAfter(all, await draw(all, { count: total, seed, needs: wanted, piece: at }), wanted)
      for (const [place, { quota, needed }] of wanted.entries()) {
        const supply = all.filter(({ counts }) => counts.includes(quota)).length
        assert.equal(missing[place], Math.max(0, needed - supply))
      }
    }),
  )
})

test('ADM-43 a stratified draw never leaves more missing than one by lot of the same seed', async () => {
  const sum = (missing: readonly number[]): number => missing.reduce((total, needed) => total + needed, 0)
  await fc.assert(
    fc.asyncProperty(alone, count, fc.string(), needs, piece, async (all, n, seed, wanted, at) => {
      const drawn = await draw(all, { count: n, seed, needs: wanted, piece: at })
      const lots = ticketsOf(all, seed)
        .slice(0, n)
        .map(({ id }) => id)
      assert.ok(sum(missingAfter(all, drawn, wanted)) <= sum(missingAfter(all, lots, wanted)))
    }),
  )
})
