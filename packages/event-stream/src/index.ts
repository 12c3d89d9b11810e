/** Longer than any snapshot; what is longer is no event of ours. */
const longestEvent = 512 * 1024 * 1024

/**
 * Reads server-sent events from pieces of text, cut anywhere. Comments, ids and `retry` are passed over. Throws where one
 * event is longer than 512 MiB.
 * Source: WHATWG HTML, 9.2.6 "Interpreting an event stream".
 *
 * @example const read = eventReader((name, data) => …); for await (const piece of pieces) read(piece)
 */
export function eventReader(onEvent: (name: string, data: string) => void): (piece: string) => void {
  let parts: string[] = []
  let size = 0
  let name = 'message'
  let data: string[] = []

  function line(text: string): void {
    if (text === '') {
      if (data.length > 0) onEvent(name, data.join('\n'))
      name = 'message'
      data = []
    } else if (text.startsWith('event:')) name = text.slice(6).trim()
    else if (text.startsWith('data:')) data.push(text.slice(text[5] === ' ' ? 6 : 5))
  }

  return (piece) => {
    const lines = piece.split('\n')
    for (const [index, part] of lines.entries()) {
      parts.push(part)
      size += part.length
      if (size > longestEvent) throw new Error('An event of the stream is too long')
      if (index < lines.length - 1) {
        // A cut can fall between the two characters that end a line.
        line(parts.join('').replace(/\r$/, ''))
        parts = []
        size = 0
      }
    }
  }
}
