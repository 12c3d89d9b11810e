const inOneRound = 4
/** While people come, only every so many rounds are spent on what is long. */
const roundsApart = 4

/**
 * GW-38: Node takes one new connection in each round of its loop. A hundred long answers that all went on in each of them
 * would make the rounds so long that whoever comes waits for seconds: they go on by turns, and seldom while others come.
 */
export interface Turns {
  take(goOn: () => void): void
  /** Somebody new came in this round. */
  somebodyCame(): void
}

export function openTurns(): Turns {
  const waiting: (() => void)[] = []
  let isDue = false
  let came = false
  let round = 0

  function spend(): void {
    round += 1
    const most = !came ? inOneRound : round % roundsApart === 0 ? 1 : 0
    came = false
    for (const goOn of waiting.splice(0, most)) goOn()
    isDue = waiting.length > 0
    if (isDue) setImmediate(spend)
  }

  return {
    take(goOn) {
      waiting.push(goOn)
      if (isDue) return
      isDue = true
      setImmediate(spend)
    },
    somebodyCame() {
      came = true
    },
  }
}
