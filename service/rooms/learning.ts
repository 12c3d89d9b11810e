import { act, actorName, Refusal, type Context } from '../platform/index.ts'
import { answerUnknown, closeDefect, insertDefect, insertNeedCheck, insertUnknown } from './learning-store.ts'
import { needWords, type Defect, type NeedCheck, type Place } from './room.ts'
import { isPossible } from './rules.ts'

const edit = ({ service }: Place) => ({ permission: 'rooms.write', service: service.id, topic: 'rooms' }) as const

/** ROOM-9: what the beta is to find out. */
export async function askUnknown(ctx: Context, place: Place, question: string): Promise<string> {
  const { feature } = place
  return act(ctx, edit(place), async (tx, record) => {
    const id = await insertUnknown(tx, feature.id, { question, at: ctx.clock.now(), by: actorName(ctx.actor) })
    record({ action: 'beta.unknown', summary: `asked what the beta of “${feature.name}” is to find out`, subject: id })
    return id
  })
}

export async function answer(ctx: Context, place: Place, id: string, words: string): Promise<void> {
  const { feature } = place
  await act(ctx, edit(place), async (tx, record) => {
    const said = { answer: words, at: ctx.clock.now(), by: actorName(ctx.actor) }
    const question = await answerUnknown(tx, feature.id, id, said)
    if (question === null) throw new Refusal('not-found')
    record({
      action: 'beta.answered',
      summary: `answered “${question}” for the beta of “${feature.name}”`,
      subject: id,
    })
  })
}

/** ROOM-9: did we misread the need? It can be answered again; the last answer holds, the others stay. */
export async function checkNeed(
  ctx: Context,
  place: Place,
  { answer: said, because }: Pick<NeedCheck, 'answer' | 'because'>,
): Promise<void> {
  const { feature } = place
  await act(ctx, edit(place), async (tx, record) => {
    const check = { answer: said, because, at: ctx.clock.now(), by: actorName(ctx.actor) }
    await insertNeedCheck(tx, feature.id, check)
    record({
      action: 'beta.need',
      summary: `answered whether the need behind “${feature.name}” was misread: ${needWords[said].toLowerCase()}`,
      reason: because,
      subject: feature.id,
      detail: { key: feature.key, answer: said },
    })
  })
}

/** ROOM-10: with the stage that found it and the stage that brought it in. */
export async function reportDefect(
  ctx: Context,
  place: Place,
  wanted: Pick<Defect, 'title' | 'severity' | 'foundIn' | 'introducedIn'> & { link?: string | undefined },
): Promise<string> {
  if (!isPossible(wanted)) throw new Refusal('found-before-introduced')
  const { feature } = place
  return act(ctx, edit(place), async (tx, record) => {
    const found = { link: null, ...wanted, foundAt: ctx.clock.now(), foundBy: actorName(ctx.actor) }
    const id = await insertDefect(tx, feature.id, { ...found, link: wanted.link ?? null })
    const detail = {
      key: feature.key,
      severity: wanted.severity,
      foundIn: wanted.foundIn,
      introducedIn: wanted.introducedIn,
    }
    record({ action: 'beta.defect', summary: `reported a defect of “${feature.name}”`, subject: id, detail })
    return id
  })
}

export async function mend(ctx: Context, place: Place, id: string): Promise<void> {
  const { feature } = place
  await act(ctx, edit(place), async (tx, record) => {
    const title = await closeDefect(tx, feature.id, id, { at: ctx.clock.now(), by: actorName(ctx.actor) })
    if (title === null) throw new Refusal('not-found')
    record({ action: 'beta.defect-closed', summary: `closed the defect “${title}” of “${feature.name}”`, subject: id })
  })
}
