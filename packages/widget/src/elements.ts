type Attributes = Record<string, string>

/** An element with attributes and children. Text goes in as text, never as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const name in attributes) element.setAttribute(name, attributes[name] as string)
  element.append(...children)
  return element
}

export function button(text: string, act: () => void, quiet = true): HTMLButtonElement {
  const element = h('button', { type: 'button', class: quiet ? 'pgw-button pgw-quiet' : 'pgw-button' }, text)
  element.onclick = act
  return element
}
