import { z } from 'zod'
import { channels, eventNames, outcomes } from './measures.ts'
import { mostEvents } from './take-in.ts'

const text = (maxLength: number, description?: string) => ({ type: 'string', maxLength, description })
const facts = {
  type: 'object',
  maxProperties: 30,
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'], maxLength: 500 },
}

/** Told to readers of the API alone: each event is checked by hand (event.ts). */
const eventSchema = {
  type: 'object',
  required: ['id', 'time', 'service', 'name'],
  additionalProperties: false,
  properties: {
    id: text(100, 'Your own: what is sent again under the same id counts once'),
    time: { type: 'string', format: 'date-time', maxLength: 40 },
    service: text(100, 'The key of the service'),
    name: text(87, `${eventNames.join(', ')}, or custom.something`),
    journey: text(100, 'Needed where the service has several'),
    step: text(100, 'The id of a step, or of an ending'),
    outcome: { enum: outcomes, description: 'Of an end, where no ending is named' },
    transaction: text(100, 'From the start to the end of one application; needed for both'),
    unit: text(256, 'Who it was: the targeting key'),
    channel: { enum: channels },
    arm: { enum: ['current', 'new'], description: 'The service that answered' },
    device: text(60),
    flags: { ...facts, description: 'The variant that the person got of each flag' },
    properties: { ...facts, description: 'Extra facts' },
  },
} as const

export const eventsBody = z.object({
  events: z
    .array(z.unknown().meta(eventSchema))
    // Told as 413, not as a field that is wrong.
    .meta({ maxItems: mostEvents })
    .describe(`At most ${mostEvents} events. Each is checked on its own.`),
})
