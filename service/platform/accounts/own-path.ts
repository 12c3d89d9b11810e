/** Only paths of our own: an address elsewhere after sign-in would be a gift to phishers. */
export function ownPath(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[^\p{Cc}]*$/u.test(to) ? to : '/'
}
