import { z } from 'zod'

/** Scheme, host and port of a page, as browsers say it. */
export const webOrigin = z
  .string()
  .trim()
  .max(200)
  .refine(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value,
    'Enter scheme and host, such as https://app.example.org',
  )

/** One a line. */
export const webOrigins = z
  .string()
  .max(5000)
  .transform((text) => text.split(/\s+/).filter((line) => line !== ''))
  .pipe(z.array(webOrigin).max(20))
