import { z } from 'zod'

const says = 'Enter an email address in the correct format, like name@example.org'

/** An email address as people type it. Whether it exists is known when a mail arrives. */
export const emailAddress = z
  .string()
  .trim()
  .max(254, says)
  .regex(/^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/, says)
