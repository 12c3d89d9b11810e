/**
 * HOOK-6: words of ours or of a team in a chat message: text, whatever they hold. Slack and Mattermost read `<url|label>`,
 * `<!channel>`, `@here` and `[label](url)`; a zero-width space takes the meaning away and leaves the looks.
 */
export function chatText(words: string): string {
  return words
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('|', '¦')
    .replaceAll(/([@*_~`[\]])/g, '$1\u200B')
    .replaceAll(/:\/\//g, ':\u200B//')
}

/** A link of our own: the address comes from the configuration and a key, the label is text. */
export function chatLink(url: string, label: string): string {
  return `<${encodeURI(url)}|${chatText(label)}>`
}
