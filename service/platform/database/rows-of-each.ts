import { sql, type RawBuilder } from 'kysely'
import type { Queryable } from '../context.ts'

/**
 * What one query says of each of several things, by the id of each, in one go; every id has its rows, none of them nothing. `query`
 * is given the id as an expression, and its order is kept. `beside` are further columns of the things, in their order: `query`
 * finds them as `e.name`.
 */
export async function rowsOfEach<T>(
  db: Queryable,
  ids: readonly string[],
  query: (id: RawBuilder<string>) => RawBuilder<T>,
  beside: readonly { name: string; type: 'uuid' | 'text'; values: readonly (string | null)[] }[] = [],
): Promise<Map<string, T[]>> {
  const of = new Map<string, T[]>(ids.map((id) => [id, []]))
  if (of.size === 0) return of
  if (of.size < ids.length) throw new RangeError('Each is asked about once')
  const names = ['of_id', ...beside.map(({ name }) => name)].map((name) => sql.ref(name))
  const lists = [
    sql`${ids}::uuid[]`,
    ...beside.map(({ type, values }) => sql`${values}::${sql.raw(type === 'uuid' ? 'uuid[]' : 'text[]')}`),
  ]
  const { rows } = await sql<{ of_id: string; of_row: string }>`
    select e.of_id, x.* from unnest(${sql.join(lists)}) as e (${sql.join(names)})
    cross join lateral (select q.*, row_number() over () as of_row from (${query(sql<string>`e.of_id`)}) as q) as x
    order by e.of_id, x.of_row`.execute(db)
  for (const { of_id: id, of_row: _, ...row } of rows) of.get(id)?.push(row as T)
  return of
}
