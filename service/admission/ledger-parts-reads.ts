import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../platform/index.ts'
import type { Parts } from './large-sets.ts'
import { unitsIn, unitsRead, type UnitsRead } from './units-reads.ts'

/** Who is in by which rung, in parts of the ledger, so that of a million people only the part with the change is read again. */
export type LedgerParts = ReadonlyMap<string, ReadonlyMap<number, LedgerPart>>

interface LedgerPart {
  /** How many, and a digest of which: both equal means that nobody came or went. */
  count: number
  digest: string
  units: readonly string[]
}

/** What says whom the share let in earlier and would not let in now. */
interface Drawn {
  share: number
  isCapped: boolean
  /** The last entry of the ledger before the present salt. */
  saltAfter: number
}

/** Rows of the ledger in one part. */
const rowsOfPart = 16_384
const fewParts = 4

/** The ledger as it is, by that of before where a part is the same. */
export async function readLedgerParts(
  db: Db,
  serviceId: string,
  { share, isCapped, saltAfter }: Drawn,
  before: LedgerParts | null,
): Promise<LedgerParts> {
  const counted = sql<boolean>`service_id = ${serviceId} and left_at is null
    and (rung <> 'share' or ${isCapped} or coalesce(bucket, 100000) >= ${share} or id <= ${saltAfter}::bigint)`
  // Of nothing that is known everything is read, at once.
  if (before === null) return byRung(await readParts(db, counted))
  const { rows } =
    await sql<Counted>`select ${counts} from admission where ${counted} group by rung, part order by part`.execute(db)
  // The same array where nobody came or went: that is what tells so to those who compare.
  const unchanged = ({ rung, part, count, digest }: Counted): readonly string[] | null => {
    const known = before.get(rung)?.get(part)
    return known?.count === count && known.digest === digest ? known.units : null
  }
  const wanted = new Set(rows.filter((row) => unchanged(row) === null).map(({ part }) => part))
  const read = wanted.size === 0 ? [] : await readParts(db, sql<boolean>`${counted} and ${isAmong([...wanted])}`)
  const kept = rows.flatMap((row) => (wanted.has(row.part) ? [] : { ...row, units: unchanged(row) ?? [] }))
  return byRung([...kept, ...read.map((row) => ({ ...row, units: unchanged(row) ?? row.units }))])
}

interface Counted {
  rung: string
  part: number
  count: number
  digest: string
}

interface PartRead extends Counted {
  units: readonly string[]
}

const counts = sql`rung, (id / ${rowsOfPart}::int)::int as part, count(*)::int as count,
  bit_xor(hashint8extended(id, 0))::text as digest`

function byRung(read: readonly PartRead[]): LedgerParts {
  const parts = new Map<string, Map<number, LedgerPart>>()
  for (const { rung, part, ...known } of read) {
    const ofRung = parts.get(rung) ?? new Map<number, LedgerPart>()
    parts.set(rung, ofRung.set(part, known))
  }
  return parts
}

/** A few parts by their places in the ledger; many by going through all of it once. */
function isAmong(wanted: readonly number[]): RawBuilder<boolean> {
  if (wanted.length > fewParts) return sql`(id / ${rowsOfPart}::int)::int = any(${wanted}::int[])`
  const ranges = wanted.map(
    (part) => sql`(id >= ${part * rowsOfPart}::bigint and id < ${(part + 1) * rowsOfPart}::bigint)`,
  )
  return sql`(${sql.join(ranges, sql` or `)})`
}

async function readParts(db: Db, isWanted: RawBuilder<boolean>): Promise<PartRead[]> {
  const { rows } = await sql<Counted & UnitsRead>`select ${counts}, ${unitsRead(sql`unit`, sql`id`)}
    from admission where ${isWanted} group by rung, part order by part`.execute(db)
  return rows.map(({ even, uneven, ...row }) => ({ ...row, units: unitsIn({ even, uneven }) }))
}

/** Those of one rung, or of several together. */
export function partsOf(ledger: LedgerParts, ...rungs: string[]): Parts {
  const parts = new Map<number, readonly string[]>()
  for (const rung of rungs) {
    for (const [part, { units }] of ledger.get(rung) ?? []) {
      const others = parts.get(part)
      parts.set(part, others === undefined ? units : [...others, ...units])
    }
  }
  return parts
}

export function unitsBy(ledger: LedgerParts, rung: string): string[] {
  return [...partsOf(ledger, rung).values()].flat()
}
