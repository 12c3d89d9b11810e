import { createHash } from 'node:crypto'
import PostalMime, { type Email } from 'postal-mime'
import { isThreadId } from '../mail/thread-id.ts'
import type { Letter } from './desk.ts'
import { wordsOfHtml } from './html-words.ts'
import { ownWords } from './own-words.ts'

/** Nobody's mail program goes so deep; a mail inside a mail is an attachment. */
const limits = { maxNestingDepth: 20, maxHeadersSize: 131_072, forceRfc822Attachments: true }

/** What is behind that is no more read: nobody writes so much, and history stands below. */
const longestText = 200_000
const longestHtml = 1_000_000

/** Null for what no person wrote, and for what came back to us. Throws where it is no mail. */
export async function readLetter(raw: Buffer, domain: string): Promise<Letter | null> {
  const mail = await PostalMime.parse(raw, limits)
  if (isAutomatic(mail) || isThreadId(domain, mail.messageId ?? '')) return null
  const { from } = mail
  return {
    id: mail.messageId?.trim() || createHash('sha256').update(raw).digest('hex'),
    from: (from?.address ?? '').toLowerCase(),
    words: ownWords(textOf(mail).slice(0, longestText)),
    // Pictures that a signature shows inside the text are no files that somebody wanted to send.
    attachments: mail.attachments.filter(({ related }) => related !== true).length,
  }
}

function textOf({ text = '', html = '' }: Email): string {
  return text.trim() === '' ? wordsOfHtml(html.slice(0, longestHtml)) : text
}

/** RFC 3834: out of office, delivery reports, lists, other programs. */
function isAutomatic({ headers }: Email): boolean {
  return headers.some(({ key, value }) => {
    const word = value.trim().toLowerCase()
    if (key === 'auto-submitted') return !/^no\b/.test(word)
    if (key === 'precedence') return /^(bulk|junk|list|auto_reply)\b/.test(word)
    if (key === 'content-type') return word.startsWith('multipart/report')
    return key === 'list-id' || key === 'x-autoreply' || key === 'x-autorespond'
  })
}
