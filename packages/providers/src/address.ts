/** The address of Phasegate, without a slash at its end. Throws a RangeError where it is none. */
export function addressOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new RangeError(`url is the address of Phasegate, such as https://beta.example.org, not “${url}”`)
  return url.replace(/\/$/, '')
}
