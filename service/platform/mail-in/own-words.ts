/** More lines than anybody reads; what is behind them is history. */
const mostLines = 5_000
/** An attribution (“On Friday Ann wrote:”) that a program broke has at most so many lines. */
const longestAttribution = 3

const quoted = /^\s*>/
/** RFC 3676, 4.3; some programs drop the space. */
const signature = /^--\s?$/
const divider = /^\s*([-_]{20,}|-{3,}[^-\n]{3,60}-{3,})\s*$/
/** A field of the head of the mail that is answered, as Outlook and phones write it, in any language. */
const field = /^\s*\*?[\p{L}][\p{L} .-]{0,20}\s?:\*?\s+\S/u
const deviceLine =
  /^(Sent from|Get Outlook for|Sent with|Sent via|Von meinem .* gesendet|Gesendet (mit|von)|Envoy\u00e9 (de|depuis)|Enviado (desde|do)|Inviato da|Verzonden (vanaf|met)|Skickat fr\u00e5n)\b/i
/** How an attribution begins where it is not clear by what surrounds it. */
const attributionBegins = /^(On|Am|Le|El|Il|Op|Em|Den|W dniu|Dne|P\u00e5|Ons?|\d{1,4}[-./])\b/

/**
 * What a person wrote in a mail that answers another: what was quoted, the head of what was answered and the signature go.
 * What stands between or below quoted lines stays. No language is asked for: the shape tells.
 */
export function ownWords(text: string): string {
  const lines = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u2028\u2029]/g, '\n')
    // oxlint-disable-next-line no-control-regex -- what nobody can see is not kept
    .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F\u00AD\u200B\uFEFF]/g, '')
    .replaceAll('\u00A0', ' ')
    .split('\n', mostLines)
    .map((line) => line.trimEnd())
  const kept = withoutDevice(withoutQuotes(lines.slice(0, endOf(lines))))
  return kept
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

/** The line at which nothing is the writer's any more. */
function endOf(lines: readonly string[]): number {
  const at = lines.findIndex((line, index) => signature.test(line) || isHead(lines, index) || isLastWord(lines, index))
  return at === -1 ? lines.length : at
}

/** A divider before a head, or three fields in a row of which one names an address or a time. */
function isHead(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? ''
  if (divider.test(line)) return isHead(lines, nextText(lines, index + 1)) || /^\s*-{3,}[^-]+-{3,}\s*$/.test(line)
  const fields = lines.slice(index, index + 3)
  return fields.length === 3 && fields.every((each) => field.test(each)) && /@|\d:\d\d/.test(fields.join(' '))
}

/** “On Friday Ann <ann@…> wrote:” with the history unmarked behind it: some programs quote without a mark. */
function isLastWord(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? ''
  if (!attributionBegins.test(line)) return false
  const next = nextText(lines, index + 1)
  const whole = lines.slice(index, index + longestAttribution)
  const end = whole.findIndex((each) => each.endsWith(':'))
  if (end === -1 || whole.slice(0, end + 1).some((each) => each === '')) return false
  const said = whole.slice(0, end + 1).join(' ')
  // A quoted line behind it is for withoutQuotes, since words of the writer may follow.
  const behind = lines[nextText(lines, index + end + 1)] ?? ''
  return next < lines.length && isAttribution(said) && !quoted.test(behind)
}

function isAttribution(text: string): boolean {
  return text.length < 300 && text.endsWith(':') && (/<?[^\s@]+@[^\s@]+>?/.test(text) || /\d:\d\d/.test(text))
}

function nextText(lines: readonly string[], from: number): number {
  let at = from
  while (at < lines.length && lines[at] === '') at += 1
  return at
}

function withoutQuotes(lines: readonly string[]): string[] {
  const kept: string[] = []
  let inQuote = false
  for (const line of lines) {
    if (quoted.test(line)) {
      if (!inQuote) dropAttribution(kept)
      inQuote = true
    } else if (!inQuote || line !== '') {
      // A paragraph begins where a quote was.
      if (inQuote) kept.push('')
      kept.push(line)
      inQuote = false
    }
  }
  return kept
}

/** Takes the lines off that say whose words come: up to three, of which the last ends with a colon. */
function dropAttribution(kept: string[]): void {
  let end = kept.length
  while (end > 0 && kept[end - 1] === '') end -= 1
  if (!(kept[end - 1] ?? '').endsWith(':')) return
  for (let count = 1; count <= longestAttribution; count += 1) {
    const first = kept[end - count] ?? ''
    if (first === '' || quoted.test(first)) break
    const said = kept.slice(end - count, end).join(' ')
    const isWhole = attributionBegins.test(first) || (kept[end - count - 1] ?? '') === ''
    if (isWhole && isAttribution(said)) return void kept.splice(end - count)
  }
  if (isAttribution(kept[end - 1] ?? '')) kept.splice(end - 1)
}

/** “Sent from my phone” at the end. */
function withoutDevice(lines: readonly string[]): readonly string[] {
  let end = lines.length
  while (end > 0 && lines[end - 1] === '') end -= 1
  return deviceLine.test((lines[end - 1] ?? '').trim()) ? lines.slice(0, end - 1) : lines
}
