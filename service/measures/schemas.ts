import { z } from 'zod'
import { mostEvents } from './take-in.ts'

export const eventsBody = z.object({
  events: z
    .array(z.unknown())
    // Told as 413, not as a field that is wrong.
    .meta({ maxItems: mostEvents })
    .describe(
      `At most ${mostEvents} events: { id, time, service, name, journey?, step?, outcome?, transaction?, unit?, channel?, arm?, flags?, device?, properties? }. Each is checked on its own.`,
    ),
})
