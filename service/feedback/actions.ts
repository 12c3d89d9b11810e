import { act, actorName, membersOf, Refusal, type Context } from '../platform/index.ts'
import { recordRating } from '../measures/index.ts'
import { stateNames, type Feedback, type FeedbackState } from './feedback.ts'
import { needsDecision, nextStates } from './rules.ts'
import { lockFeedback, updateFeedback, type FeedbackChange } from './store.ts'

export interface Handling {
  state?: FeedbackState | undefined
  decision?: string | undefined
  /** Account id; null for nobody. */
  assignee?: string | null | undefined
  link?: string | null | undefined
  /** Is it about access? */
  accessibility?: boolean | undefined
}

/** FEED-7: what the team does with an item: its state, the decision it ends in, who looks after it, what it led to. */
export async function handle(ctx: Context, serviceId: string, reference: string, wanted: Handling): Promise<void> {
  const deed = { permission: 'feedback.decide', service: serviceId, topic: 'feedback' } as const
  await act(ctx, deed, async (tx, record) => {
    const item = await lockFeedback(tx, serviceId, reference)
    if (item === null) throw new Refusal('not-found')
    const to = changed(ctx, item, wanted)
    if (to.assigneeId !== null && to.assigneeId !== item.assignee?.id) {
      const members = await membersOf(tx, serviceId)
      if (!members.some(({ accountId }) => accountId === to.assigneeId)) throw new Refusal('not-in-team')
    }
    await updateFeedback(tx, item.id, to)
    if (item.state === 'spam' && to.state !== 'spam' && item.rating !== null) {
      const { rating, arm, journey, ending, receivedAt } = item
      await recordRating(tx, { serviceId, rating, arm: arm ?? 'unknown', journey, ending, at: receivedAt })
    }
    record({
      action: 'feedback.handled',
      subject: item.reference,
      summary: summaryOf(item, to),
      reason: to.decision !== item.decision ? (to.decision ?? undefined) : undefined,
      detail: { from: item.state, to: to.state },
    })
  })
}

function changed(ctx: Context, item: Feedback, wanted: Handling): FeedbackChange {
  const state = wanted.state ?? item.state
  if (state !== item.state && !nextStates(item.state).includes(state)) throw new Refusal('feedback-state', { state })
  const said = wanted.decision?.trim() || null
  const decision = needsDecision(state) ? (said ?? item.decision) : null
  if (needsDecision(state) && decision === null) throw new Refusal('decision-needed')
  const isNew = decision !== null && (decision !== item.decision || state !== item.state)
  return {
    state,
    decision,
    decidedAt: isNew ? ctx.clock.now() : decision === null ? null : item.decidedAt,
    decidedBy: isNew ? actorName(ctx.actor) : decision === null ? null : item.decidedBy,
    assigneeId: wanted.assignee === undefined ? (item.assignee?.id ?? null) : wanted.assignee,
    accessibility: wanted.accessibility ?? item.accessibility,
    link: wanted.link === undefined ? item.link : wanted.link?.trim() || null,
  }
}

function summaryOf(item: Feedback, to: FeedbackChange): string {
  const parts: string[] = []
  if (to.state !== item.state) parts.push(`marked feedback ${item.reference} as ${stateNames[to.state].toLowerCase()}`)
  else if (to.decision !== item.decision) parts.push(`changed the decision on feedback ${item.reference}`)
  if (to.assigneeId !== (item.assignee?.id ?? null)) parts.push(`changed who looks after feedback ${item.reference}`)
  if (to.accessibility !== item.accessibility) {
    parts.push(`marked feedback ${item.reference} as ${to.accessibility ? '' : 'not '}about access`)
  }
  if (to.link !== item.link) parts.push(`changed what feedback ${item.reference} led to`)
  return parts.join('; ') || `looked at feedback ${item.reference}`
}
