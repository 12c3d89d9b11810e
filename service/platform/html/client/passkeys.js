const words = {
  old: 'This browser can’t use passkeys here. Choose another way.',
  none: 'No passkey was used: it was cancelled, or took too long. Try again, or choose another way.',
  twice: 'This device already has a passkey for your account.',
  away: 'That did not work: the connection may be down. Try again.',
}

/** Asks the device for a passkey when a form is sent that holds a field for one. */
export async function fill(field, submitter) {
  say(field, '')
  try {
    const credential = await ask(field.dataset.passkey, await optionsFor(field))
    field.value = JSON.stringify(credential)
    field.form.requestSubmit(submitter)
  } catch (error) {
    say(field, wordsFor(error))
  }
}

async function optionsFor(field) {
  if (field.dataset.options) return JSON.parse(field.dataset.options)
  const response = await fetch(field.dataset.optionsFrom, { method: 'POST', headers: { accept: 'application/json' } })
  const answer = await response.json()
  if (!response.ok) throw Object.assign(new Error(answer.title), { words: `${answer.title}. ${answer.detail}` })
  return answer
}

function ask(kind, options) {
  const { PublicKeyCredential: known } = window
  if (!known?.parseRequestOptionsFromJSON) throw Object.assign(new Error('old'), { words: words.old })
  return kind === 'create'
    ? navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options) })
}

function wordsFor({ words: told, name }) {
  if (told) return told
  if (name === 'InvalidStateError') return words.twice
  return name === 'TypeError' ? words.away : words.none
}

// Stands there, empty, from the beginning: what changes in it is read out.
function say(field, text) {
  document.getElementById(field.dataset.says).textContent = text
}
