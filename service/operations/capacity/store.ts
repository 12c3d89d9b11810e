import { sql } from 'kysely'
import { rowsOfEach, type Queryable, type Tx } from '../../platform/index.ts'
import type { Capacity, LoadTest, PeakForecast, SevereDefects } from './capacity.ts'

export async function capacityOf(db: Queryable, serviceId: string): Promise<Capacity> {
  return (await capacities(db, [serviceId])).get(serviceId) ?? { forecasts: [], loadTests: [], severeDefects: [] }
}

export async function capacities(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, Capacity>> {
  const forecasts = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<PeakForecast>`select per_second as "perSecond", basis, at, by_name as by from peak_forecast
      where service_id = ${id} order by id desc limit 50`,
  )
  const tests = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<LoadTest>`select id, reference, to_char(ran_on, 'YYYY-MM-DD') as "ranOn",
        reached, requests::float8 as requests, failed::float8 as failed, p95_ms as "p95Ms", link, note,
        recorded_at as "recordedAt", recorded_by as "recordedBy"
      from load_test where service_id = ${id} order by ran_on desc, recorded_at desc, id limit 200`,
  )
  const defects = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<SevereDefects>`select open, source, at, by_name as by from severe_defect_count
      where service_id = ${id} order by id desc limit 50`,
  )
  return new Map(
    serviceIds.map((id) => [
      id,
      {
        forecasts: forecasts.get(id) ?? [],
        loadTests: tests.get(id) ?? [],
        severeDefects: defects.get(id) ?? [],
      },
    ]),
  )
}

export async function insertForecast(
  tx: Tx,
  serviceId: string,
  { perSecond, basis, at, by }: PeakForecast,
): Promise<void> {
  await sql`insert into peak_forecast (service_id, per_second, basis, at, by_name)
    values (${serviceId}, ${perSecond}, ${basis}, ${at}, ${by})`.execute(tx)
}

/** Null where this reference was told before. */
export async function insertLoadTest(tx: Tx, serviceId: string, test: Omit<LoadTest, 'id'>): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into load_test (service_id, reference, ran_on, reached, requests, failed, p95_ms, link, note, recorded_at, recorded_by)
    values (${serviceId}, ${test.reference}, ${test.ranOn}::date, ${test.reached}, ${test.requests}, ${test.failed},
      ${test.p95Ms}, ${test.link}, ${test.note}, ${test.recordedAt}, ${test.recordedBy})
    on conflict (service_id, reference) do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

export async function findLoadTest(tx: Tx, serviceId: string, reference: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from load_test
    where service_id = ${serviceId} and reference = ${reference}`.execute(tx)
  return rows[0]?.id ?? null
}

export async function insertSevereDefects(
  tx: Tx,
  serviceId: string,
  { open, source, at, by }: SevereDefects,
): Promise<void> {
  await sql`insert into severe_defect_count (service_id, open, source, at, by_name)
    values (${serviceId}, ${open}, ${source}, ${at}, ${by})`.execute(tx)
}
