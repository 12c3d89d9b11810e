/** As a sentence begins: “critical” is “Critical”. */
export function asSentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** As it goes on behind a colon: “Enter a cap” is “enter a cap”. */
export function asClause(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
