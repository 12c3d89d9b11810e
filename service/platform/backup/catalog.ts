import pg from 'pg'
import type { DatabasePart } from './format.ts'

/** What PostgreSQL's own catalogs say of the schema; a new table needs no line here. */
export interface TableShape {
  name: string
  /** Without those that the database computes. */
  columns: string[]
}

export interface ForeignKey {
  name: string
  table: string
  definition: string
}

const ours = `n.nspname = current_schema() and c.relname <> 'schema_migration'`

/** Tables that hold rows: partitions, not what is partitioned. */
export async function tablesOf(client: pg.ClientBase): Promise<TableShape[]> {
  const { rows } = await client.query<TableShape>(`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where ${ours} and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by c.relname order by c.relname`)
  return rows
}

export async function countTables(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`
    select count(*)::int as n from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p', 'v', 'm')`)
  return rows[0]?.n ?? 0
}

export async function partitionsOf(client: pg.ClientBase): Promise<DatabasePart['partitions']> {
  const { rows } = await client.query<DatabasePart['partitions'][number]>(`
    select c.relname as name, i.inhparent::regclass::text as parent, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid
    where ${ours} and c.relispartition order by c.relname`)
  return rows
}

/** A sequence knows nothing of snapshots: what it says later is never too low. */
export async function sequencesOf(client: pg.ClientBase): Promise<DatabasePart['sequences']> {
  const { rows } = await client.query<{ name: string }>(`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind = 'S' order by c.relname`)
  const found: DatabasePart['sequences'] = []
  for (const { name } of rows) {
    const said = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${pg.escapeIdentifier(name)}`,
    )
    for (const { value, called } of said.rows) found.push({ name, value, called })
  }
  return found
}

export async function migrationsOf(client: pg.ClientBase): Promise<DatabasePart['migrations']> {
  const { rows } = await client.query<DatabasePart['migrations'][number]>(
    'select number, name, checksum from schema_migration order by number',
  )
  return rows
}

export async function foreignKeysOf(client: pg.ClientBase): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(`
    select k.conname as name, c.relname as table, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and k.contype = 'f' and k.conparentid = 0 order by c.relname, k.conname`)
  return rows
}

/** Rows that name a row of another table which is not there. */
export async function orphansOf(client: pg.ClientBase, { name, table }: ForeignKey): Promise<number> {
  const { rows } = await client.query<{ from: string; to: string; pairs: [string, string][] }>(
    `select k.conrelid::regclass::text as from, k.confrelid::regclass::text as to,
       (select array_agg(array[a.attname::text, b.attname::text] order by u.ordinality)
        from unnest(k.conkey, k.confkey) with ordinality as u(here, there)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.here
        join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.there) as pairs
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = current_schema() and k.conname = $1 and c.relname = $2`,
    [name, table],
  )
  const [key] = rows
  if (key === undefined) return 0
  const quoted = key.pairs.map(([here, there]) => [pg.escapeIdentifier(here), pg.escapeIdentifier(there)])
  const set = quoted.map(([here]) => `child.${here} is not null`).join(' and ')
  const same = quoted.map(([here, there]) => `parent.${there} = child.${here}`).join(' and ')
  const found = await client.query<{ n: number }>(
    `select count(*)::int as n from ${key.from} child where ${set} and not exists (select from ${key.to} parent where ${same})`,
  )
  return found.rows[0]?.n ?? 0
}
