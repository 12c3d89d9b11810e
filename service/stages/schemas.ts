import { z } from 'zod'
import { calendarDay as day, tooLong } from '../platform/index.ts'
import { acknowledging, betaReasons } from './stages.ts'

const text = (most: number, missing: string) => z.string(missing).trim().min(1, missing).max(most, tooLong(most))
const colleague = (missing: string) => z.uuid(missing).describe('The id of an account of the team')

export const featureParams = z.object({ service: z.string().max(60), feature: z.string().max(64) })
export const testerParams = z.object({ ...featureParams.shape, tester: z.uuid() })

export const betaDecisionBody = z.object({
  takes: z.enum(['yes', 'no'], 'Choose whether it has a beta').describe('Does it go through a beta?'),
  reasons: z
    .union([z.enum(betaReasons).transform((one) => [one]), z.array(z.enum(betaReasons)).max(betaReasons.length)])
    .default([]),
  reason: text(2000, 'Say why, in a sentence'),
  growth: colleague('Choose with whom of Growth it was decided'),
  support: colleague('Choose with whom of Support it was decided'),
})

export const requestBody = z.object({ note: text(2000, 'Say what is ready, and for whom') })
export const acknowledgementBody = z.object({ role: z.enum(acknowledging, 'Choose as whom you acknowledge') })
export const planningBody = z.object({
  talkedOn: day.describe('The day on which it was talked about'),
  note: text(2000, 'Say with whom it was talked about, and what came out'),
})
export const announcementBody = z.object({
  body: text(2000, 'Say what is there, and for whom'),
  publicOn: day.describe('When it is expected to be public'),
})
export const testerBody = z.object({
  tester: colleague('Choose who tries it'),
  task: text(500, 'Say what to try'),
})
export const resultBody = z.object({
  result: z.enum(['works', 'fails'], 'Choose what came out'),
  note: z.string().trim().max(2000).default(''),
})
