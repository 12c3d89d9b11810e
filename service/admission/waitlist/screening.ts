import { act, Refusal, type Context, type Record, type Tx } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import {
  countQuotas,
  deleteQuota,
  endQuestion,
  insertQuestion,
  lockQuestions,
  placeQuestion,
  putQuota,
  updateQuestion,
  type NewQuestion,
} from './store.ts'
import { mostQuestions, type Question } from './waitlist.ts'

const topic = 'admission'
const mostQuotas = 100

function asTeam<T>(
  ctx: Context,
  service: Service,
  work: (tx: Tx, record: Record, questions: Question[]) => Promise<T>,
): Promise<T> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) =>
    work(tx, record, await lockQuestions(tx, service.id)),
  )
}

export async function addQuestion(ctx: Context, service: Service, asked: NewQuestion): Promise<string> {
  return asTeam(ctx, service, async (tx, record, questions) => {
    if (questions.length >= mostQuestions) throw new Refusal('questions-enough', { most: mostQuestions })
    refuseTaken(questions, asked.name, null)
    const id = await insertQuestion(tx, service.id, asked)
    record({ action: 'admission.question-added', summary: `asks applicants about “${asked.name}”`, subject: id })
    return id
  })
}

export async function changeQuestion(
  ctx: Context,
  service: Service,
  id: string,
  to: Pick<NewQuestion, 'name' | 'question' | 'hint' | 'options' | 'required'> & { position?: number },
): Promise<void> {
  await asTeam(ctx, service, async (tx, record, questions) => {
    const before = questions.find((question) => question.id === id)
    if (before === undefined) throw new Refusal('not-found')
    refuseTaken(questions, to.name, id)
    // Nobody has to say anything about health to get a place (ADM-42).
    await updateQuestion(tx, id, { ...to, required: to.required && !before.special })
    if (to.position !== undefined) await place(tx, questions, id, to.position)
    record({ action: 'admission.question-changed', summary: `changed the question “${to.name}”`, subject: id })
  })
}

async function place(tx: Tx, questions: readonly Question[], id: string, position: number): Promise<void> {
  const others = questions.filter((question) => question.id !== id).map((question) => question.id)
  others.splice(Math.min(others.length, Math.max(0, position - 1)), 0, id)
  for (const [at, each] of others.entries()) await placeQuestion(tx, each, at + 1)
}

export async function removeQuestion(ctx: Context, service: Service, id: string): Promise<void> {
  await asTeam(ctx, service, async (tx, record, questions) => {
    const before = questions.find((question) => question.id === id)
    if (before === undefined) throw new Refusal('not-found')
    await endQuestion(tx, id, ctx.clock.now())
    const summary = `asks applicants no more about “${before.name}”; the answers are deleted`
    record({ action: 'admission.question-removed', summary, subject: id })
  })
}

function refuseTaken(questions: readonly Question[], name: string, own: string | null): void {
  if (questions.some((question) => question.id !== own && question.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal('question-name-taken', { name })
}

/** ADM-44 */
export async function setQuota(
  ctx: Context,
  service: Service,
  quota: { attribute: string; value: string; wanted: number },
): Promise<void> {
  await asTeam(ctx, service, async (tx, record) => {
    await putQuota(tx, service.id, quota)
    if ((await countQuotas(tx, service.id)) > mostQuotas) throw new Refusal('quotas-enough', { most: mostQuotas })
    const { attribute, value, wanted } = quota
    record({ action: 'admission.quota', summary: `wants ${wanted} people with “${attribute}: ${value}”` })
  })
}

export async function removeQuota(ctx: Context, service: Service, id: string): Promise<void> {
  await asTeam(ctx, service, async (tx, record) => {
    const removed = await deleteQuota(tx, service.id, id)
    if (removed === null) throw new Refusal('not-found')
    const summary = `wants no certain number any more of “${removed.attribute}: ${removed.value}”`
    record({ action: 'admission.quota-removed', summary })
  })
}
