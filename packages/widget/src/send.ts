/** Sends one answer; tries again while the network is away. The same id every time, so that it counts once. */
export interface Answer {
  id: string
  [field: string]: string | number | undefined
}

export type Sent =
  | { kind: 'stored'; reference: string }
  | { kind: 'refused'; problems: { field: string; message: string }[]; title: string }

const kept = 'phasegate-feedback'
const waitsMs = [2e3, 5e3, 15e3, 6e4]

/** `waiting` is called once, when the first try did not get through. */
export async function send(url: string, answer: Answer, waiting: () => void): Promise<Sent> {
  for (let attempt = 0; ; attempt++) {
    const sent = await post(url, answer)
    if (sent) {
      forget(answer.id)
      return sent
    }
    if (attempt === 0) waiting()
    await online(waitsMs[Math.min(attempt, waitsMs.length - 1)] as number)
  }
}

/** Nothing when it may get through later: no network, too many at once, or the server is away. */
async function post(url: string, answer: Answer): Promise<Sent | undefined> {
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(answer),
    })
  } catch {
    return
  }
  if (response.status === 429 || response.status > 499) return
  const body = await response.json().catch(() => ({}))
  if (response.ok) return { kind: 'stored', reference: body.reference || '' }
  return { kind: 'refused', problems: body.errors || [], title: body.title || 'Your answer was not accepted' }
}

function online(waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer)
      removeEventListener('online', go)
      resolve()
    }
    const timer = setTimeout(go, waitMs)
    addEventListener('online', go)
  })
}

/** Only on the person's own word: nothing is stored in the browser otherwise. */
export function keep(answer: Answer): void {
  localStorage.setItem(kept, JSON.stringify(answer))
}

export function keptAnswer(): Answer | undefined {
  try {
    return JSON.parse(localStorage.getItem(kept) || '') as Answer
  } catch {
    return
  }
}

function forget(id: string): void {
  if (keptAnswer()?.id === id) localStorage.removeItem(kept)
}
