import { z } from 'zod'

/** A share of people in an API, in percent; kept in thousandths of a percent, so that what is finer is refused, not rounded. */
export const sharePercent = z
  .number()
  .min(0)
  .max(100)
  .multipleOf(0.001, 'Give a percentage from 0 to 100, in steps of 0.001')
