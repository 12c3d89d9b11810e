import type { z } from 'zod'
import type { Context } from '../platform/index.ts'
import {
  acknowledgeBeta,
  announceStage,
  askForBeta,
  assignTester,
  decideBeta,
  recordPlanning,
  recordResult,
  type OfFeature,
} from './actions.ts'
import * as schemas from './schemas.ts'

/** What can be done for a feature between its gates: page and API send the same to the same place. */
export interface StageAct<S extends z.ZodType = z.ZodType> {
  path: string
  params: z.ZodType
  summary: string
  body: S
  /** Beside which field a refusal stands. */
  field: string
  /** Where it is found on the page. */
  anchor: string
  work(ctx: Context, of: OfFeature, body: z.output<S>, id: string): Promise<string | void>
}

function stageAct<S extends z.ZodType>(
  path: string,
  rest: Omit<StageAct<S>, 'path' | 'params'> & { params?: z.ZodType },
): StageAct {
  const { params = schemas.featureParams, body, work, ...words } = rest
  return { path, params, body, ...words, work: (ctx, of, sent, id) => work(ctx, of, body.parse(sent), id) }
}

export const stageActs: readonly StageAct[] = [
  stageAct('beta-decision', {
    summary: 'Decide whether it has a beta, with Growth and Support',
    body: schemas.betaDecisionBody,
    field: 'takes',
    anchor: 'beta',
    work: decideBeta,
  }),
  stageAct('beta-request', {
    summary: 'Say that it is ready for beta; Growth and Support are asked to acknowledge',
    body: schemas.requestBody,
    field: 'note',
    anchor: 'ready',
    work: askForBeta,
  }),
  stageAct('beta-acknowledgements', {
    summary: 'Acknowledge, as Growth or as Support, that it is ready for beta',
    body: schemas.acknowledgementBody,
    field: 'role',
    anchor: 'ready',
    work: acknowledgeBeta,
  }),
  stageAct('planning-records', {
    summary: 'Record that its stages were talked about in planning',
    body: schemas.planningBody,
    field: 'talkedOn',
    anchor: 'planning',
    work: recordPlanning,
  }),
  stageAct('announcements', {
    summary: 'Tell the company that it is there, and when it is to be public',
    body: schemas.announcementBody,
    field: 'publicOn',
    anchor: 'announcements',
    work: announceStage,
  }),
  stageAct('testers', {
    summary: 'Ask somebody to try it',
    body: schemas.testerBody,
    field: 'tester',
    anchor: 'testers',
    work: assignTester,
  }),
  stageAct('testers/:tester/result', {
    params: schemas.testerParams,
    summary: 'Record what came out of a test',
    body: schemas.resultBody,
    field: 'result',
    anchor: 'testers',
    work: (ctx, of, body, id) => recordResult(ctx, of, id, body),
  }),
]
