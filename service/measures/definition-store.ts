import { sql } from 'kysely'
import { act, actorName, Refusal, type Context } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { currentDefinition, formulaOf, type Kpi } from './kpis.ts'
import { hourMs } from './measures.ts'
import { storedDefinitions } from './definition-reads.ts'

/** P5: another formula from this hour on. What was measured before keeps its own; the two series are never joined. */
export async function changeFormula(
  ctx: Context,
  service: Pick<Service, 'id'>,
  kpi: Kpi,
  to: { formula: string; reason: string },
): Promise<void> {
  const formula = kpi.formulas.find(({ id }) => id === to.formula)
  if (formula === undefined) throw new Refusal('formula-unknown')
  await act(ctx, { permission: 'measures.edit', service: service.id, topic: 'measures' }, async (tx, record) => {
    await sql`select 1 from service where id = ${service.id} for update`.execute(tx)
    const current = currentDefinition(kpi, await storedDefinitions(tx, service.id))
    if (current.formula.id === formula.id) throw new Refusal('formula-same')
    const now = ctx.clock.now()
    // Sums are by hour, so a series ends and begins on the hour.
    const from = new Date(Math.floor(now.getTime() / hourMs) * hourMs)
    await sql`
      insert into kpi_definition (service_id, kpi, version, formula, from_at, changed_at, changed_by, reason)
      values (${service.id}, ${kpi.id}, ${current.version + 1}, ${formula.id}, ${from}, ${now}, ${actorName(ctx.actor)}, ${to.reason})`.execute(
      tx,
    )
    record({
      action: 'measures.definition-changed',
      subject: kpi.id,
      summary: `changed the definition of ${kpi.name.toLowerCase()} from “${formulaOf(kpi, current.formula.id).name}” to “${formula.name}” (version ${current.version + 1})`,
      reason: to.reason,
    })
  })
}

export async function setTarget(ctx: Context, service: Pick<Service, 'id'>, kpi: Kpi, target: number): Promise<void> {
  await act(ctx, { permission: 'measures.edit', service: service.id, topic: 'measures' }, async (tx, record) => {
    await sql`
      insert into kpi_target (service_id, kpi, target, set_at, set_by)
      values (${service.id}, ${kpi.id}, ${target}, ${ctx.clock.now()}, ${actorName(ctx.actor)})
      on conflict (service_id, kpi) do update set target = excluded.target, set_at = excluded.set_at, set_by = excluded.set_by`.execute(
      tx,
    )
    record({
      action: 'measures.target-set',
      subject: kpi.id,
      summary: `set the target of ${kpi.name.toLowerCase()} to ${target}`,
    })
  })
}
