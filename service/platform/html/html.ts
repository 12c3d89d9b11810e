/** A piece of markup that is safe to put into a page as it stands. Everything else is escaped. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }

  toJSON(): string {
    return this.#markup
  }
}

/** What may stand in a page: text is escaped, markup kept, lists joined; null, undefined and false show nothing. */
export type Content = Html | string | number | null | undefined | false | readonly Content[]

export type AttributeValue = string | number | boolean | null | undefined
export type Attributes = Readonly<Record<string, AttributeValue>>

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const render = (content: Content): string => {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Html) return content.toString()
  if (Array.isArray(content)) return content.map(render).join('')
  return escape(String(content))
}

/** The one way to write markup: html`<p>${text}</p>`. Interpolations inside a tag stand in double quotes. */
export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Html => {
  let markup = parts[0] ?? ''
  values.forEach((value, index) => {
    markup += render(value) + (parts[index + 1] ?? '')
  })
  return new Html(markup)
}

/** Markup that is known to be safe. Not exported from the folder: only components may vouch for markup. */
export const raw = (markup: string): Html => new Html(markup)

export const join = (parts: readonly Content[], separator: Content = ''): Html =>
  new Html(
    parts
      .filter((part) => !isNothing(part))
      .map(render)
      .join(render(separator)),
  )

export const isNothing = (content: Content): boolean => render(content) === ''

/** Attributes with a leading space; true stands alone, null, undefined and false are left out. */
export const attributes = (values: Attributes = {}): Html => {
  let markup = ''
  for (const [name, value] of Object.entries(values)) {
    if (!/^[a-zA-Z_:][\w:.-]*$/.test(name)) throw new TypeError(`Not an attribute name: ${name}`)
    if (value === null || value === undefined || value === false) continue
    markup += value === true ? ` ${name}` : ` ${name}="${escape(String(value))}"`
  }
  return new Html(markup)
}

export const classes = (...names: readonly (string | null | undefined | false)[]): string =>
  names.filter((name) => name).join(' ')
